"""One gateway with SimpleSAMLphp and oidc-provider side by side, joined by nothing but its two files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from tests.prompt import Prompt
from tests.servers.browser import Browser, Stopped
from tests.servers.fixtures import StartOidcProvider, StartSimpleSamlPhp
from tests.servers.oidc_provider import OidcProvider
from tests.servers.people import Account
from tests.servers.process import LOOPBACK, free_port
from tests.servers.simplesamlphp import SimpleSamlPhp
from tests.world import DEVELOPER, READ_ONLY, UPDATE_APP, Gateway, World

PROVIDERS = """
[[provider]]
id = "ssp"
kind = "saml"
label = "SimpleSAMLphp"
metadata = "simplesamlphp.xml"
groups_attribute = "groups"
name_attribute = "mail"
email_attribute = "mail"
attributes = ["department"]

[[provider]]
id = "okta"
kind = "oidc"
label = "oidc-provider"
issuer = "{issuer}"
client_id = "fedgate"
client_secret_file = "okta.secret"
scopes = ["openid", "profile", "email", "groups"]
groups_claim = "groups"
name_claim = "preferred_username"
attributes = ["department"]
mfa_amr = ["mfa"]
allow_private_network = true
"""
# Alice is in aws-developers at both, Bob in aws-readonly at both: the rules tell the providers apart.
RULES = f"""
[[rule]]
id = "ssp-developers"
provider = "ssp"
groups = ["aws-developers"]
roles = ["{UPDATE_APP}"]
[[rule]]
id = "ssp-readonly"
provider = "ssp"
groups = ["aws-readonly"]
roles = ["{READ_ONLY}"]
[[rule]]
id = "okta-admins"
provider = "okta"
groups = ["aws-admins"]
roles = ["{DEVELOPER}"]
"""


@dataclass(frozen=True, slots=True)
class Company:
    gateway: Gateway
    saml: SimpleSamlPhp
    oidc: OidcProvider

    @property
    def url(self) -> str:
        return self.gateway.url

    def go(self, provider: str, who: Account, browser: Browser | None = None) -> tuple[Browser, requests.Response]:
        """Through the provider's own pages, to wherever that leads."""
        browser = browser or Browser()
        page = browser.sign_in(browser.open(f"{self.url}/signin/{provider}"), who.user)
        assert isinstance(page, requests.Response), "nowhere to stop"
        return browser, page

    def arrive(self, provider: str, who: Account) -> Browser:
        """Signed in, at the page of their roles."""
        browser, page = self.go(provider, who)
        assert page.url == f"{self.url}/", f"{who.name} came to {page.url.partition('?')[0]}: {page.status_code}"
        return browser

    def stop_before(self, provider: str, address: str, who: Account) -> tuple[Browser, Stopped]:
        """The browser just before it brings the provider's answer to `address` of the gateway."""
        browser = Browser(until=f"{self.url}/signin/{provider}/{address}")
        answer = browser.sign_in(browser.open(f"{self.url}/signin/{provider}"), who.user)
        assert isinstance(answer, Stopped), f"{answer.url.partition('?')[0]} {answer.status_code}"
        browser.until = ""
        return browser, answer

    def is_signed_in(self, browser: Browser) -> bool:
        page = browser.open(f"{self.url}/")
        assert isinstance(page, requests.Response)
        return page.url == f"{self.url}/"


@pytest.fixture(scope="module")
def company(
    world: World, start_simplesamlphp: StartSimpleSamlPhp, start_oidc_provider: StartOidcProvider
) -> Iterator[Company]:
    port = free_port()
    url = f"http://{LOOPBACK}:{port}"
    saml = start_simplesamlphp(entity_id=f"{url}/signin/ssp/metadata", acs=f"{url}/signin/ssp/acs")
    oidc = start_oidc_provider(redirect_uri=f"{url}/signin/okta/callback")
    files = {"simplesamlphp.xml": saml.metadata().decode(), "okta.secret": oidc.client_secret}
    gateway = world.gateway(PROVIDERS.format(issuer=oidc.issuer), RULES, port=port, files=files)
    yield Company(gateway, saml, oidc)
    assert gateway.process is not None
    gateway.process.stop()


@pytest.fixture
def prompt(company: Company, world: World, tmp_path: Path) -> Callable[[str], Prompt]:
    """A new machine for somebody."""

    def new(name: str) -> Prompt:
        folder = tmp_path / name
        folder.mkdir()
        return Prompt(folder, company.url, world.aws)

    return new
