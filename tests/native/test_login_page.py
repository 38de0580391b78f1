"""The page of `aws login` where more is needed than a click."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup

from tests.native.desk import Wire
from tests.native.login_prompt import pick
from tests.native.test_login_tokens import CROSS, Login
from tests.office import RULES, Office, open_office, page_of
from tests.servers.browser import Browser, User
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
def strict(world: World) -> Iterator[Office]:
    """A gateway without sign-in by a code, and a role that wants a second factor."""
    with open_office(world, rules=RULES + _WITH_A_SECOND_FACTOR) as found:
        yield found


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
