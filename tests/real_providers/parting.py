"""A gateway and one SimpleSAMLphp that end each other's sessions. Both sign, and both insist on the other's signature,
as a company would have it. It knows the gateway as two applications: one whose logout goes by redirects, and one whose
logout goes by forms.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import requests
from bs4 import BeautifulSoup
from lxml import etree

from app.providers.saml import keys
from tests.office import page_of
from tests.real_providers.conftest import PROVIDERS
from tests.servers.browser import Browser, Stopped
from tests.servers.fixtures import StartSimpleSamlPhp
from tests.servers.people import Account
from tests.servers.process import LOOPBACK, free_port
from tests.servers.simplesamlphp import POST, SimpleSamlPhp, with_logout
from tests.world import READ_ONLY, UPDATE_APP, Gateway, World

PROVIDER = PROVIDERS.partition('\n[[provider]]\nid = "okta"')[0] + 'key_files = ["saml.pem"]\n'
BY_POST = PROVIDER.replace('"ssp"', '"ssp-post"').replace("simplesamlphp.xml", "by-post.xml")
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
"""


class Parting:
    def __init__(self, gateway: Gateway, saml: SimpleSamlPhp, provider: str = "ssp") -> None:
        self.gateway, self.saml, self.url, self.provider = gateway, saml, gateway.url, provider

    @property
    def by_post(self) -> Parting:
        return Parting(self.gateway, self.saml, "ssp-post")

    @property
    def slo(self) -> str:
        return f"{self.url}/signin/{self.provider}/logout"

    def arrive(self, who: Account, browser: Browser | None = None) -> Browser:
        browser = browser or Browser()
        page = page_of(browser.sign_in(browser.open(f"{self.url}/signin/{self.provider}"), who.user))
        assert page.url == f"{self.url}/", f"{who.name} came to {page.url.partition('?')[0]}: {page.status_code}"
        return browser

    def is_signed_in(self, browser: Browser) -> bool:
        return page_of(browser.open(f"{self.url}/")).url == f"{self.url}/"

    def is_known_there(self, browser: Browser) -> bool:
        """Would SimpleSAMLphp let this browser in without a password?"""
        page = page_of(browser.open(f"{self.url}/signin/{self.provider}"))
        return "SAMLResponse" in page.text

    def sign_out(self, browser: Browser) -> requests.Response | Stopped:
        """Press the button, and go on to where the page leads."""
        page = BeautifulSoup(page_of(browser.open(f"{self.url}/")).text, "html.parser")
        csrf = page.select_one("form[action='/signout'] input[name=csrf]")
        assert csrf is not None
        onward = page_of(browser.post(f"{self.url}/signout", {"csrf": str(csrf["value"])}, self.url))
        led = BeautifulSoup(onward.text, "html.parser").select_one("a.button[href^='/signout/onward']")
        assert led is not None, onward.text
        return browser.open(self.url + str(led["href"]))

    def sign_out_there(self, browser: Browser) -> requests.Response | Stopped:
        """SimpleSAMLphp's own sign-out, which tells every application in turn."""
        address = f"{self.saml.base_url}/saml2/idp/initSLO.php"
        return browser.open(f"{address}?RelayState={self.saml.base_url}/saml2/idp/metadata.php")

    def last(self, kind: str) -> dict[str, object]:
        return [event for event in self.gateway.events() if event["kind"] == kind][-1]


@contextmanager
def open_parting(world: World, start_simplesamlphp: StartSimpleSamlPhp) -> Iterator[Parting]:
    port, pem = free_port(), keys.new(datetime.now(UTC))
    url = f"http://{LOOPBACK}:{port}"
    entity_id, acs, slo = (f"{url}/signin/ssp/{name}" for name in ("metadata", "acs", "logout"))
    by_post = {"AssertionConsumerService": acs.replace("ssp", "ssp-post")}
    by_post |= with_logout(slo.replace("ssp", "ssp-post"), pem, POST)
    others = {entity_id.replace("ssp", "ssp-post"): by_post}
    saml = start_simplesamlphp(entity_id=entity_id, acs=acs, remote=with_logout(slo, pem), others=others)
    metadata = saml.metadata().decode()
    files = {"simplesamlphp.xml": metadata, "by-post.xml": _only_by_post(metadata), "saml.pem": pem}
    gateway = world.gateway(PROVIDER + BY_POST, RULES, port=port, files=files)
    try:
        yield Parting(gateway, saml)
    finally:
        assert gateway.process is not None
        gateway.process.stop()


def _only_by_post(metadata: str) -> str:
    """As of a provider that has no address for redirects."""
    root = etree.fromstring(metadata.encode())
    for service in list(root.iter("{*}SingleLogoutService")):
        parent = service.getparent()
        if service.get("Binding") != POST and parent is not None:
            parent.remove(service)
    return etree.tostring(root).decode()
