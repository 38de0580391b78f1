"""A gateway with device sign-in, terminals that begin one by hand, and people who answer in a scripted browser."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests
from bs4 import BeautifulSoup

from tests.forges.oidc import OidcForge
from tests.leaks.planted import PLANTED
from tests.office import page_of
from tests.servers.browser import Browser
from tests.world import ADMIN, DEVELOPMENT, UPDATE_APP, Gateway, World

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
ON = "[session]\ndevice_sign_in = true"
_PROVIDER = """
[[provider]]
id = "forge"
kind = "oidc"
label = "Forge"
issuer = "{issuer}"
client_id = "{client}"
client_secret_file = "forge.secret"
mfa_acr = ["urn:example:mfa"]
allow_private_network = true
"""
_RULES = f"""
[[role]]
arn = "{ADMIN}"
label = "Administrator"
method = "saml"
provider_arn = "arn:aws:iam::{DEVELOPMENT}:saml-provider/fedgate"
require_mfa = true
fresh = 15
[[rule]]
id = "all"
provider = "forge"
groups = ["everyone"]
roles = ["{UPDATE_APP}", "{ADMIN}"]
"""


@dataclass(frozen=True, slots=True)
class Scene:
    gateway: Gateway
    forge: OidcForge

    @property
    def url(self) -> str:
        return self.gateway.url

    def arrive(self, path: str = "/", *, seen_minutes_ago: int = 0) -> Browser:
        """Somebody new, signed in; nobody else's guesses count for them."""
        self.forge.person |= {"sub": secrets.token_hex(8)}
        if seen_minutes_ago:
            self.forge.twist.claims["auth_time"] = int(time.time()) - 60 * seen_minutes_ago
        browser = Browser()
        try:
            page = page_of(browser.open(f"{self.url}/signin/forge?to={path}"))
        finally:
            self.forge.twist.claims.pop("auth_time", None)
        assert page.status_code in (200, 401), page.text
        return browser

    def terminal(self) -> DeviceTerminal:
        """On a network of its own, so that limits of one test are not met by the next."""
        return DeviceTerminal(self.url, f"3fff:{secrets.randbelow(0x1000):x}:{secrets.randbelow(0x10000):x}::1")

    def event(self, kind: str) -> dict[str, Any]:
        """The newest line of this kind in the audit."""
        return [dict(event) for event in self.gateway.events() if event["kind"] == kind][-1]


@contextmanager
def open_scene(world: World, redis_url: str, *, top: str = ON, application: str = "wsgi:app") -> Iterator[Scene]:
    with OidcForge() as forge:
        gateway = world.gateway(
            _PROVIDER.format(issuer=forge.issuer, client=forge.client_id),
            _RULES,
            files={"forge.secret": forge.client_secret},
            top=top,
            environment={"FEDGATE_TRUSTED_PROXIES": "1", "FEDGATE_REDIS_URL": redis_url},
            application=application,
        )
        try:
            yield Scene(gateway, forge)
        finally:
            assert gateway.process is not None
            gateway.process.stop()


@dataclass
class DeviceTerminal:
    """`fedgate login --device`, without the program."""

    url: str
    address: str
    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48), repr=False)
    begun: dict[str, Any] = field(default_factory=dict, repr=False)
    http: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        self.http.trust_env = False
        self.http.hooks["response"] = [PLANTED.saw]
        self.http.headers["X-Forwarded-For"] = self.address

    @property
    def code(self) -> str:
        return str(self.begun["user_code"])

    def ask(self, **changes: str) -> requests.Response:
        challenge = base64.urlsafe_b64encode(hashlib.sha256(self.verifier.encode()).digest()).decode().rstrip("=")
        wanted = {"client_id": "fedgate-cli", "code_challenge": challenge, "code_challenge_method": "S256"}
        form = {**wanted, "device_name": "build-7", **changes}
        return self.http.post(f"{self.url}/oauth/device_authorization", data=form, timeout=60)

    def begin(self, **changes: str) -> DeviceTerminal:
        answer = self.ask(**changes)
        assert answer.status_code == 200, answer.text
        self.begun = answer.json()
        return self

    def poll(self, **changes: str) -> tuple[int, str]:
        """Status, and the error or nothing."""
        answer = self.answer(**changes)
        return answer.status_code, str(answer.json().get("error", ""))

    def answer(self, **changes: str) -> requests.Response:
        form = {
            "grant_type": GRANT,
            "client_id": "fedgate-cli",
            "device_code": str(self.begun.get("device_code", "")),
            "code_verifier": self.verifier,
        }
        return self.http.post(f"{self.url}/oauth/token", data={**form, **changes}, timeout=60)

    def me(self, access_token: str) -> requests.Response:
        headers = {"Authorization": f"Bearer {access_token}"}
        return self.http.get(f"{self.url}/api/v1/me", headers=headers, timeout=60)


def type_code(url: str, browser: Browser, typed: str, answer: str = "") -> requests.Response:
    """Into the page; with `answer` "yes" or "no", also the answer on the next one, where the code led to it."""
    page = page_of(browser.open(f"{url}/device"))
    page = _sent(url, browser, page, {"user_code": typed})
    return _sent(url, browser, page, {"answer": answer}) if answer and page.status_code == 200 else page


def press(url: str, browser: Browser, page: requests.Response, answer: str) -> requests.Response:
    return _sent(url, browser, page, {"answer": answer})


def heading(page: requests.Response) -> str:
    found = BeautifulSoup(page.text, "html.parser").h1
    assert found is not None
    return " ".join(found.get_text().split())


def _sent(url: str, browser: Browser, page: requests.Response, form: dict[str, str]) -> requests.Response:
    hidden = BeautifulSoup(page.text, "html.parser").select('form[action="/device"] input')
    assert hidden, f"no form of ours: {page.status_code} {heading(page)}"
    kept = {str(tag["name"]): str(tag.get("value", "")) for tag in hidden}
    return page_of(browser.post(f"{url}/device", {**kept, **form}, url))
