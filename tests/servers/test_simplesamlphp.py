"""SimpleSAMLphp, as the tests start it, is a provider that a strict application accepts."""

from __future__ import annotations

import pytest

from tests.servers.applications import PERSISTENT, SamlApplication
from tests.servers.browser import Browser, Stopped, User
from tests.servers.fixtures import StartSimpleSamlPhp
from tests.servers.people import ALICE, BOB, CAROL

pytestmark = pytest.mark.needs("simplesamlphp")

APP = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def app(start_simplesamlphp: StartSimpleSamlPhp) -> SamlApplication:
    entity_id, acs = f"{APP}/signin/corp/metadata", f"{APP}/signin/corp/acs"
    return SamlApplication(entity_id, acs, start_simplesamlphp(entity_id=entity_id, acs=acs).metadata())


def sign_in(app: SamlApplication, user: User, browser: Browser | None = None) -> tuple[Stopped, str]:
    url, request_id = app.ask()
    browser = browser or Browser(until=APP)
    answer = browser.sign_in(browser.open(url), user)
    assert isinstance(answer, Stopped), answer.text
    return answer, request_id


def test_alice_arrives_with_her_groups(app: SamlApplication) -> None:
    answer, request_id = sign_in(app, ALICE.user)
    auth = app.accept(answer, request_id)
    assert auth.get_errors() == [], auth.get_last_error_reason()
    assert auth.get_nameid_format() == PERSISTENT
    assert auth.get_attributes() == {
        "uid": ["alice"],
        "mail": ["alice@example.test"],
        "displayName": ["Alice Ops"],
        "department": ["Operations"],
        "groups": ["aws-admins", "aws-developers"],
    }
    assert answer.form["RelayState"] == "relay-1"


def test_two_people_have_two_subjects_that_stay_theirs(app: SamlApplication) -> None:
    def subject(user: User) -> str:
        return str(app.accept(*sign_in(app, user)).get_nameid())

    assert subject(ALICE.user) == subject(ALICE.user) != subject(BOB.user)


def test_nothing_is_said_about_the_groups_of_carol(app: SamlApplication) -> None:
    assert "groups" not in app.accept(*sign_in(app, CAROL.user)).get_attributes()


def test_who_is_signed_in_there_is_not_asked_again(app: SamlApplication) -> None:
    browser = Browser(until=APP)
    sign_in(app, BOB.user, browser)
    asked_before = len(browser.trail)
    auth = app.accept(*sign_in(app, User("somebody", "who is not asked"), browser))
    assert auth.get_attributes()["uid"] == ["bob"]
    assert len(browser.trail) > asked_before


def test_a_wrong_password_ends_at_the_provider(app: SamlApplication) -> None:
    with pytest.raises(AssertionError, match="refused alice"):
        sign_in(app, User("alice", "guess"))
