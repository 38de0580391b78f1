"""The ways in which a client comes to credentials: how somebody gets there, and what they must read when it ends."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from app.cli import aws_lines
from app.cli.aws_lines import Entry
from tests.clients import sso
from tests.clients.cells import Caller, Event, Expected, Hidden, Told
from tests.clients.clients import Client, newest
from tests.clients.machine import Machine
from tests.clients.stage import Stage
from tests.prompt import bearer
from tests.servers.browser import Browser
from tests.world import PRODUCTION, READ_ONLY, UPDATE_APP

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


@dataclass(frozen=True, slots=True)
class CredentialProcess:
    """`fedgate profiles sync` writes the profiles; AWS tools run `fedgate credential-process`."""

    name: str = "credential-process"
    person: str = "alice"
    renews: bool = True

    def arrive(self, stage: Stage, client: Client) -> Guest:
        browser, prompt = stage.at_the_prompt(self.name, self.person, client)
        profiles = {profile.rpartition(".")[2]: {"AWS_PROFILE": profile} for profile in prompt.profiles()}
        roles = {UPDATE_APP: profiles["UpdateApp"], READ_ONLY: profiles["ReadOnly"]}
        return Guest(Machine(prompt.terminal.home, stage.world.aws, client, dict(roles), prompt), browser)

    def refusal(self, event: Event, client: Client) -> Expected:
        if not client.shows_helpers:
            return Hidden(JAVASCRIPT_HIDES)
        ended = ("fedgate: This terminal's sign-in has ended; run: fedgate login",)
        return Told((*DENIED, "run: fedgate roles") if event is Event.DENIED else ended)

    def remark(self, client: Client) -> str:
        return "" if client.shows_helpers else "shows no reason, whoever refuses"


@dataclass(frozen=True, slots=True)
class Container:
    """The gateway's own endpoint for programs that run somewhere: an address, and a token that lives for an hour."""

    name: str = "container at the gateway"
    person: str = "carla"
    renews: bool = False

    def arrive(self, stage: Stage, client: Client) -> Guest:
        browser = stage.office.arrive(self.person)
        token = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": bearer(stage.url, browser).access}
        machine = Machine(stage.home(self.name, client), stage.world.aws, client)
        for role in (UPDATE_APP, READ_ONLY):
            lines = aws_lines.container_env(stage.url, PRODUCTION, role.rpartition("/")[2])
            machine.roles[role] = token | dict(line.split("=", 1) for line in lines)
        return Guest(machine, browser)

    def refusal(self, event: Event, client: Client) -> Expected:
        if not client.shows_bodies:
            return Hidden(JAVASCRIPT_HIDES)
        return Told(DENIED if event is Event.DENIED else ("Sign in again",))

    def remark(self, client: Client) -> str:
        return "" if client.shows_bodies else "shows no reason, whoever refuses"


@dataclass(frozen=True, slots=True)
class Serve:
    """The same endpoint on the person's own machine, which renews the sign-in too: `fedgate serve`."""

    name: str = "container by fedgate serve"
    person: str = "alice"
    renews: bool = True

    def arrive(self, stage: Stage, client: Client) -> Guest:
        browser, prompt = stage.at_the_prompt(self.name, self.person, client)
        prompt.profiles()
        server = prompt.terminal.start("serve", "--all", "--json")
        said = _first_json(server)
        machine = Machine(prompt.terminal.home, stage.world.aws, client, {}, prompt)
        for role in said["roles"]:
            where = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": role["uri"]}
            machine.roles[role["role_arn"]] = where | {"AWS_CONTAINER_AUTHORIZATION_TOKEN": said["token"]}
        return Guest(machine, browser, partial(_end, server))

    def refusal(self, event: Event, client: Client) -> Expected:
        if not client.shows_bodies:
            return Hidden(JAVASCRIPT_HIDES)
        return Told(("run: fedgate roles", *DENIED) if event is Event.DENIED else ("run: fedgate login",))

    def remark(self, client: Client) -> str:
        return "" if client.shows_bodies else "shows no reason, whoever refuses"


@dataclass(frozen=True, slots=True)
class Sso:
    """AWS's own protocols: `aws sso login`, then every tool by itself. Nothing of ours is installed.

    A client without that command reads the token of one that has it, as it does with AWS.
    """

    name: str = "SSO"
    person: str = "carla"
    renews: bool = True

    def arrive(self, stage: Stage, client: Client) -> Guest:
        machine = Machine(stage.home(self.name, client), stage.world.aws, client)
        entries = [entry("update", UPDATE_APP), entry("read", READ_ONLY)]
        machine.write_config(aws_lines.sso(stage.url, entries))
        machine.roles |= {entry.arn: {"AWS_PROFILE": entry.profile} for entry in entries}
        if not client.knows_endpoints:
            machine.write_models(aws_lines.sso_models(stage.url))
        browser = stage.office.arrive(self.person)
        cli = client if client.has_sso_login else newest()
        # Whoever has only Debian's signs in by a code, and so do the others here but the newest: it is the older way.
        code = ("--use-device-code",) if cli.key == "newest" and client.key != "newest" else ()
        said = sso.log_in(machine, cli, browser, "--profile", "update", *code)
        assert said.code == 0, f"aws sso login ended with {said.code}: {said.shown}"
        return Guest(machine, browser)

    def refusal(self, event: Event, client: Client) -> Expected:
        match event:
            case Event.DENIED:
                return Told(("ForbiddenException", *DENIED))
            case _ if client.key == "javascript":
                return Told(("aws sso login",))
            case _:
                return Told(("The SSO session", "has expired or is otherwise invalid", "aws sso login"))

    def remark(self, client: Client) -> str:
        if not client.has_sso_login:
            return "has no `sso login`: the newest AWS CLI signed in"
        return "" if client.knows_endpoints else "finds the gateway by ~/.aws/models; signs in by a code only"


def entry(profile: str, arn: str) -> Entry:
    return Entry(profile, PRODUCTION, arn.rpartition("/")[2], arn, "eu-west-1")


def _first_json(program: subprocess.Popen[str]) -> dict[str, Any]:
    """What a program prints before it goes on; its token is no secret of the gateway's, and opens only this program."""
    text = ""
    assert program.stdout is not None
    for line in program.stdout:
        text += line
        try:
            return dict(json.loads(text))
        except ValueError:
            continue
    raise AssertionError(f"it ended: {program.stderr.read() if program.stderr else ''}")


def _end(program: subprocess.Popen[str]) -> None:
    program.terminate()
    program.communicate(timeout=10)


WAYS: tuple[Way, ...] = (CredentialProcess(), Sso(), Serve(), Container())
