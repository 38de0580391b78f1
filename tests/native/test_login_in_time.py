"""`aws login` where more is needed than a click, and when an hour has passed."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import redis
from bs4 import BeautifulSoup

from tests.native.desk import Wire
from tests.native.login_prompt import pick, sign_out
from tests.native.login_wire import CROSS, ENDED, Login, refused
from tests.office import RULES, Office, open_office, page_of
from tests.servers.browser import Browser, User
from tests.servers.redis_server import RedisServer
from tests.world import ADMIN, DEVELOPER, DEVELOPMENT, World

pytestmark = pytest.mark.slow
_WITH_A_SECOND_FACTOR = f"""
[[role]]
arn = "{ADMIN}"
label = "Administrator"
method = "saml"
provider_arn = "arn:aws:iam::{DEVELOPMENT}:saml-provider/fedgate"
require_mfa = true
[[rule]]
id = "administrators"
provider = "corp-oidc"
groups = ["Developers"]
roles = ["{ADMIN}"]
"""


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with RedisServer(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def strict(world: World, redis_server: RedisServer) -> Iterator[Office]:
    """A gateway without sign-in by a code, and a role that wants a second factor."""
    told = {"FEDGATE_REDIS_URL": redis_server.url}
    with open_office(world, rules=RULES + _WITH_A_SECOND_FACTOR, environment=told) as found:
        yield found


def an_hour_passes(server: RedisServer) -> None:
    """Every access token is over, also those that the gateway keeps for itself."""
    with redis.from_url(server.url) as client:
        names = list(client.scan_iter("fg:access:*", count=1000))
        assert names
        client.delete(*names)


@pytest.fixture
def browser(strict: Office) -> Browser:
    return strict.arrive("alice")


def test_a_role_that_wants_a_second_factor_leads_to_it_and_back_and_asks_again(
    strict: Office, browser: Browser
) -> None:
    login = Login(Wire(strict.url))
    missing = page_of(pick(browser, page_of(browser.open(login.wish())), ADMIN))
    assert missing.status_code == 401
    onward = BeautifulSoup(missing.text, "html.parser").select_one('main a[href^="/signin/corp-oidc"]')
    assert onward is not None, missing.text
    provider = page_of(browser.open(f"{strict.url}{onward['href']}"))
    back = page_of(browser.sign_in(provider, User("alice", mfa=True)))
    chosen = BeautifulSoup(back.text, "html.parser").select("option[selected]")
    assert [tag["value"] for tag in chosen] == [ADMIN]
    assert login.redeem(login.code(browser, ADMIN)).status_code == 200


def test_where_sign_in_by_a_code_is_off_remote_is_off_too(strict: Office, browser: Browser) -> None:
    """Anybody could begin it and send somebody else the link, as with a device code."""
    login, back = Login(Wire(strict.url)), f"{strict.url}/v1/sessions/confirmation"
    page = page_of(browser.open(login.wish(client_id=CROSS, redirect_uri=back)))
    assert page.status_code == 404
    assert "device_sign_in" in page.text
    form = BeautifulSoup(page_of(browser.open(login.wish())).text, "html.parser").select("input[name=csrf]")
    wish = {"client_id": CROSS, "redirect_uri": back, "answer": "yes", "role": DEVELOPER, "csrf": str(form[0]["value"])}
    known = {
        "response_type": "code",
        "state": login.state,
        "code_challenge_method": "SHA-256",
        "code_challenge": "x" * 43,
    }
    posted = page_of(browser.post(f"{strict.url}/v1/authorize", {**known, **wish}, strict.url))
    assert posted.status_code == 404


def test_who_has_no_role_is_told_so_and_asked_nothing(strict: Office) -> None:
    page = page_of(strict.arrive("erin").open(Login(Wire(strict.url)).wish()))
    assert "You have no role for the command line" in page.text
    assert '<form method="post" action="/v1/authorize"' not in page.text


def test_when_an_hour_has_passed_the_session_is_renewed_underneath(
    strict: Office, browser: Browser, redis_server: RedisServer
) -> None:
    login = Login(Wire(strict.url))
    token = login.keys(browser)["refreshToken"]
    for _ in range(2):
        an_hour_passes(redis_server)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: login.refresh(token).status_code, range(8)))
        assert answers == [200] * 8


def test_a_sign_out_is_heard_before_the_hour_is_over_and_after(strict: Office, redis_server: RedisServer) -> None:
    for waits in (False, True):
        browser = strict.arrive("alice")
        login = Login(Wire(strict.url))
        token = login.keys(browser)["refreshToken"]
        sign_out(strict, browser)
        if waits:
            Login(login.wire).keys(strict.arrive("alice"))
            an_hour_passes(redis_server)
        answer = login.refresh(token)
        assert refused(answer) == ENDED
