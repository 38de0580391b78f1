"""`aws login` on the wire: what codes and tokens are bound to, and what comes of them in other hands."""

from __future__ import annotations

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup

from tests.native.desk import Pkce, Wire
from tests.native.login_prompt import pick
from tests.native.login_wire import BACK, CROSS, ENDED, NO_CODE, NO_PROOF, SAME, Login, refused
from tests.native.proofs import TerminalKey
from tests.office import Office, page_of
from tests.servers.browser import Browser, Stopped, User
from tests.world import DEVELOPER, DEVELOPMENT, PRODUCTION, READ_ONLY, UPDATE_APP, World

pytestmark = pytest.mark.slow
_OURS = {  # as `fedgate login` asks
    "client_id": "fedgate-cli",
    "response_type": "code",
    "redirect_uri": "http://127.0.0.1:40707/callback",
    "state": "a-state-of-a-test",
    "code_challenge": "A" * 43,
    "code_challenge_method": "S256",
}


@pytest.fixture(scope="module")
def browser(office: Office) -> Browser:
    return office.arrive("alice")


def reasons(office: Office) -> list[object]:
    events = [event["facts"] for event in office.gateway.events() if event["kind"] == "terminal.refused"]
    return [facts.get("reason") for facts in events if isinstance(facts, dict)]


def test_the_answer_is_that_of_aws_sign_in(wire: Wire, browser: Browser) -> None:
    login = Login(wire)
    first = login.keys(browser)
    assert set(first) == {"accessToken", "tokenType", "expiresIn", "refreshToken", "idToken"}
    assert set(first["accessToken"]) == {"accessKeyId", "secretAccessKey", "sessionToken"}
    assert (first["tokenType"], first["expiresIn"]) == ("aws_sigv4", 900)
    payload = first["idToken"].split(".")[1]
    subject = json.loads(base64.urlsafe_b64decode(payload + "=="))["sub"]
    assert subject.startswith(f"arn:aws:sts::{DEVELOPMENT}:assumed-role/Developer/alice")
    again = login.refresh(first["refreshToken"]).json()
    assert set(again) == {"accessToken", "tokenType", "expiresIn", "refreshToken"}


def test_a_refresh_token_without_its_key_is_worth_nothing_and_its_owner_goes_on(
    office: Office, wire: Wire, browser: Browser
) -> None:
    login = Login(wire)
    token = login.keys(browser)["refreshToken"]
    assert refused(login.refresh(token, key=TerminalKey())) == ENDED
    assert reasons(office)[-1] == "dpop.other_key"
    assert login.refresh(token).status_code == 200


def test_a_request_that_was_overheard_cannot_be_sent_again(wire: Wire, browser: Browser) -> None:
    login = Login(wire)
    token = login.keys(browser)["refreshToken"]
    proof = login.key.proof(f"{wire.url}/v1/token")
    assert login.refresh(token, proof=proof).status_code == 200
    assert refused(login.refresh(token, proof=proof)) == NO_PROOF


@pytest.mark.parametrize("proof", ["", "nonsense", "other"])
def test_without_a_proof_for_this_address_nothing_is_looked_at(wire: Wire, browser: Browser, proof: str) -> None:
    login = Login(wire)
    code = login.code(browser)
    made = login.key.proof("https://elsewhere.example/v1/token") if proof == "other" else proof
    body = {"clientId": SAME, "grantType": "authorization_code", "code": code, "codeVerifier": login.verifier}
    assert refused(wire.post("/v1/token", {**body, "redirectUri": BACK}, DPoP=made)) == NO_PROOF
    assert login.redeem(code).status_code == 200, "a broken proof costs nobody their code"


def test_what_the_gateway_keeps_for_itself_opens_no_other_door(wire: Wire, browser: Browser) -> None:
    """The refresh token is for one role and one key; at the other front doors it is nothing."""
    token = Login(wire).keys(browser)["refreshToken"]
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "fedgate-cli"}
    assert wire.http.post(f"{wire.url}/oauth/token", data=form, timeout=60).status_code == 400
    assert wire.token(wire.register(), grantType="refresh_token", refreshToken=token).status_code == 400
    assert wire.get("/assignment/accounts", token).status_code == 401
    assert wire.get(f"/aws/container/{DEVELOPMENT}/Developer", token).status_code == 401


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"codeVerifier": "x" * 43}, "oauth.verifier"),
        ({"redirectUri": BACK.replace("40706", "40707")}, "oauth.redirect"),
    ],
)
def test_a_code_in_other_hands_brings_nothing_and_is_spent(
    office: Office, wire: Wire, browser: Browser, changes: dict[str, str], reason: str
) -> None:
    login = Login(wire)
    code = login.code(browser)
    assert refused(login.redeem(code, **changes)) == NO_CODE
    assert reasons(office)[-1] == reason
    assert refused(login.redeem(code)) == NO_CODE


def test_another_program_gets_nothing_for_a_code_or_token_and_takes_nothing_away(
    office: Office, wire: Wire, browser: Browser
) -> None:
    login = Login(wire)
    code = login.code(browser)
    assert refused(login.redeem(code, clientId=CROSS)) == NO_CODE
    assert reasons(office)[-1] == "oauth.client"
    token = login.redeem(code).json()["refreshToken"]
    again = login.ask(clientId=CROSS, grantType="refresh_token", refreshToken=token)
    assert refused(again) == ENDED
    assert reasons(office)[-1] == "oauth.client"
    assert login.refresh(token).status_code == 200


def test_a_code_that_was_asked_for_a_key_is_for_that_key(office: Office, wire: Wire, browser: Browser) -> None:
    login = Login(wire)
    wanted = login.key.thumbprint
    assert refused(login.redeem(login.code(browser, dpop_jkt=wanted), key=TerminalKey())) == NO_CODE
    assert reasons(office)[-1] == "dpop.other_key"
    assert login.redeem(login.code(browser, dpop_jkt=wanted)).status_code == 200


def test_a_code_that_comes_again_ends_what_it_brought(wire: Wire, browser: Browser) -> None:
    login = Login(wire)
    code = login.code(browser)
    token = login.redeem(code).json()["refreshToken"]
    assert refused(login.redeem(code)) == NO_CODE
    assert refused(login.refresh(token)) == ENDED


def test_a_code_of_aws_login_is_none_of_the_other_doors(wire: Wire, browser: Browser) -> None:
    login = Login(wire)
    code = login.code(browser)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK, "code_verifier": login.verifier}
    answer = wire.http.post(f"{wire.url}/oauth/token", data={**form, "client_id": "fedgate-cli"}, timeout=60)
    assert answer.status_code == 400
    assert login.redeem(code).status_code == 200


def test_eight_processes_that_refresh_at_once_all_go_on(wire: Wire, browser: Browser) -> None:
    login = Login(wire)
    token = login.keys(browser)["refreshToken"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: login.refresh(token).status_code, range(8)))
    assert answers == [200] * 8


def test_a_request_that_aws_failed_may_be_sent_again_as_it_was(world: World, wire: Wire, office: Office) -> None:
    """AWS's tools repeat it with the same proof and the same code."""
    login = Login(wire)
    code = login.code(office.arrive("carla"), UPDATE_APP)
    proof = login.key.proof(f"{wire.url}/v1/token")
    body = {"grantType": "authorization_code", "code": code, "codeVerifier": login.verifier, "redirectUri": BACK}
    world.turn(fail_every={"AssumeRoleWithSAML": 1})
    try:
        failed = login.ask(proof=proof, **body)
    finally:
        world.turn(fail_every=0)
    assert refused(failed)[1:] == ("InternalServerException", "server_error"), failed.text
    later = login.ask(proof=proof, **body)
    while later.status_code == 503:  # two seconds for which those who wait are told the same
        later = login.ask(proof=proof, **body)
    assert later.status_code == 200, later.text


def test_nobody_picks_a_role_that_is_not_theirs(wire: Wire, office: Office) -> None:
    browser = office.arrive("bob")
    page = page_of(browser.open(Login(wire).wish()))
    assert READ_ONLY in page.text
    assert UPDATE_APP not in page.text
    for role in (UPDATE_APP, f"arn:aws:iam::{PRODUCTION}:role/Nowhere1"):
        answer = page_of(pick(browser, page, role))
        assert answer.status_code == 403
        assert "None of your groups gives you the role" in answer.text
    assert page_of(pick(browser, page, "")).status_code == 400


def test_who_is_not_signed_in_does_that_first_and_comes_back_to_the_question(wire: Wire) -> None:
    login, newcomer = Login(wire), Browser()
    provider = page_of(newcomer.open(login.wish()))
    if "/signin?" in provider.url:  # where there are several to choose from
        provider = page_of(newcomer.open(f"{wire.url}/signin/corp-oidc?{provider.url.partition('?')[2]}"))
    page = page_of(newcomer.sign_in(provider, User("alice")))
    newcomer.until = BACK
    found = pick(newcomer, page, DEVELOPER)
    assert isinstance(found, Stopped)
    assert login.redeem(found.query["code"]).status_code == 200


def test_who_declines_sends_no_code(wire: Wire, browser: Browser) -> None:
    assert set(Login(wire).answer(browser, DEVELOPER, "no").query) == {"error", "state", "iss"}


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/oauth/callback"},
        {"redirect_uri": "http://127.0.0.1:40706@evil.example/oauth/callback"},
        {"redirect_uri": "http://localhost:40706/oauth/callback"},
        {"redirect_uri": "http://127.0.0.1:99999/oauth/callback"},
        {"redirect_uri": "http://127.0.0.1:40706/oauth/callback?x=1"},
        {"redirect_uri": ""},
        {"client_id": CROSS},
        {"client_id": CROSS, "redirect_uri": "https://evil.example/v1/sessions/confirmation"},
        {"client_id": "arn:aws:signin:::devtools/other"},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
        {"state": "short"},
        {"state": "with a space in it"},
        {"response_type": "token"},
        {"dpop_jkt": "short"},
    ],
)
def test_a_link_that_is_not_the_clis_leads_nowhere(wire: Wire, browser: Browser, changes: dict[str, str]) -> None:
    answer = browser.http.get(Login(wire).wish(**changes), allow_redirects=False, timeout=60)
    assert answer.status_code == 400
    assert "Run `aws login` again" in answer.text


def test_another_site_cannot_answer_for_the_person(wire: Wire, browser: Browser) -> None:
    page = page_of(browser.open(Login(wire).wish()))
    form = {"csrf": "x", "answer": "yes", "role": DEVELOPER}
    for origin in ("https://evil.example", wire.url):
        answer = page_of(browser.post(page.url, form, origin))
        assert answer.status_code == 403


def test_the_question_warns_who_is_asked_for_the_address_that_comes_after_it(wire: Wire, browser: Browser) -> None:
    """Of the page that no longer loads: whoever sent the link, and is sent that address, has the code and its key."""
    ours = "/oauth/authorize?" + urlencode(_OURS)
    for wish in (Pkce.of(wire).wish(), Login(wire).wish(), wire.url + ours):
        text = " ".join(BeautifulSoup(page_of(browser.open(wish)).text, "html.parser").get_text(" ").split())
        assert "wants the address of the page that comes next: they would get into AWS as you" in text


def test_a_terminal_elsewhere_is_told_apart_and_no_is_the_first_answer(wire: Wire, browser: Browser) -> None:
    page = page_of(browser.open(Login(wire).wish(client_id=CROSS, redirect_uri=f"{wire.url}/v1/sessions/confirmation")))
    assert "on another computer" in page.text
    assert page.text.index("No, decline") < page.text.index("Yes, show me the code")
    assert "no code" in page_of(pick(browser, page, DEVELOPER, "no")).text


def test_other_calls_of_aws_at_the_same_address_are_said_not_to_be_served(wire: Wire) -> None:
    answer = wire.post("/v1/token?x-amz-token-request-type=bearer", {"clientId": SAME})
    assert refused(answer) == NO_PROOF
    assert "not served" in answer.json()["message"]
