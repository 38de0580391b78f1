"""What strangers and administrators write is text on every page, and never markup: somebody called like an element, in
groups called like one, among accounts, roles and rules that are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urldefrag, urlencode, urljoin, urlsplit

import pytest
import requests
from bs4 import BeautifulSoup

from app.audit import JournalFiles
from app.catalog.__main__ import run
from app.catalog.editing import Editing
from app.catalog.known import Known
from app.catalog.versions import Versions
from app.database.engine import Database
from tests.forges.oidc import OidcForge
from tests.office import page_of
from tests.servers.browser import Browser
from tests.world import DEVELOPMENT, PRODUCTION, READ_ONLY, Gateway, World

ELEMENT = "i-was-here"
MARK = f"\"'>--></script><{ELEMENT} {ELEMENT}='"  # out of an attribute, a comment, a script
_TOP = f"contact = '''{MARK}'''\nadmins = [{{ provider = 'corp', groups = ['Admins'] }}]\n"
_PROVIDER = """
[[provider]]
id = "corp"
kind = "oidc"
label = '''{mark}'''
issuer = "{forge.issuer}"
client_id = "{forge.client_id}"
client_secret_file = "forge.secret"
attributes = ["department"]
allow_private_network = true
"""
_CATALOG = f"""
[[account]]
id = "{PRODUCTION}"
name = '''{MARK}'''
[[account]]
id = "{DEVELOPMENT}"
name = "Development"
[[role]]
arn = "{READ_ONLY}"
label = '''{MARK}'''
method = "assume_role"
visible = true
[[rule]]
id = '''{MARK}'''
provider = "corp"
groups = ['''{MARK}''']
attributes = {{ department = ['''{MARK}'''] }}
roles = ["{READ_ONLY}"]
note = '''{MARK}'''
"""
_ASKED = (  # what anybody may write into an address
    "/?q=",
    "/signin?to=",
    "/signin?ended=",
    "/device?user_code=",
    "/admin/catalog?q=",
    "/admin/why?person=",
    "/admin/why?role=read&person=",
    "/admin/activity?person=",
    "/admin/people?q=",
    f"/why/{PRODUCTION}/",
    f"/console/{PRODUCTION}/ReadOnly?destination=",
    f"/console/{PRODUCTION}/",
    "/oauth/authorize?client_id=",
    "/nothing/",
)
_NOT_ENTERED = ("/console", "/sign", "/cli", "/admin/activity/")
_MOST = 80  # pages


@dataclass
class Walk:
    """Through everything that a page leads to, but for what signs in or out, or leaves."""

    gateway: Gateway
    browser: Browser
    seen: dict[str, BeautifulSoup] = field(default_factory=dict)

    def take(self, path: str) -> None:
        answer = page_of(self.browser.open(self.gateway.url + path))
        if "html" in answer.headers["Content-Type"]:
            self.seen[path] = BeautifulSoup(answer.text, "html.parser")

    def go(self, *paths: str) -> None:
        ahead = list(paths)
        while ahead and len(self.seen) < _MOST:
            path = ahead.pop(0)
            if path not in self.seen:
                self.take(path)
                ahead += self._led_to(path)

    def _led_to(self, path: str) -> list[str]:
        links = self.seen[path].select("a[href]") if path in self.seen else []
        found = [urldefrag(urljoin(self.gateway.url + path, str(link["href"])))[0] for link in links]
        ours = [one.removeprefix(self.gateway.url) for one in found if one.startswith(f"{self.gateway.url}/")]
        return [one for one in ours if not urlsplit(one).path.startswith(_NOT_ENTERED)]


@pytest.fixture(scope="module")
def gateway(world: World) -> Iterator[Gateway]:
    with OidcForge() as forge:
        forge.person |= {"preferred_username": MARK, "email": MARK, "sub": MARK, "groups": ["Admins", MARK]}
        forge.person |= {"department": MARK}
        files = {"forge.secret": forge.client_secret}
        provider = _PROVIDER.format(mark=MARK, forge=forge)
        found = world.gateway(provider, "", files=files, top=_TOP, environment={"FEDGATE_CATALOG": ""})
        editing = Editing(
            Versions(Database(f"sqlite:///{found.folder}/fedgate.db"), lambda: datetime.now(UTC)),
            lambda: Known(frozenset({"corp"}), {}),
            JournalFiles(found.folder / "audit", lambda: datetime.now(UTC)),
        )
        (found.folder / "first.toml").write_text(_CATALOG, "utf-8")
        run(editing, ["apply", str(found.folder / "first.toml"), MARK])
        yield found


def test_a_name_is_no_markup_on_any_page(gateway: Gateway) -> None:
    browser = Browser()
    home = page_of(browser.open(f"{gateway.url}/signin/corp"))
    assert isinstance(home, requests.Response)
    assert home.url == f"{gateway.url}/", home.status_code
    walk = Walk(gateway, browser)
    for begun in _ASKED:
        walk.take(begun + urlencode({"": MARK})[1:])
    walk.go("/", "/terminal", "/admin", "/admin/people", "/admin/activity", "/admin/catalog/rule")
    broken = [path for path, page in walk.seen.items() if page.find(ELEMENT) or page.find(attrs={ELEMENT: True})]
    assert not broken
    shown = [path for path, page in walk.seen.items() if MARK in page.get_text() or MARK in _values(page)]
    assert len(shown) >= 20, "most pages show something that somebody wrote"


def _values(page: BeautifulSoup) -> list[str]:
    return [str(field["value"]) for field in page.select("[value]")]
