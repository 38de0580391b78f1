"""`aws login` in Chromium: a role is picked, and the answer comes to the loopback address, or onto a page to copy."""

from __future__ import annotations

import base64

import pytest
from playwright.sync_api import expect

from tests.journeys.person import Person
from tests.journeys.test_aws_tools import SAML, Listener
from tests.native.desk import Wire
from tests.native.login_wire import BACK, CROSS, Login
from tests.world import UPDATE_APP

pytestmark = pytest.mark.needs("chromium")


@pytest.mark.parametrize(("button", "brings"), [("Sign in with this role", "code="), ("Decline", "error=")])
def test_alices_answer_reaches_the_cli(alice: Person, button: str, brings: str) -> None:
    listener = Listener()
    login = Login(Wire(alice.gateway))
    alice.open(login.wish(redirect_uri=BACK.replace("40706", str(listener.port))))
    alice.sign_in(SAML)
    assert alice.heading == "Did you just run aws login?"
    alice.page.get_by_label("Role").select_option(UPDATE_APP)
    alice.page.get_by_role("button", name=button).click()
    alice.page.wait_for_url("**/oauth/callback?*")
    assert brings in listener.line()
    assert login.state in listener.line()


def test_nothing_is_sent_before_a_role_is_picked(alice: Person) -> None:
    alice.open(Login(Wire(alice.gateway)).wish())
    alice.sign_in(SAML)
    alice.page.get_by_role("button", name="Sign in with this role").click()
    assert alice.heading == "Did you just run aws login?"
    expect(alice.page.get_by_label("Role")).to_be_focused()


def test_for_a_terminal_elsewhere_she_copies_what_it_asks_for(alice: Person) -> None:
    login = Login(Wire(alice.gateway))
    alice.open("/")
    alice.sign_in(SAML)
    alice.open(login.wish(client_id=CROSS, redirect_uri=f"{alice.gateway}/v1/sessions/confirmation"))
    assert alice.heading == "Did you just run aws login --remote?"
    alice.page.get_by_label("Role").select_option(UPDATE_APP)
    alice.click("Yes, show me the code for my terminal")
    assert alice.heading == "The code for your terminal"
    shown = alice.page.locator("#code").inner_text()
    assert base64.b64decode(shown).decode().startswith(f"state={login.state}&code=")
