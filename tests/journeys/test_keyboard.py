"""With the keyboard alone: everything can be reached, in the order in which it stands, and is seen when it is."""

from __future__ import annotations

import pytest

from tests.journeys.careful import Careful
from tests.journeys.person import People, Person
from tests.journeys.terminal import login_address

pytestmark = pytest.mark.needs("chromium")

HEADER = ["Skip to the content", "fedgate", "Terminal", "Sign out"]  # of every page of somebody signed in
NAME = "() => document.activeElement.innerText.replace(/\\s+/g, ' ').trim() || document.activeElement.name"
RING = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
}"""


def stops(person: Person, most: int = 30) -> list[str]:
    """Press Tab from the top of the page to its end: what is reached. Each must show that it is."""
    found: list[str] = []
    for _ in range(most):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("() => document.activeElement === document.body"):
            return found
        found.append(person.page.evaluate(NAME))
        assert person.page.evaluate(RING), f"{found[-1]}: no visible focus"
    raise AssertionError(f"no end: {found}")


def test_alice_signs_in_and_opens_the_console_without_a_mouse(alice: Person) -> None:
    alice.open("/")
    assert stops(alice) == ["Skip to the content", "fedgate", "Example Corp (SAML)", "Example Corp (OIDC)"]
    alice.page.get_by_role("link", name="Example Corp (SAML)").focus()
    alice.page.keyboard.press("Enter")
    alice.pick_with_keyboard()
    assert alice.heading == "My roles"
    alice.named("Open console as Developer in Development").focus()
    with alice.context.expect_page() as opened:
        alice.page.keyboard.press("Enter")
    opened.value.wait_for_selector("[data-field=role]")


def test_the_order_on_the_page_of_roles_is_the_order_of_the_eye(alice: Person) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    role = ["{0}", "Copy CLI line for {0}", "Open console as {0}"]
    roles = ["Developer in Development", "Look only in Production", "Update the app in Production"]
    each = [line.format(name) for name in roles for line in role]
    assert stops(alice) == [*HEADER, "q", *each, "Set up your terminal"]


def test_the_skip_link_leads_past_the_header(alice: Person) -> None:
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    alice.page.keyboard.press("Tab")
    skip = alice.named("Skip to the content")
    box = skip.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    alice.page.keyboard.press("Enter")
    alice.page.keyboard.press("Tab")
    assert alice.page.evaluate(NAME) == "q"


def test_the_question_for_a_terminal_is_answered_with_the_keyboard(alice: Person) -> None:
    alice.open(login_address("laptop"))
    alice.sign_in("Example Corp (SAML)")
    assert stops(alice) == [*HEADER, "Sign this terminal in", "Decline"]


def test_who_signs_in_by_address_and_confirms_needs_no_mouse(people: People, careful: Careful) -> None:
    carla = people("carla", careful.url)
    carla.open("/console/111111111111/Admin")
    choices = ["Careful (SAML)", "Careful (OIDC)", "Partner Ltd"]
    assert stops(carla) == ["Skip to the content", "fedgate", "email", "Continue", *choices]
    carla.page.get_by_role("textbox", name="Your work e-mail").fill("carla@example.test")
    carla.page.keyboard.press("Enter")
    carla.page.wait_for_url("**/oidc/authorize?*")
    carla.pick(401)
    assert stops(carla) == [*HEADER, "Continue with Careful (OIDC)"]


def test_pages_have_their_landmarks(alice: Person) -> None:
    alice.open("/")
    for landmark in ("banner", "main"):
        assert alice.page.get_by_role(landmark).count() == 1
    alice.sign_in("Example Corp (SAML)")
    assert alice.page.get_by_role("search").count() == 1
    assert alice.page.get_by_role("region", name="Production 999999999999").count() == 1
