"""Vectors 19, 20, 25: the federation endpoint and the page behind it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from app.local.aws.console.destination import read_destination
from tests.local.aws.bench import EVERYTHING, PRODUCTION, Bench
from tests.local.aws.test_vectors_names import chained_client, open_role
from tests.patience import until

S3_PAGE = "https://console.aws.amazon.com/s3/buckets/productionapp?region=eu-west-1"


def session_of(credentials: dict[str, Any]) -> str:
    names = {"sessionId": "AccessKeyId", "sessionKey": "SecretAccessKey", "sessionToken": "SessionToken"}
    return json.dumps({name: credentials[field] for name, field in names.items()})


def ask(bench: Bench, credentials: dict[str, Any], **more: str) -> requests.Response:
    form = {"Action": "getSigninToken", "Session": session_of(credentials), **more}
    return requests.post(f"{bench.aws.url}/federation", data=form, timeout=60)


def log_in(bench: Bench, token: str, browser: requests.Session | None = None, **more: str) -> requests.Response:
    query = {"Action": "login", "Issuer": "https://aws.example.com/", "Destination": S3_PAGE, "SigninToken": token}
    visit = browser or requests.Session()
    return visit.get(f"{bench.aws.url}/federation", params=query | more, timeout=60)


def role_credentials(bench: Bench, **more: Any) -> dict[str, Any]:
    role = bench.saml_role("UpdateApp", EVERYTHING, seconds=43_200)
    found: dict[str, Any] = bench.with_saml(role, bench.assertion(role, **more))["Credentials"]
    return found


def test_vector_19_a_duration_is_for_first_role_sessions_only(bench: Bench) -> None:
    assert ask(bench, role_credentials(bench), SessionDuration="3600").status_code == 200
    federated = bench.client("sts").get_federation_token(Name="alice")["Credentials"]
    open_role(bench, "First")
    open_role(bench, "Second")
    chained = chained_client(bench).assume_role(
        RoleArn=f"arn:aws:iam::{PRODUCTION}:role/Second", RoleSessionName="alice"
    )["Credentials"]
    for credentials in (federated, chained):
        assert ask(bench, credentials, SessionDuration="3600").status_code == 400
        answer = ask(bench, credentials)
        assert answer.status_code == 200
        assert list(answer.json()) == ["SigninToken"]


@pytest.mark.parametrize("seconds", ["899", "43201", "43200", "soon", "", "-900", "3600.0"])
def test_vector_19_durations_out_of_bounds_or_at_the_roles_limit(bench: Bench, seconds: str) -> None:
    answer = ask(bench, role_credentials(bench), SessionDuration=seconds)
    assert answer.status_code == 400
    assert "text/html" in answer.headers["Content-Type"]


def test_session_tokens_and_long_term_keys_open_no_console(bench: Bench) -> None:
    user = bench.client("sts").get_session_token()["Credentials"]
    assert ask(bench, user).status_code == 400
    key = bench.aws.operator(PRODUCTION)
    plain = {"AccessKeyId": key["aws_access_key_id"], "SecretAccessKey": key["aws_secret_access_key"]}
    assert ask(bench, plain | {"SessionToken": ""}).status_code == 400


def test_credentials_that_do_not_belong_together(bench: Bench) -> None:
    good = role_credentials(bench)
    for field in ("AccessKeyId", "SecretAccessKey", "SessionToken"):
        assert ask(bench, good | {field: good[field][:-4] + "AAAA"}).status_code == 400


@pytest.mark.parametrize("session", ["", "{", "[]", '{"sessionId": 1}', "{'sessionId': 'x'}", "null"])
def test_a_session_that_is_no_json(bench: Bench, session: str) -> None:
    answer = requests.post(
        f"{bench.aws.url}/federation", data={"Action": "getSigninToken", "Session": session}, timeout=60
    )
    assert answer.status_code == 400


def test_vector_20_a_sign_in_address_lives_fifteen_minutes(bench: Bench) -> None:
    credentials = role_credentials(bench)

    def status(age: int) -> int:
        """Of one that is so many seconds old, and older by what this machine takes."""
        bench.aws.turn(clock_offset_seconds=0)
        token = ask(bench, credentials).json()["SigninToken"]
        bench.aws.turn(clock_offset_seconds=age)
        return log_in(bench, token).status_code

    until(lambda: status(14 * 60 + 59) == 200)
    assert status(15 * 60 + 2) == 400


def test_the_page_says_who_came_in(bench: Bench) -> None:
    aws = {"PrincipalTag:Team": ["payments"], "SourceIdentity": ["alice"]}
    s3 = bench.client("s3")
    s3.create_bucket(Bucket="productionapp")
    s3.put_object(Bucket="productionapp", Key="app.txt", Body=b"one")
    token = ask(bench, role_credentials(bench, aws=aws)).json()["SigninToken"]
    page = log_in(bench, token)
    assert page.url.startswith(f"{bench.aws.url}/console/s3/buckets/productionapp?region=eu-west-1")
    soup = BeautifulSoup(page.text, "html.parser")
    shown = {str(node["data-field"]): node.get_text() for node in soup.select("[data-field]")}
    assert shown["account"] == PRODUCTION
    assert (shown["role"], shown["session-name"], shown["source-identity"]) == ("UpdateApp", "alice", "alice")
    assert (shown["service"], shown["region"], shown["destination"]) == ("S3", "eu-west-1", S3_PAGE)
    assert "payments" in shown["tags"]
    assert "app.txt" in page.text
    assert [link["href"] for link in soup.select("a.button")] == ["https://aws.example.com/"]


def test_a_role_that_may_not_list_sees_why(bench: Bench) -> None:
    bench.client("s3").create_bucket(Bucket="productionapp")
    role = bench.saml_role("Nothing")
    token = ask(bench, bench.with_saml(role)["Credentials"]).json()["SigninToken"]
    assert "AccessDenied" in log_in(bench, token).text


def test_the_console_ends_with_the_session_and_shows_the_way_back(bench: Bench) -> None:
    browser = requests.Session()
    token = ask(bench, role_credentials(bench)).json()["SigninToken"]
    page = log_in(bench, token, browser).url
    assert browser.get(page, timeout=60).status_code == 200
    bench.aws.turn(clock_offset_seconds=3_601)
    ended = browser.get(page, timeout=60)
    assert ended.status_code == 401
    assert "https://aws.example.com/" in ended.text


def test_signing_out_takes_a_post_and_then_nothing_is_left(bench: Bench) -> None:
    browser = requests.Session()
    page = log_in(bench, ask(bench, role_credentials(bench)).json()["SigninToken"], browser).url
    assert browser.get(f"{bench.aws.url}/console/signout", timeout=60).status_code == 405
    assert browser.post(f"{bench.aws.url}/console/signout", timeout=60).status_code == 200
    assert browser.get(page, timeout=60).status_code == 401


@pytest.mark.parametrize(
    "destination",
    [
        "https://evil.test/",
        "http://console.aws.amazon.com/",
        "https://console.aws.amazon.com.evil.test/",
        "https://console.aws.amazon.com@evil.test/",
        "https://evil.test\\.console.aws.amazon.com/",
        "https://console.aws.amazon.com:8443/",
        "https://evilconsole.aws.amazon.com/",
        "//console.aws.amazon.com/",
        "javascript:alert(1)",
        "https://console.amazonaws.cn/",
        "",
    ],
)
def test_destinations_that_are_no_console(bench: Bench, destination: str) -> None:
    token = ask(bench, role_credentials(bench)).json()["SigninToken"]
    assert log_in(bench, token, Destination=destination).status_code == 400


@pytest.mark.parametrize(
    ("destination", "service", "region"),
    [
        ("https://console.aws.amazon.com/", "console", ""),
        ("https://eu-west-1.console.aws.amazon.com/ec2/home#Instances:", "ec2", "eu-west-1"),
        ("https://111111111111-abcdefgh.us-east-1.console.aws.amazon.com/s3/home", "s3", "us-east-1"),
    ],
)
def test_destinations_that_are(destination: str, service: str, region: str) -> None:
    found = read_destination(destination, "aws")
    assert found is not None
    assert (found.url, found.service, found.region) == (destination, service, region)


def test_an_issuer_that_is_a_script_never_becomes_a_link(bench: Bench) -> None:
    token = ask(bench, role_credentials(bench)).json()["SigninToken"]
    page = log_in(bench, token, Issuer="javascript:alert(1)")
    assert page.status_code == 200
    assert "javascript:" not in page.text


def test_vector_25_a_session_token_of_six_kibibytes(bench: Bench) -> None:
    bench.aws.turn(session_token_bytes=6_144)
    credentials = role_credentials(bench)
    assert len(credentials["SessionToken"]) >= 6_144
    assert bench.client("sts", credentials).get_caller_identity()
    assert ask(bench, credentials).status_code == 200


def test_secrets_never_reach_the_call_log(bench: Bench) -> None:
    credentials = role_credentials(bench)
    token = ask(bench, credentials).json()["SigninToken"]
    log_in(bench, token)
    log = requests.get(f"{bench.aws.url}/_local/calls", timeout=60).text
    assert credentials["AccessKeyId"] in log
    for secret in (credentials["SecretAccessKey"], credentials["SessionToken"], token):
        assert secret not in log
