"""A gateway with a Redis of its own, a company that can be told what to say, and what a thief carries away."""

from __future__ import annotations

import base64
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import redis
import requests
from bs4 import BeautifulSoup

from tests.forges.oidc import OidcForge
from tests.office import RULES, page_of
from tests.prompt import Tokens, bearer
from tests.servers.browser import Browser
from tests.servers.redis_server import RedisServer
from tests.theft.aging import Opener
from tests.world import ROOT, Gateway, World

PROVIDER = "corp-oidc"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0"
_PROVIDER = """
[[provider]]
id = "corp-oidc"
kind = "oidc"
label = "Company"
issuer = "{issuer}"
client_id = "gateway"
client_secret_file = "company.secret"
groups_claim = "groups"
sign_out = "gateway"
allow_private_network = true
"""


@dataclass(frozen=True, slots=True)
class Dump:
    """All that is in Redis: keys and values."""

    values: dict[bytes, bytes] = field(repr=False)

    @property
    def whole(self) -> bytes:
        return b"\n".join([*self.values, *self.values.values()])

    def of(self, shelf: str) -> dict[bytes, bytes]:
        return {name: value for name, value in self.values.items() if name.startswith(f"fg:{shelf}:".encode())}


@dataclass(frozen=True, slots=True)
class Scene:
    gateway: Gateway
    redis: RedisServer
    key: bytes = field(repr=False)
    company: OidcForge
    told: dict[str, str] = field(repr=False)

    @property
    def url(self) -> str:
        return self.gateway.url

    def arrive(self, who: str, agent: str = FIREFOX) -> Browser:
        """Somebody signs in: a developer of that name."""
        sid = f"{who}-{secrets.token_hex(4)}"
        self.company.person |= {"sub": f"subject-of-{who}", "preferred_username": who, "sid": sid}
        self.company.person |= {"groups": ["Developers"]}
        browser = Browser()
        browser.http.headers["User-Agent"] = agent
        page = page_of(browser.open(f"{self.url}/signin/{PROVIDER}"))
        assert page.url == f"{self.url}/", page.url.partition("?")[0]
        return browser

    def terminal(self, browser: Browser) -> Tokens:
        return bearer(self.url, browser)

    def sign_out(self, browser: Browser) -> None:
        page = page_of(browser.open(f"{self.url}/"))
        field = BeautifulSoup(page.text, "html.parser").select_one('form[action="/signout"] input[name=csrf]')
        assert field is not None
        browser.post(f"{self.url}/signout", {"csrf": str(field["value"])}, self.url)

    def is_in(self, browser: Browser) -> bool:
        return self.first_page(browser).status_code == 200

    def first_page(self, browser: Browser) -> requests.Response:
        return browser.http.get(f"{self.url}/", allow_redirects=False, timeout=60)

    def may(self, tokens: Tokens) -> bool:
        return requests.get(f"{self.url}/api/v1/me", headers=tokens.header, timeout=60).status_code == 200

    def refresh(self, tokens: Tokens) -> Tokens | str:
        """New tokens, or the error's word."""
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh, "client_id": "fedgate-cli"}
        answer = requests.post(f"{self.url}/oauth/token", data=form, timeout=60).json()
        return str(answer["error"]) if "error" in answer else Tokens(answer["access_token"], answer["refresh_token"])

    def events(self, kind: str) -> list[dict[str, object]]:
        return [event for event in self.gateway.events() if event["kind"] == kind]

    def operator(self, *words: str) -> str:
        """`python -m app.sessions`, with the gateway's own settings; what it printed."""
        command = [sys.executable, "-m", "app.sessions", *words]
        told = {**self.told, "FEDGATE_CONFIG": str(self.gateway.folder / "gateway.toml")}
        told["FEDGATE_AUDIT_JOURNAL"] = str(self.gateway.folder / "audit")
        ended = subprocess.run(
            command, env=os.environ | told, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
        )
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def dump(self) -> Dump:
        with redis.from_url(self.redis.url) as client:
            return Dump({name: client.get(name) or b"" for name in client.scan_iter("*")})

    def put_back(self, values: dict[bytes, bytes]) -> None:
        with redis.from_url(self.redis.url) as client:
            for name, value in values.items():
                client.set(name, value)

    @property
    def opener(self) -> Opener:
        """For who holds the gateway's sealing key and its Redis."""
        return Opener(self.redis.url, self.key)


@pytest.fixture(scope="module")
def scene(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    key = secrets.token_bytes(32)
    with RedisServer(tmp_path_factory.mktemp("redis")) as server, OidcForge() as company:
        company.offers_refresh = True
        # One worker: what each remembers by itself (`app/sessions/live.py`) is then known to all of them.
        told = {"WEB_CONCURRENCY": "1", "FEDGATE_REDIS_URL": server.url}
        told["FEDGATE_SEALING_KEYS"] = base64.b64encode(key).decode()
        files = {"company.secret": company.client_secret}
        gateway = world.gateway(_PROVIDER.format(issuer=company.issuer), RULES, files=files, environment=told)
        assert gateway.process is not None
        try:
            yield Scene(gateway, server, key, company, told)
        finally:
            gateway.process.stop()


def stolen(browser: Browser, agent: str = FIREFOX) -> Browser:
    """A copy of the cookie jar, in a thief's browser."""
    thief = Browser()
    thief.http.headers["User-Agent"] = agent
    thief.http.cookies.update(browser.http.cookies)
    return thief
