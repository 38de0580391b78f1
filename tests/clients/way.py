"""A way in which a client comes to credentials: how somebody gets there, and what they must read when it ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.cli.profiles.aws_lines import Entry
from tests.clients.cells import Caller, Event, Expected
from tests.clients.clients import Client
from tests.clients.machine import Machine
from tests.clients.stage import Stage
from tests.servers.browser import Browser
from tests.world import PRODUCTION

# Who is denied ReadOnly, wherever it is said.
DENIED = (
    f"None of your groups gives you the role ReadOnly in account {PRODUCTION}.",
    "ask the people who manage AWS access",
    "reference ",
)
JAVASCRIPT_HIDES = "CredentialsProviderError: Could not load credentials from any providers"


@dataclass(frozen=True, slots=True)
class Guest:
    """A client with a home, and the browser in which its person is signed in. `leave` ends what was started."""

    machine: Machine
    browser: Browser
    leave: Callable[[], None] = lambda: None


class Way(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def person(self) -> str: ...

    @property
    def renews(self) -> bool:
        """Whether there is anything that could renew an access token."""

    def arrive(self, stage: Stage, client: Client) -> Guest: ...

    def refusal(self, event: Event, client: Client) -> Expected: ...

    def remark(self, client: Client) -> str:
        """What this client cannot do by itself, for the table."""


def expected(way: Way, event: Event, client: Client) -> Expected:
    match event:
        case Event.FIRST | Event.REFRESH:
            return Caller("UpdateApp", way.person)
        case _:
            return way.refusal(event, client)


def entry(profile: str, arn: str) -> Entry:
    """A role, for the lines of `app.cli.profiles.aws_lines`."""
    return Entry(profile, arn.split(":")[4], arn.rpartition("/")[2], arn, "eu-west-1")
