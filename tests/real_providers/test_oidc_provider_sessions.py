"""Alice at a running gateway and at oidc-provider: what is asked of her there, and how an end there is an end here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from bs4 import BeautifulSoup

from app.core.events import Kind
from tests.prompt import Tokens, bearer, refresh
from tests.real_providers.conftest import PROVIDERS, RULES
from tests.servers.browser import Browser, User
from tests.servers.fixtures import StartOidcProvider
from tests.servers.oidc_provider import OidcProvider
from tests.servers.people import ALICE
from tests.servers.process import LOOPBACK, free_port
from tests.world import Gateway, World

_OKTA = PROVIDERS[PROVIDERS.rindex("[[provider]]") :] + 'mfa_acr = ["urn:example:second-factor"]\n'
_RULES = RULES[RULES.rindex("[[rule]]") :]
WITH_SECOND_FACTOR = User(ALICE.name, ALICE.password, mfa=True)
pytestmark = [pytest.mark.slow]


@dataclass(frozen=True, slots=True)
class Company:
    gateway: Gateway
    oidc: OidcProvider

    @property
    def url(self) -> str:
        return self.gateway.url

    def sign_in(self, who: User, browser: Browser | None = None, wish: str = "") -> tuple[Browser, requests.Response]:
        browser = browser or Browser()
        page = browser.sign_in(browser.open(f"{self.url}/signin/okta{wish}"), who)
        assert isinstance(page, requests.Response), "nowhere to stop"
        return browser, page

    def arrive(self) -> tuple[Browser, Tokens]:
        """Signed in, with a terminal."""
        browser, page = self.sign_in(ALICE.user)
        assert page.url == f"{self.url}/"
        return browser, bearer(self.url, browser)

    def is_signed_in(self, browser: Browser) -> bool:
        return page_at(browser, f"{self.url}/").url == f"{self.url}/"

    def terminal_works(self, tokens: Tokens) -> bool:
        return requests.get(f"{self.url}/api/v1/me", headers=tokens.header, timeout=60).status_code == 200

    def leave(self, browser: Browser) -> requests.Response:
        """The button of ours, the page in between, the provider's own question, and back."""
        home = page_at(browser, f"{self.url}/")
        form = BeautifulSoup(home.text, "html.parser").select_one('form[action="/signout"]')
        assert form is not None
        fields = {str(tag["name"]): str(tag["value"]) for tag in form.select("input[name]")}
        page = browser.post(f"{self.url}/signout", fields, self.url)
        assert isinstance(page, requests.Response)
        onward = BeautifulSoup(page.text, "html.parser").select_one("p.answers a")
        assert onward is not None
        return self.confirm(browser, page_at(browser, self.url + str(onward["href"])))

    def confirm(self, browser: Browser, question: requests.Response) -> requests.Response:
        assert question.url.startswith(self.oidc.issuer), question.url
        secret = BeautifulSoup(question.text, "html.parser").select_one("input[name=xsrf]")
        assert secret is not None
        there = f"{self.oidc.issuer}/session/end/confirm"
        page = browser.post(there, {"xsrf": str(secret["value"]), "logout": "yes"}, self.oidc.issuer)
        assert isinstance(page, requests.Response)
        return page

    def facts(self, kind: Kind) -> dict[str, Any]:
        """Of the newest event of this kind, with whom it is about."""
        event = [event for event in self.gateway.events() if event["kind"] == kind.value][-1]
        facts = event["facts"]
        assert isinstance(facts, dict)
        return {"subject": event["subject"], **facts}


def page_at(browser: Browser, url: str) -> requests.Response:
    page = browser.open(url)
    assert isinstance(page, requests.Response)
    return page


@pytest.fixture(scope="module")
def company(world: World, start_oidc_provider: StartOidcProvider) -> Iterator[Company]:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    oidc = start_oidc_provider(
        redirect_uri=f"{url}/signin/okta/callback",
        post_logout_redirect_uri=f"{url}/signout",
        backchannel_logout_uri=f"{url}/signin/okta/logout",
    )
    files = {"okta.secret": oidc.client_secret}
    gateway = world.gateway(_OKTA.format(issuer=oidc.issuer), _RULES, port=port, files=files)
    yield Company(gateway, oidc)
    assert gateway.process is not None
    gateway.process.stop()


def test_signing_out_here_signs_out_there_and_brings_her_back(company: Company) -> None:
    browser, tokens = company.arrive()
    back = company.leave(browser)
    assert back.url.startswith(f"{company.url}/signout?state=")
    assert "You are signed out" in back.text
    assert "oidc-provider" in back.text
    assert not company.is_signed_in(browser)
    assert not company.terminal_works(tokens)
    assert refresh(company.url, browser, tokens).status_code == 400
    there = page_at(browser, f"{company.url}/signin/okta")
    assert there.url.startswith(company.oidc.issuer), "she would be let in without being asked"


def test_an_end_at_the_provider_ends_what_came_of_it_here_and_nothing_else(company: Company) -> None:
    browser, tokens = company.arrive()
    elsewhere, others = company.arrive()
    company.confirm(browser, page_at(browser, f"{company.oidc.issuer}/session/end"))
    assert not company.is_signed_in(browser)
    assert not company.terminal_works(tokens)
    assert company.is_signed_in(elsewhere)
    assert company.terminal_works(others)
    assert company.facts(Kind.ENDED_BY_PROVIDER)["subject"] == ALICE.name


def test_a_second_factor_is_asked_for_and_carried(company: Company) -> None:
    browser, _ = company.sign_in(ALICE.user)
    assert company.facts(Kind.SIGNED_IN)["mfa"] == 0
    _, page = company.sign_in(WITH_SECOND_FACTOR, browser, "?mfa=1&to=/")
    assert page.url == f"{company.url}/"
    assert company.facts(Kind.SIGNED_IN)["mfa"] == 1


def test_who_does_without_it_is_told_what_was_expected(company: Company) -> None:
    _, page = company.sign_in(ALICE.user, None, "?mfa=1")
    assert page.status_code == 400
    assert "urn:example:second-factor" in page.text
    assert company.facts(Kind.SIGN_IN_REFUSED)["reason"] == "oidc.step-up-mfa"


def test_a_fresh_sign_in_is_asked_for_though_the_provider_knows_her(company: Company) -> None:
    browser, _ = company.sign_in(ALICE.user)
    assert page_at(browser, f"{company.url}/signin/okta").url == f"{company.url}/"  # not asked
    page = page_at(browser, f"{company.url}/signin/okta?max_age=300")
    assert page.url.startswith(company.oidc.issuer)
    came = browser.sign_in(page, ALICE.user)
    assert isinstance(came, requests.Response)
    assert came.url == f"{company.url}/"
