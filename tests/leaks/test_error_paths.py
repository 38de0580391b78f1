"""Where secrets leak from programs: the ways in which things fail. Each is walked, and its log read at once."""

from __future__ import annotations

import base64
import re
import secrets
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.issuance.conftest import NOWHERE, WITH_NOWHERE
from tests.leaks.planted import PLANTED
from tests.leaks.search import Place, arguments, kept, leaks, written
from tests.leaks.watching import watching
from tests.office import Office, open_office, page_of
from tests.patience import until
from tests.prompt import Prompt, ask, bearer, refresh
from tests.servers.browser import Browser, Stopped, User
from tests.servers.redis_server import RedisServer
from tests.world import UPDATE_APP, World

pytestmark = pytest.mark.slow
DEBUG = {"FEDGATE_LOG_LEVEL": "debug"}


@pytest.fixture(scope="module")
def office(world: World) -> Iterator[Office]:
    """A gateway that logs all it can."""
    with open_office(world, rules=WITH_NOWHERE, environment=DEBUG) as opened:
        yield opened


def secret(kind: str) -> str:
    """One that nobody has seen before this moment."""
    made = secrets.token_urlsafe(32)
    PLANTED.plant(kind, made)
    return made


def is_clean(office: Office) -> None:
    assert leaks(PLANTED.secrets(), written(office.gateway.folder)) == []


def has_logged(office: Office, words: str) -> None:
    until(lambda: words in office.gateway.log.read_text("utf-8"), "this way of failing was not walked")


@pytest.mark.parametrize("error", ["", "&error=access_denied", "&error=server_error"])
def test_callbacks_that_nobody_asked_for(office: Office, error: str) -> None:
    code, state = secret("code"), secret("state")
    browser = Browser()
    for address in ("corp-oidc/callback", "corp/callback", "nobody/callback"):
        page = page_of(browser.open(f"{office.url}/signin/{address}?code={code}&state={state}{error}"))
        assert page.status_code in (400, 404)
        assert code not in page.text
        assert state not in page.text
    is_clean(office)


def test_a_code_that_the_provider_does_not_know(office: Office) -> None:
    browser = Browser(until=f"{office.url}/signin/corp-oidc/callback")
    answer = browser.sign_in(browser.open(f"{office.url}/signin/corp-oidc"), User("alice"))
    assert isinstance(answer, Stopped)
    browser.until = ""
    page = page_of(browser.open(answer.url.replace(answer.query["code"], secret("code"))))
    assert page.status_code == 400
    assert office.gateway.last_reason() == "oidc.code"
    has_logged(office, "oidc.code")
    is_clean(office)


def test_a_client_secret_that_is_wrong(world: World) -> None:
    with open_office(world, environment=DEBUG, told_secret=secret("client secret")) as office:
        browser = Browser()
        page = page_of(browser.sign_in(browser.open(f"{office.url}/signin/corp-oidc"), User("alice")))
        assert page.status_code in (400, 503)
        has_logged(office, "invalid_client")
        is_clean(office)


def test_aws_that_refuses(office: Office) -> None:
    browser, tokens = office.terminal("alice")
    answer = ask(office.url, browser, tokens, NOWHERE)
    assert answer.status_code == 502
    has_logged(office, "AccessDenied")
    is_clean(office)


def test_a_console_that_does_not_answer(world: World) -> None:
    nowhere = {"FEDGATE_SIGNIN_ENDPOINT": "http://127.0.0.1:9/federation"}
    with open_office(world, environment=DEBUG | nowhere) as office:
        browser = office.arrive("alice")
        page = page_of(browser.open(f"{office.url}/console/999999999999/UpdateApp"))
        assert page.status_code == 503
        has_logged(office, "console.ConnectionError")
        is_clean(office)


def test_redis_that_is_gone(world: World, start_redis: Callable[[], RedisServer]) -> None:
    redis = start_redis()
    with open_office(world, environment={**DEBUG, "FEDGATE_REDIS_URL": redis.url}) as office:
        browser, tokens = office.terminal("alice")
        redis.kill()
        assert ask(office.url, browser, tokens, UPDATE_APP).status_code == 503
        assert refresh(office.url, browser, tokens).status_code == 503
        assert page_of(browser.open(f"{office.url}/")).status_code == 503
        has_logged(office, "store_unavailable")
        is_clean(office)


@pytest.mark.parametrize(
    "message",
    [
        "{secret}",
        "<p:Response xmlns:p='urn:oasis:names:tc:SAML:2.0:protocol'>{secret}",
        "<!DOCTYPE r [<!ENTITY e '{secret}'>]><Response xmlns='urn:oasis:names:tc:SAML:2.0:protocol'>&e;</Response>",
        "<p:Response xmlns:p='urn:oasis:names:tc:SAML:2.0:protocol' ID='{secret}' Version='2.0'/>",
    ],
    ids=["no XML", "half of it", "a doctype", "hardly anything"],
)
def test_saml_messages_that_are_broken(world: World, message: str) -> None:
    hidden = secret("what stands in a SAML message")
    browser = Browser(until=f"http://127.0.0.1:{world.port + 1}/")
    begun = browser.open(f"{world.main.url}/signin/corp")
    assert isinstance(begun, Stopped)
    browser.until = ""
    form = {
        "SAMLResponse": base64.b64encode(message.format(secret=hidden).encode()).decode(),
        "RelayState": begun.query["RelayState"],
    }
    page = page_of(browser.post(f"{world.main.url}/signin/corp/acs", form))
    assert page.status_code == 400
    assert world.main.last_reason().startswith("saml.")
    assert hidden not in page.text
    assert leaks(PLANTED.secrets(), written(world.stack)) == []


@pytest.mark.parametrize("form", ["json", "text"])
def test_an_exception_that_tells_all_it_knows(world: World, form: str) -> None:
    told = {**DEBUG, "FEDGATE_LOG_FORMAT": form}
    with open_office(world, environment=told, application="tests.leaks.faulty:app") as office:
        browser, tokens = office.terminal("alice")
        body = {"SecretAccessKey": secret("secret key"), "SessionToken": secret("session token")}
        query = {"code": secret("code"), "state": secret("state")}
        address = f"{office.url}/api/v1/credentials"
        answer = browser.http.post(address, params=query, json=body, headers=tokens.header, timeout=60)
        assert (answer.status_code, answer.json()["code"]) == (500, "unexpected")
        assert "Traceback" not in answer.text
        has_logged(office, answer.json()["reference"])
        for words in ("Traceback", "cannot send", "ConnectionError", "[secret]"):
            has_logged(office, words)
        assert page_of(browser.open(f"{office.url}/broken?code={secret('code')}&x=1")).status_code == 500
        has_logged(office, "Error handling request")
        has_logged(office, "cannot read [secret]")
        is_clean(office)


def test_requests_that_gunicorn_does_not_take(office: Office) -> None:
    """They never reach our code; gunicorn logs them itself."""
    code = secret("code")
    for text in (
        f"GET /signin/corp-oidc/callback?code={code}&state={'x' * 9000} HTTP/1.1\r\nHost: a\r\n\r\n",
        f"GET /?code={code} HTTP/1.1\r\nHost: a\r\nCookie fedgate={code}\r\n\r\n",
        f"GET /?code={code} HTTP/1.1\r\nHost: a\r\nCookie: {code}{'x' * 9000}\r\n\r\n",
        f"PO(ST /?code={code} HTTP/1.1\r\nHost: a\r\n\r\n",
        f"GET /?code={code} and more HTTP/1.1\r\nHost: a\r\n\r\n",
        f"GET /?code={code} HTTP/{code}\r\nHost: a\r\n\r\n",
        f"POST /oauth/token HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {code}\r\n\r\n",
        f"POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Length: {code}\r\n\r\n",
    ):
        assert re.match(rb"HTTP/1.1 (4\d\d|501) ", _sent(office, text.encode())), text[:12]
    has_logged(office, "Invalid HTTP Header: [not shown]")
    is_clean(office)


def _sent(office: Office, raw: bytes) -> bytes:
    host, port = office.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=60) as wire:
        wire.sendall(raw)
        return wire.recv(4096)


def test_a_day_at_the_prompt_and_the_console(world: World, tmp_path: Path) -> None:
    """Nothing fails here; what the others can see meanwhile are the arguments of processes."""
    browser = Browser()
    page_of(browser.sign_in(browser.open(f"{world.main.url}/signin/corp"), User("alice")))
    with watching(arguments) as seen:
        alice = Prompt(tmp_path, world.main.url, world.aws)
        assert alice.login(browser).code == 0
        assert "production.UpdateApp" in alice.profiles()
        assert "assumed-role/UpdateApp" in alice.caller("production.UpdateApp")
        console = page_of(browser.open(f"{world.main.url}/console/999999999999/UpdateApp"))
        assert console.url.startswith(world.aws)
        assert alice.fedgate("logout").code == 0
    assert any("credential-process" in place.content.decode("utf-8", "replace") for place in seen), "saw no CLI"
    assert leaks(PLANTED.secrets(), seen) == []


def test_what_redis_holds_says_nothing_about_people(world: World) -> None:
    """Somebody signed in at both gateways is all that Redis may be read to say, and that only by counting."""
    browser = Browser()
    page_of(browser.sign_in(browser.open(f"{world.main.url}/signin/corp-oidc"), User("carla")))
    tokens = bearer(world.main.url, browser)
    assert ask(world.main.url, browser, tokens, UPDATE_APP).status_code == 200
    places = [place for one in PLANTED.watched() if one.url == world.main.url for place in kept(one)]
    shelves = {place.name.rpartition(":")[2] for place in places}
    assert {"browser", "terminal", "access", "refresh", "credentials"} <= shelves, "the wrong Redis"
    personal = [b"carla", b"Carla", b" Chen", b"example.test", b"Developers", b"UpdateApp", b"999999999999"]
    assert [word for word in personal for place in places if word in place.content] == []


def test_error_pages_were_kept(office: Office) -> None:
    before = len(PLANTED.pages())
    PLANTED.saw(requests.get(f"{office.url}/api/v1/me", timeout=60))
    assert [page.status for page in PLANTED.pages()[before:]] == [401]
    assert leaks(PLANTED.not_for_pages(), [Place(page.address, page.body) for page in PLANTED.pages()]) == []
