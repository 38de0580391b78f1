"""Sign-ins of AWS's tools on the wire: what a code is bound to, and what comes of one that is in other hands."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest
import requests
from bs4 import BeautifulSoup

from tests.native.desk import CALLBACK, DEVICE, TOOL_HEADER, Pkce, Wire, device_page, sign_in
from tests.office import Office, page_of
from tests.servers.browser import Browser, User


def kind(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.headers.get("x-amzn-ErrorType", "")


def begin(wire: Wire, client: dict[str, str]) -> dict[str, str]:
    known = {"clientId": client["clientId"], "clientSecret": client["clientSecret"]}
    answer = wire.post("/device_authorization", {**known, "startUrl": "https://fedgate.awsapps.com/start"})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_device_code_is_worth_nothing_without_the_secret_of_who_began(office: Office, wire: Wire) -> None:
    client = wire.register()
    begun = begin(wire, client)
    device_page(office, office.arrive("alice"), begun["verificationUriComplete"], "yes")
    thief = wire.token(wire.register(), grantType=DEVICE, deviceCode=begun["deviceCode"])
    assert kind(thief) == (400, "InvalidGrantException")
    owner = wire.token(client, grantType=DEVICE, deviceCode=begun["deviceCode"])
    assert kind(owner) == (400, "InvalidGrantException")  # it was seen by somebody else, and so it is spent


def test_who_polls_as_fast_as_they_can_is_told_to_slow_down(wire: Wire) -> None:
    client = wire.register()
    code = begin(wire, client)["deviceCode"]
    errors = [wire.token(client, grantType=DEVICE, deviceCode=code).json()["error"] for _ in range(4)]
    assert errors == ["authorization_pending"] * 3 + ["slow_down"]


def test_a_person_who_declines_is_heard(office: Office, wire: Wire) -> None:
    client = wire.register()
    begun = begin(wire, client)
    page = device_page(office, office.arrive("alice"), begun["verificationUriComplete"], "no")
    assert "Declined" in page.text
    answer = wire.token(client, grantType=DEVICE, deviceCode=begun["deviceCode"])
    assert (kind(answer), answer.json()["error"]) == ((400, "AccessDeniedException"), "access_denied")


def test_the_question_says_that_it_is_an_aws_tool(office: Office, wire: Wire) -> None:
    begun = begin(wire, wire.register(clientName="fedgate <b>"))
    browser = office.arrive("alice")
    page = page_of(browser.open(begun["verificationUriComplete"]))
    hidden = BeautifulSoup(page.text, "html.parser").select('form[action="/device"] input')
    page = page_of(
        browser.post(f"{office.url}/device", {str(t["name"]): str(t.get("value")) for t in hidden}, office.url)
    )
    text = " ".join(BeautifulSoup(page.text, "html.parser").get_text(" ").split())
    assert "Program An AWS tool, with the code" in text
    assert "Calls itself AWS tool Began" in text, "markup is no name"


def test_a_code_needs_its_verifier_and_its_address(office: Office, wire: Wire) -> None:
    browser = office.arrive("alice")
    for change in ({"codeVerifier": "x" * 64}, {"redirectUri": "http://127.0.0.1:40706/oauth/callback"}):
        login = Pkce.of(wire)
        code = login.answer(browser)["code"]
        assert kind(login.redeem(code, **change)) == (400, "InvalidGrantException")
        assert kind(login.redeem(code)) == (400, "InvalidGrantException")  # one attempt


def test_what_a_code_brought_ends_when_the_code_comes_again(office: Office, wire: Wire) -> None:
    login = Pkce.of(wire)
    code = login.answer(office.arrive("alice"))["code"]
    token = login.redeem(code).json()["accessToken"]
    assert wire.get("/assignment/accounts", token).ok
    assert kind(login.redeem(code)) == (400, "InvalidGrantException")
    assert kind(wire.get("/assignment/accounts", token)) == (401, "UnauthorizedException")


def test_the_answer_goes_to_the_loopback_with_its_state_and_a_no_brings_no_code(office: Office, wire: Wire) -> None:
    login, browser = Pkce.of(wire), office.arrive("alice")
    assert login.answer(browser)["state"] == "0cf1c9c2-9d2b-4f4e-9d0c-b5a3a2a7d9e1"
    declined = login.answer(browser, "no")
    assert declined["error"] == "access_denied"
    assert "code" not in declined


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"redirect_uri": "https://evil.example/oauth/callback"}, id="another host"),
        pytest.param({"redirect_uri": "http://127.0.0.1.evil.example:1/oauth/callback"}, id="a host that begins alike"),
        pytest.param({"redirect_uri": "http://127.0.0.1:1@evil.example/oauth/callback"}, id="a host behind a name"),
        pytest.param({"redirect_uri": "http://localhost:1/oauth/callback"}, id="a name"),
        pytest.param({"redirect_uri": "http://127.0.0.1:1/other"}, id="another path"),
        pytest.param({"redirect_uri": "http://127.0.0.1:1/oauth/callback?x=1"}, id="a query"),
        pytest.param({"redirect_uri": "http://127.0.0.1:99999/oauth/callback"}, id="no port"),
        pytest.param({"redirect_uri": "http://127.0.0.1/oauth/callback"}, id="without a port"),
        pytest.param({"code_challenge_method": "plain"}, id="a verifier in the open"),
        pytest.param({"code_challenge": ""}, id="no challenge"),
        pytest.param({"code_challenge": "a" * 43 + "\n"}, id="a challenge with a line break"),
        pytest.param({"client_id": "arn:aws:sso::123"}, id="a client of another"),
        pytest.param({"client_id": "fedgate-W10"}, id="a client that says nothing"),
        pytest.param({"response_type": "token"}, id="an implicit token"),
        pytest.param({"state": "a b c d e f"}, id="a state with spaces"),
    ],
)
def test_what_is_wrong_is_a_page_and_never_a_redirect(wire: Wire, signed_in: Browser, changes: dict[str, str]) -> None:
    page = page_of(signed_in.open(Pkce.of(wire).wish(**changes)))
    assert (page.status_code, "Did you just run" in page.text) == (400, False)
    assert page.history == []


def test_a_client_that_registered_no_way_back_gets_none(wire: Wire, signed_in: Browser) -> None:
    page = page_of(signed_in.open(Pkce(wire, wire.register()).wish()))
    assert page.status_code == 400


def test_the_question_is_asked_every_time_and_answered_only_by_its_own_form(wire: Wire, signed_in: Browser) -> None:
    login = Pkce.of(wire)
    assert "Did you just run" in page_of(signed_in.open(login.wish())).text
    assert "Did you just run" in page_of(signed_in.open(login.wish())).text
    page = page_of(signed_in.open(login.wish()))
    hidden = BeautifulSoup(page.text, "html.parser").select('form[action="/authorize"] input[type=hidden]')
    form = {str(tag["name"]): str(tag.get("value", "")) for tag in hidden} | {"answer": "yes"}
    assert page_of(signed_in.post(f"{wire.url}/authorize", form, "https://evil.example")).status_code == 403
    assert page_of(signed_in.post(f"{wire.url}/authorize", {**form, "csrf": ""}, wire.url)).status_code == 403


def test_who_is_not_signed_in_yet_is_led_there_and_back_to_the_question(wire: Wire) -> None:
    browser = Browser()
    page = page_of(browser.sign_in(browser.open(Pkce.of(wire).wish()), User("alice")))
    assert "Did you just run" in page.text
    assert urlsplit(page.url).path == "/authorize"


def test_a_refresh_gives_parallel_processes_the_same_successor(office: Office, wire: Wire) -> None:
    login = Pkce.of(wire)
    first = login.redeem(login.answer(office.arrive("alice"))["code"]).json()
    refresh = {"grantType": "refresh_token", "refreshToken": first["refreshToken"]}
    answers = [wire.token(login.client, **refresh).json() for _ in range(3)]
    assert len({answer["accessToken"] for answer in answers}) == 1
    assert answers[0]["accessToken"] != first["accessToken"]
    assert answers[0]["expiresIn"] > 900  # below that, AWS's tools refresh at every command


def test_a_token_of_an_aws_tool_opens_neither_our_api_nor_the_administrators(wire: Wire, alice: str) -> None:
    headers = {"Authorization": f"Bearer {alice}"}
    for path in ("/api/v1/me", "/api/v1/roles", "/api/v1/admin/people"):
        assert wire.http.get(f"{wire.url}{path}", headers=headers, timeout=60).status_code in (401, 404)
    body = {"role_arn": "arn:aws:iam::999999999999:role/UpdateApp"}
    assert wire.http.post(f"{wire.url}/api/v1/credentials", json=body, headers=headers, timeout=60).status_code == 401


def test_signing_out_in_the_browser_ends_the_aws_tool_too(office: Office, wire: Wire) -> None:
    browser = office.arrive("alice")
    token = sign_in(wire, browser)["accessToken"]
    page = page_of(browser.open(f"{office.url}/"))
    csrf = BeautifulSoup(page.text, "html.parser").select_one('form[action="/signout"] input[name=csrf]')
    assert csrf is not None
    browser.until = "http://127.0.0.1:1/"
    browser.http.post(f"{office.url}/signout", data={"csrf": csrf["value"]}, allow_redirects=False, timeout=60)
    assert kind(wire.get("/assignment/accounts", token)) == (401, "UnauthorizedException")


def test_the_journal_tells_that_it_was_an_aws_tool(office: Office, wire: Wire, alice: str) -> None:
    wire.get("/federation/credentials", alice, account_id="999999999999", role_name="UpdateApp")
    events = office.gateway.events()
    for name in ("terminal.approved", "credentials.intended", "credentials.issued"):
        facts = next(event["facts"] for event in reversed(events) if event["kind"] == name)
        assert isinstance(facts, dict)
        assert facts["client"] == "aws", name


@pytest.mark.parametrize("token", ["REAL-AWS-IDC-TOKEN", "x" * 5_000, "\xe9\xff", "aoaAAAAAGPn:MGUC", "a,b"])
def test_a_token_of_another_broker_at_logout_is_turned_away_and_never_logged(
    office: Office, wire: Wire, token: str
) -> None:
    answer = wire.http.post(f"{wire.url}/logout", headers={TOOL_HEADER: token.encode("latin-1")}, timeout=60)
    assert kind(answer) == (401, "UnauthorizedException")
    assert token not in office.gateway.log.read_text("utf-8", "replace")


@pytest.mark.parametrize("path", ["/client/register", "/device_authorization", "/token"])
@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        pytest.param(b'{"clientId":"a"}', "text/plain", id="as a form of another site could send it"),
        pytest.param(b"clientId=a", "application/x-www-form-urlencoded", id="a form"),
        pytest.param(b'{"clientType":"public","clientType":"private"}', "application/json", id="a key twice"),
        pytest.param(b"[" * 30_000, "application/json", id="deep"),
        pytest.param(b"[]", "application/json", id="a list"),
        pytest.param(b"", "application/json", id="nothing"),
        pytest.param(b'{"clientId": 1, "clientName": {}}', "application/json", id="wrong types"),
        pytest.param(
            b'{"clientId": "%s", "clientName": "%s"}' % (b"a" * 9_000, b"a" * 9_000), "application/json", id="long"
        ),
        pytest.param(b'\xff\xfe{"', "application/json", id="not text"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_in_awss_shape(
    wire: Wire, path: str, body: bytes, content_type: str
) -> None:
    answer = wire.http.post(f"{wire.url}{path}", data=body, headers={"Content-Type": content_type}, timeout=60)
    assert kind(answer) == (400, "InvalidRequestException")
    assert answer.json()["error"] == "invalid_request"


def test_a_body_that_is_too_large_is_refused_in_awss_shape(wire: Wire) -> None:
    # A connection of its own: the gateway closes it, since it does not read the rest.
    answer = Wire(wire.url).post("/token", {"clientId": "a" * 70_000})
    assert kind(answer) == (413, "InvalidRequestException")


@pytest.mark.parametrize(
    ("path", "name"), [("/token", "InvalidRequestException"), ("/assignment/accounts", "InvalidRequestException")]
)
def test_another_method_is_refused_in_awss_shape(wire: Wire, path: str, name: str) -> None:
    assert kind(wire.http.delete(f"{wire.url}{path}", timeout=60)) == (405, name)


@pytest.mark.parametrize(
    "redirects",
    [["https://evil.example/oauth/callback"], [CALLBACK, "http://127.0.0.1:80@evil.example/oauth/callback"], [""]],
)
def test_nobody_registers_a_way_back_to_another_machine(wire: Wire, redirects: list[str]) -> None:
    wish = {"clientName": "Security team", "clientType": "public", "redirectUris": redirects}
    assert kind(wire.post("/client/register", wish)) == (400, "InvalidRedirectUriException")


@pytest.mark.parametrize("odd", ["\\ud800", "\\u0000", "\\u202e", "\u00e9", " "])
def test_codes_of_odd_letters_are_codes_that_nobody_has(wire: Wire, odd: str) -> None:
    client = wire.register(clientName="odd")
    for grant, key in ((DEVICE, "deviceCode"), ("authorization_code", "code"), ("refresh_token", "refreshToken")):
        known = {"clientId": client["clientId"], "clientSecret": client["clientSecret"], "grantType": grant}
        body = json.dumps(known)[:-1] + f', "{key}": "{odd}"}}'
        answer = wire.http.post(
            f"{wire.url}/token", data=body.encode(), headers={"Content-Type": "application/json"}, timeout=60
        )
        assert kind(answer) == (400, "InvalidGrantException")


def test_grants_and_clients_that_do_not_exist_are_named_in_awss_words(wire: Wire) -> None:
    client = wire.register()
    assert kind(wire.token(client, grantType="password")) == (400, "UnsupportedGrantTypeException")
    assert kind(wire.token({**client, "clientSecret": "short"}, grantType=DEVICE)) == (401, "InvalidClientException")
    assert kind(wire.token({**client, "clientId": "another"}, grantType=DEVICE)) == (401, "InvalidClientException")
    assert kind(wire.post("/client/register", {"clientType": "confidential"})) == (
        400,
        "InvalidClientMetadataException",
    )
    refused = wire.token(client, grantType="refresh_token", refreshToken="none")
    assert kind(refused) == (400, "InvalidGrantException")
    assert "aws sso login" in json.dumps(refused.json())
    assert "fedgate login" not in json.dumps(refused.json())
