"""The container credentials endpoint: the gateway's own, and that of `fedgate serve`."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from functools import partial
from typing import Any

from app.cli.profiles import aws_lines
from tests.clients.cells import Event, Expected, Hidden, Told
from tests.clients.clients import Client
from tests.clients.machine import Machine
from tests.clients.stage import Stage
from tests.clients.way import DENIED, JAVASCRIPT_HIDES, Guest
from tests.prompt import bearer
from tests.world import PRODUCTION, READ_ONLY, UPDATE_APP


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
        kept = ("--token-file", "token") if client.knows_token_files else ()
        server = prompt.terminal.start("serve", "--all", "--json", *kept)
        said = _first_json(server)
        token = {f"AWS_CONTAINER_AUTHORIZATION_{name.upper()}": said[name] for name in said if name.startswith("token")}
        machine = Machine(prompt.terminal.home, stage.world.aws, client, {}, prompt)
        for role in said["roles"]:
            where = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": role["uri"]}
            machine.roles[role["role_arn"]] = where | token
        return Guest(machine, browser, partial(_end, server))

    def refusal(self, event: Event, client: Client) -> Expected:
        if not client.shows_bodies:
            return Hidden(JAVASCRIPT_HIDES)
        return Told(("run: fedgate roles", *DENIED) if event is Event.DENIED else ("run: fedgate login",))

    def remark(self, client: Client) -> str:
        if not client.shows_bodies:
            return "shows no reason, whoever refuses; the terminal of fedgate serve does"
        return "" if client.knows_token_files else "has the token in its environment: knows no token file"


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
    program.communicate(timeout=60)
