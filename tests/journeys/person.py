"""Somebody at Chromium, who looks over every page of the gateway that they come to.

    alice = people("alice")
    alice.open("/")
    alice.sign_in("Example Corp (SAML)")
    alice.click("Open console as Update the app in Production")

A fault of a page fails the step that led there, with all faults at once. Names are the accessible ones,
what a screen reader says, so that a button that cannot be heard cannot be pressed here either.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Protocol

from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response, expect

from app.local import cast
from tests.journeys.checks import faults
from tests.patience import SECONDS

# What a page's policy stopped is told on the page; it must not happen at all.
WATCH = "addEventListener('securitypolicyviolation', e => console.error('policy stopped ' + e.violatedDirective))"


@dataclass
class Person:
    key: str
    context: BrowserContext = field(repr=False)
    gateway: str  # its address
    scripts: bool = True  # does the browser run them?
    page: Page = field(init=False, repr=False)
    complaints: list[str] = field(default_factory=list, repr=False)  # of the browser, since the last look
    documents: dict[str, Response] = field(default_factory=dict, repr=False)  # the newest answer of each address

    def __post_init__(self) -> None:
        self.context.set_default_timeout(SECONDS * 1000)
        self.context.add_init_script(WATCH)
        self.context.on("console", self._hear)
        self.context.on("weberror", lambda found: self.complaints.append(f"script: {found.error}"))
        self.context.on("response", self._receive)
        self.page = self.context.new_page()

    def open(self, path: str, status: int = 200) -> None:
        """Type an address of the gateway, or a whole one."""
        self.page.goto(path if path.startswith("http") else self.gateway + path)
        self.look(status)

    def click(self, name: str, status: int = 200, within: str = "body") -> None:
        """Press the link or button of this name, and look at what comes."""
        self.follow(self.named(name, within), status)

    def follow(self, found: Locator, status: int = 200) -> None:
        """Press what leads to another page, and look at what comes."""
        self._pressing(found.click)
        self.look(status)

    def click_to_tab(self, name: str) -> Person:
        """Press what opens a tab; the same person, looking at the new one."""
        with self.context.expect_page() as opened:
            self.named(name).click()
        opened.value.wait_for_load_state()
        return self._at(opened.value)

    def named(self, name: str, within: str = "body") -> Locator:
        place = self.page.locator(within)
        exact = re.compile(f"^{re.escape(name)}$")
        return place.get_by_role("link", name=exact).or_(place.get_by_role("button", name=exact)).first

    def sign_in(self, provider: str, status: int = 200, mfa: bool = False) -> None:
        """From the page with the providers to where the sign-in leads."""
        self.page.get_by_role("link", name=provider).click()
        self.pick(status, mfa)

    def pick(self, status: int = 200, mfa: bool = False) -> None:
        """At the local identity provider: press one's own name."""
        expect(self.page).to_have_title(re.compile("Pick who you are"))
        if mfa:
            self.page.get_by_role("checkbox").check()
        found = cast.find(self.key)
        assert found is not None, f"nobody of the cast: {self.key}"
        name = found.display_name
        self._pressing(lambda: self.page.get_by_role("button", name=re.compile(name)).click())
        self.look(status)

    def sign_out(self) -> None:
        """Press the button, and go where it leads: to the provider and back, if that takes part in signing out."""
        self._pressing(lambda: self.named("Sign out").click())
        expect(self.page.get_by_role("heading", level=1)).to_have_text("You are signed out")
        self.look()

    def leave(self, name: str = "Sign out") -> None:
        """Sign out, and be taken on to the provider and back."""
        self.named(name).click()
        expect(self.page.get_by_role("heading", name="You are signed out")).to_be_visible()
        self.look()

    def pick_with_keyboard(self) -> None:
        self.page.get_by_role("button", name=re.compile(self.key, re.IGNORECASE)).focus()
        self._pressing(lambda: self.page.keyboard.press("Enter"))
        self.look()

    def look(self, status: int = 200) -> None:
        """The page is what it should be; one of the gateway's is looked over."""
        self.page.wait_for_load_state()
        if not self.is_at_the_gateway:
            return
        answer = self.documents[self.page.url.partition("#")[0]]
        complaints = [*self.complaints, *faults(answer.status, answer.headers, answer.text())]
        self.complaints.clear()
        if answer.status != status:
            complaints.append(f"answered {answer.status}, expected {status}")
        if not re.fullmatch(r"[A-Z][^·]{3,60} · fedgate", self.page.title()):
            complaints.append(f"title: {self.page.title()}")
        assert complaints == [], f"{self.path}: {'; '.join(complaints)}\n{self.text}"

    def another_tab(self) -> Person:
        """An empty tab of the same browser."""
        return self._at(self.context.new_page())

    def forget(self, cookie: str) -> None:
        """As when the gateway's session has ended: its cookie is gone."""
        self.context.clear_cookies(name=cookie)

    @property
    def is_at_the_gateway(self) -> bool:
        return self.page.url.startswith(f"{self.gateway}/")

    @property
    def path(self) -> str:
        """Path and query of the page at the gateway."""
        return self.page.url.removeprefix(self.gateway)

    @property
    def text(self) -> str:
        """What the page says, in one line."""
        return " ".join(self.page.locator("body").inner_text().split())

    @property
    def heading(self) -> str:
        return " ".join(self.page.locator("h1").inner_text().split())

    def roles(self) -> dict[str, list[str]]:
        """The page's roles by account, as they are shown."""
        sections = self.page.locator("section.account:visible").all()
        return {
            " ".join(section.locator("h2").inner_text().split()): [
                link.evaluate("(link) => link.firstChild.textContent")  # what follows is for those who only hear it
                for link in section.locator("li:visible h3 a").all()
            ]
            for section in sections
        }

    def at_the_console(self) -> dict[str, str]:
        """What the local console says about who came in."""
        expect(self.page).to_have_title(re.compile("local AWS console"))
        fields = self.page.locator("[data-field]").all()
        return {found.get_attribute("data-field") or "": found.inner_text() for found in fields}

    def cookies(self) -> dict[str, str]:
        """The gateway's cookies in this browser."""
        return {c.get("name", ""): c.get("value", "") for c in self.context.cookies(self.gateway)}

    def hears(self, words: str) -> bool:
        """Has the browser complained in these words by now? It says so a moment after the page is there."""
        self.page.wait_for_timeout(20)
        return any(words in said for said in self.complaints)

    def _pressing(self, press: Callable[[], None]) -> None:
        """Press, then wait until the pages that lead on by themselves have been passed: those that carry a form, and
        those of `signin/onward.html`."""
        with self.page.expect_navigation(wait_until="commit"):
            press()
        carrying = self.page.locator("form#carry")
        leading_on = self.page.locator("form#carry, meta[http-equiv=refresh]")
        for _ in range(2):  # none of them is also what is seen of a page of which nothing has been read yet
            self.page.wait_for_load_state("domcontentloaded")
            if not self.scripts and carrying.count():
                with self.page.expect_navigation(wait_until="commit"):
                    carrying.get_by_role("button", name="Continue").click()
            expect(leading_on).to_have_count(0)

    def _at(self, page: Page) -> Person:
        other = copy(self)
        other.page = page
        other.look()
        return other

    def _receive(self, answer: Response) -> None:
        if answer.request.is_navigation_request():
            self.documents[answer.url] = answer

    def _hear(self, message: ConsoleMessage) -> None:
        """Errors of the browser, but for the one line with which it repeats a page's own status."""
        own_status = message.text.startswith("Failed to load resource") and "/static/" not in message.location["url"]
        if message.type in ("error", "warning") and not own_status:
            self.complaints.append(f"browser: {message.text}")


class People(Protocol):
    def __call__(self, key: str, gateway: str = "", **context: Any) -> Person: ...
