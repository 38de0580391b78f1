"""One gateway with four providers: two OIDC forges, a SAML forge that may send people unasked, and one that is off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup

from tests.forges.oidc import OidcForge
from tests.forges.saml import SamlForge
from tests.servers.browser import Browser
from tests.world import ADMIN, READ_ONLY, Gateway, World

_OIDC = """
[[provider]]
id = "{id}"
kind = "oidc"
label = "{label}"
issuer = "{forge.issuer}"
client_id = "{forge.client_id}"
client_secret_file = "forge.secret"
mfa_amr = ["otp"]
allow_private_network = true
"""
_SAML = """
[[provider]]
id = "partner"
kind = "saml"
label = "Partner"
metadata = "partner.xml"
idp_initiated = true
"""
_ROLES = f"""
[[role]]
arn = "{ADMIN}"
label = "Administrator"
method = "saml"
provider_arn = "arn:aws:iam::111111111111:saml-provider/fedgate"
require_mfa = true
fresh = 10
tags = {{ Department = "IT" }}
"""
_ADMINS = 'admins = [{ provider = "northwind", groups = ["gateway-admins"], require_mfa = true }]'
_RULE = """
[[rule]]
id = "{provider}"
provider = "{provider}"
groups = ["aws-dev"]
roles = ["{admin}", "{read_only}"]
"""


@dataclass(frozen=True)
class House:
    gateway: Gateway
    northwind: OidcForge
    southwind: OidcForge
    partner: SamlForge

    @property
    def url(self) -> str:
        return self.gateway.url

    def signed_in(self, sub: str = "sub-bob", name: str = "bob", **person: Any) -> Browser:
        """Somebody of Northwind, at the page of their roles."""
        self.is_now(sub, name, **person)
        browser = Browser()
        page = browser.open(f"{self.url}/signin/northwind")
        assert isinstance(page, requests.Response)
        assert page.url == f"{self.url}/", f"{page.status_code} {page.url}"
        return browser

    def is_now(self, sub: str = "sub-bob", name: str = "bob", amr: tuple[str, ...] = ("pwd",), **more: Any) -> None:
        """Who is at the keyboard of Northwind's people from here on, and how they sign in."""
        self.northwind.twist.claims.clear()
        said = {"sub": sub, "preferred_username": name, "email": f"{name}@northwind.example", "amr": list(amr)}
        self.northwind.person |= said | {"groups": ["aws-dev"], "sid": f"sid-{sub}"} | more

    def get(self, browser: Browser, path: str) -> requests.Response:
        """One answer, without following."""
        return browser.http.get(self.url + path, headers={"Accept": "text/html"}, allow_redirects=False, timeout=60)

    def follow(self, browser: Browser, path: str) -> requests.Response:
        found = browser.open(path if path.startswith("http") else self.url + path)
        assert isinstance(found, requests.Response)
        return found

    def sign_out(self, browser: Browser) -> requests.Response:
        """Press the button, and go wherever it leads."""
        form = soup(self.follow(browser, "/")).select_one("form[action='/signout'] [name=csrf]")
        assert form is not None
        found = browser.post(f"{self.url}/signout", {"csrf": str(form["value"])}, self.url)
        assert isinstance(found, requests.Response)
        return self.onward(browser, found)

    def onward(self, browser: Browser, page: requests.Response) -> requests.Response:
        """What a browser does by itself on a page that only leads on."""
        refresh = soup(page).select_one("meta[http-equiv=refresh]")
        return page if refresh is None else self.follow(browser, onward_of(page))


def onward_of(page: requests.Response) -> str:
    refresh = soup(page).select_one("meta[http-equiv=refresh]")
    assert refresh is not None, page.text
    return urljoin(page.url, str(refresh["content"]).partition("url=")[2])


def soup(page: requests.Response) -> BeautifulSoup:
    return BeautifulSoup(page.text, "html.parser")


def said(page: requests.Response) -> str:
    main = soup(page).select_one("main")
    assert main is not None
    return " ".join(main.get_text(" ").split())


@pytest.fixture(scope="module")
def house(world: World) -> Iterator[House]:
    with OidcForge() as northwind:
        southwind = OidcForge("/southwind", beside=northwind)
        partner = SamlForge()
        providers = (
            _OIDC.format(id="northwind", label="Northwind", forge=northwind)
            + 'email_domains = ["northwind.example", "xn--bcher-kva.example"]\n'
            + _OIDC.format(id="southwind", label="Southwind", forge=southwind)
            + 'sign_out = "gateway"\n'
            + _SAML
            + _OIDC.format(id="closed", label="Closed", forge=southwind)
            + "enabled = false\n"
        )
        rules = "".join(
            _RULE.format(provider=provider, admin=ADMIN, read_only=READ_ONLY)
            for provider in ("northwind", "southwind", "partner")
        )
        files = {"forge.secret": northwind.client_secret, "partner.xml": partner.metadata()}
        gateway = world.gateway(providers, _ROLES + rules, files=files, top=_ADMINS)
        yield House(gateway, northwind, southwind, partner)
