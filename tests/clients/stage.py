"""One gateway with a Redis of its own, its people, and how an hour passes on it in a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis
import requests
from bs4 import BeautifulSoup

from tests.clients.clients import Client
from tests.clients.machine import Machine
from tests.office import RULES, Office, open_office, page_of
from tests.prompt import Prompt
from tests.servers.browser import Browser
from tests.servers.redis_server import RedisServer
from tests.world import ADMIN, DEVELOPMENT, World

# Whoever ReadOnly comes from; the other rules stay.
_STAFF, _NOBODY = 'groups = ["Staff"]', 'groups = ["Nobody"]'
_RULES = f"""{RULES}
[[role]]
arn = "{ADMIN}"
method = "saml"
provider_arn = "arn:aws:iam::{DEVELOPMENT}:saml-provider/fedgate"
require_mfa = true
[[rule]]
id = "admins"
provider = "corp-oidc"
groups = ["Admins"]
roles = ["{ADMIN}"]
"""
_TOP = "[session]\ndevice_sign_in = true"


@dataclass(slots=True)
class Stage:
    world: World
    office: Office
    redis_url: str
    folder: Path
    _expired: set[str] = field(default_factory=set)

    @property
    def url(self) -> str:
        return self.office.url

    def place(self, way: str, client: Client) -> Path:
        """A folder of one's own."""
        folder = self.folder / way.replace(" ", "-") / client.key
        folder.mkdir(parents=True)
        return folder

    def home(self, way: str, client: Client) -> Path:
        home = self.place(way, client) / "home"
        home.mkdir(mode=0o700)
        return home

    def at_the_prompt(self, way: str, person: str, client: Client) -> tuple[Browser, Prompt]:
        """Somebody who has typed `fedgate login`, and their browser."""
        browser = self.office.arrive(person)
        prompt = Prompt(self.place(way, client), self.url, self.world.aws)
        login = prompt.login(browser)
        assert login.code == 0, login.err
        return browser, prompt

    def take_away(self) -> None:
        """Nobody may become ReadOnly any more: what the operator's editor does to catalog.toml."""
        self._edit(_STAFF, _NOBODY)

    def give_back(self) -> None:
        self._edit(_NOBODY, _STAFF)

    def _edit(self, old: str, new: str) -> None:
        catalog = self.office.gateway.folder / "catalog.toml"
        text = catalog.read_text("utf-8")
        assert old in text
        catalog.write_text(text.replace(old, new), "utf-8")

    def an_hour_passes(self, machines: Sequence[Machine], *, tokens: bool) -> None:
        """Every key that was handed out is dead, and with `tokens` every access token too: what works afterwards was
        got anew."""
        with redis.from_url(self.redis_url) as client:
            for shelf in ("credentials", *(["access"] if tokens else [])):
                names = list(client.scan_iter(f"fg:{shelf}:*", count=1000))
                if names:
                    client.delete(*names)
        self._expire_keys()
        for machine in machines:
            machine.an_hour_passes(tokens=tokens)

    def keys(self) -> list[str]:
        """Ids of the access keys that the gateway has had from AWS so far, oldest first."""
        issued = [event["facts"] for event in self.office.gateway.events() if event["kind"] == "credentials.issued"]
        return [str(facts["access_key_id"]) for facts in issued if isinstance(facts, dict)]

    def _expire_keys(self) -> None:
        wanted = [key for key in self.keys() if key not in self._expired]
        answer = requests.post(f"{self.world.aws}/_local/expire", json={"access_key_ids": wanted}, timeout=60)
        assert sorted(answer.json()["ended"]) == sorted(wanted)
        self._expired |= set(wanted)

    def sign_out(self, browser: Browser) -> None:
        """The button on the page; ends the terminals too that this sign-in led to."""
        page = page_of(browser.open(f"{self.url}/"))
        csrf = BeautifulSoup(page.text, "html.parser").select_one("form[action='/signout'] input[name=csrf]")
        assert csrf is not None, f"not signed in: {page.url.partition('?')[0]}"
        browser.post(f"{self.url}/signout", {"csrf": str(csrf["value"])}, self.url)


@contextmanager
def open_stage(world: World, folder: Path) -> Iterator[Stage]:
    with ExitStack() as ends:
        server = ends.enter_context(RedisServer(folder))
        office = ends.enter_context(
            open_office(world, rules=_RULES, top=_TOP, environment={"FEDGATE_REDIS_URL": server.url})
        )
        yield Stage(world, office, server.url, folder)
