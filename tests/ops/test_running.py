"""A gateway of four workers: edited, flooded, measured."""

from __future__ import annotations

import json
import re
import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.ops.conftest import Running

SWITCHED_OFF = ('id = "northwind"', 'id = "northwind"\nenabled = false')


def test_after_a_rotation_every_worker_takes_the_new_key_and_one_fetch_was_enough(running: Running) -> None:
    before = running.op.hits["/jwks"]
    running.op.keys = {"k2": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
    for _ in range(24):
        running.arrive()
    assert running.op.hits["/jwks"] == before + 1


def test_a_flood_of_invented_keys_is_no_flood_at_the_provider(running: Running) -> None:
    """Measured over all workers, right after an honest rotation has used up the minute's one fetch."""
    before = running.op.hits["/jwks"]

    def post(number: int) -> int:
        token = running.op.logout_token({"kid": secrets.token_hex(8)}, sub="sub-1")
        told = {"X-Forwarded-For": f"198.51.100.{number % 250 + 1}"}
        answer = requests.post(
            f"{running.url}/signin/northwind/logout", data={"logout_token": token}, headers=told, timeout=60
        )
        return answer.status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = set(pool.map(post, range(200)))
    assert statuses == {400}
    assert running.op.hits["/jwks"] - before <= 1


def test_a_provider_that_is_switched_off_stops_at_once_in_every_worker(edited: Running) -> None:
    somebody = edited.arrive()
    assert edited.many("/", somebody) == {200}
    edited.write(edited.text.replace(*SWITCHED_OFF))
    assert edited.many("/signin/northwind") == {404}
    assert edited.many("/signin/northwind/callback?state=x&code=y") == {404}
    assert edited.many("/", somebody) == {303}
    assert 'fedgate_provider_enabled{provider="northwind"}' in edited.metrics()
    assert edited.metrics()['fedgate_provider_enabled{provider="northwind"}'] == 0


def test_an_answer_under_way_is_not_taken_any_more(edited: Running) -> None:
    http = requests.Session()
    leaving = http.get(f"{edited.url}/signin/northwind", allow_redirects=False, timeout=60)
    edited.write(edited.text.replace(*SWITCHED_OFF))
    arriving = http.get(
        f"{edited.url}/signin/northwind/callback", params=edited.op.visit(leaving.headers["Location"]), timeout=60
    )
    assert arriving.status_code == 404


def test_a_provider_that_was_put_in_is_there_without_a_restart(edited: Running) -> None:
    workers = edited.gateway.workers()
    assert edited.many("/signin/corp-two/metadata") == {404}
    edited.write(
        edited.text + edited.text[edited.text.index('[[provider]]\nid = "corp"') :].replace('corp"', 'corp-two"')
    )
    assert edited.many("/signin/corp-two/metadata") == {200}
    assert edited.gateway.workers() == workers


def test_a_broken_edit_changes_nothing_and_is_told(edited: Running) -> None:
    edited.write(edited.text + '[[provider]]\nid = "third"\nkind = "saml"\n')
    edited.arrive()
    assert edited.checks()["gateway_file"] == "using the last good file; the log says why"
    assert requests.get(f"{edited.url}/readyz", timeout=60).status_code == 200
    assert "provider[3].metadata: is required" in edited.gateway.log.read_text("utf-8")
    page = edited.arrive().get(f"{edited.url}/admin/providers", timeout=60).text
    assert "provider[3].metadata: is required" in page


def test_what_waits_for_a_restart_is_told(edited: Running) -> None:
    edited.write(edited.text.replace("admins = [", 'aws_principal = "arn:aws:iam::111111111111:user/x"\nadmins = ['))
    assert edited.checks()["gateway_file"] == "changed, and waits for a restart: aws_principal"


def test_the_page_of_the_providers_shows_how_they_stand(running: Running) -> None:
    page = running.arrive().get(f"{running.url}/admin/providers", timeout=60)
    assert page.status_code == 200
    for shown in (running.op.issuer, "k2", "fetched", f"{running.url}/signin/corp/metadata", "days left"):
        assert shown in page.text, shown
    assert running.op.client_secret not in page.text


def test_the_page_of_the_providers_is_for_administrators_only(running: Running) -> None:
    groups = running.op.person["groups"]
    running.op.person["groups"] = ["everyone"]
    try:
        somebody = running.arrive()
    finally:
        running.op.person["groups"] = groups
    assert somebody.get(f"{running.url}/admin/providers", timeout=60).status_code == 403
    nobody = requests.get(f"{running.url}/admin/providers", allow_redirects=False, timeout=60)
    assert nobody.status_code == 303


def test_the_workers_count_together(running: Running) -> None:
    counted = 'fedgate_signins_total{outcome="accepted",provider="northwind"}'
    before = running.metrics()[counted]
    for _ in range(12):
        running.arrive()
    after = running.metrics()
    assert after[counted] == before + 12
    assert after['fedgate_sessions_total{change="opened",door="browser"}'] == after[counted]
    assert (
        after['fedgate_request_seconds_count{method="GET",route="/signin/<provider_id>/callback",status="3xx"}'] >= 12
    )


def test_what_was_refused_is_counted_by_its_reason(running: Running) -> None:
    requests.get(f"{running.url}/signin/northwind/callback?state=none&code=none", timeout=60)
    found = running.metrics()
    assert found['fedgate_signins_total{outcome="signin.state",provider="northwind"}'] >= 1
    assert found['fedgate_refusals_total{code="sign_in_refused"}'] >= 1
    assert found['fedgate_provider_fetches_total{outcome="ok",provider="northwind",what="keys"}'] >= 4
    assert found['fedgate_provider_copy_age_seconds{provider="northwind",what="keys"}'] >= 0
    assert any(name.startswith('fedgate_certificate_expiry_timestamp_seconds{owner="corp, signing"') for name in found)


def test_no_label_holds_a_person_an_address_or_what_somebody_typed(running: Running) -> None:
    somebody = running.arrive()
    for path in ("/console/999999999999/UpdateApp", "/signin/pasted-secret-0123", "/pasted-secret-0123"):
        somebody.get(f"{running.url}{path}", allow_redirects=False, timeout=60)
    requests.request("PASTED", running.url, timeout=60)
    found = "\n".join(running.metrics())
    for word in ("person-", "sub-", "203.0.113", "pasted", "PASTED", "UpdateApp"):
        assert word not in found, word
    assert not re.search(r"\d{12}", found)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer another-token-of-the-same-length"},
        {"Authorization": "Basic a-token-for-the-one-that-scrapes"},
        {"Authorization": "Bearer "},
        {"X-Forwarded-For": "127.0.0.1"},
    ],
)
def test_without_the_token_there_is_no_such_page(running: Running, headers: dict[str, str]) -> None:
    program = {"Accept": "application/json", **headers}
    answer = requests.get(f"{running.url}/metrics", headers=program, timeout=60)
    nothing = requests.get(f"{running.url}/nothing", headers=program, timeout=60)
    assert answer.status_code == nothing.status_code == 404
    assert {**answer.json(), "reference": ""} == {**nothing.json(), "reference": ""}


def test_a_certificate_that_ends_soon_is_told_of_and_stops_nobody(running: Running) -> None:
    """Four workers know; the log says it once."""
    answer = requests.get(f"{running.url}/readyz", timeout=60)
    assert answer.status_code == 200
    assert re.fullmatch(r"corp, signing, [0-9a-f]{12}: 5 days left", answer.json()["checks"]["certificates"])
    lines = [line for line in running.gateway.log.read_text("utf-8").splitlines() if "certificate of corp" in line]
    assert [json.loads(line)["level"] for line in lines] == ["error"]
