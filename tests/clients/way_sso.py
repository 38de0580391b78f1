"""AWS's own protocols."""

from __future__ import annotations

from dataclasses import dataclass

from app.cli.profiles import aws_lines
from tests.clients import sso
from tests.clients.cells import Event, Expected, Told
from tests.clients.clients import Client, newest
from tests.clients.machine import Machine
from tests.clients.stage import Stage
from tests.clients.way import DENIED, Guest, entry
from tests.world import READ_ONLY, UPDATE_APP


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
