"""Somebody's home for one client: its `~/.aws`, its environment, and time passing in what is kept there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.cli.terminal import Terminal
from tests.clients.clients import Client, Said
from tests.leaks.planted import PLANTED
from tests.prompt import Prompt

_PAST = "2020-01-01T00:00:00Z"
_HOUR = 3600


@dataclass(slots=True)
class Machine:
    """`roles` names the environment variables by which a role is chosen: a profile, or a container's address.
    `prompt` where fedgate itself is installed."""

    home: Path
    aws: str
    client: Client
    roles: dict[str, Mapping[str, str]] = field(default_factory=dict)
    prompt: Prompt | None = None
    more: dict[str, str] = field(default_factory=dict)

    @property
    def env(self) -> dict[str, str]:
        """Nothing of the developer's gets in; a region, because only profiles have one."""
        own = {"HOME": str(self.home), "PATH": "/usr/bin:/bin", "AWS_EC2_METADATA_DISABLED": "true", "AWS_PAGER": ""}
        region = {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}  # Python reads the second one only
        return own | region | {"TZ": "UTC", "NO_PROXY": "127.0.0.1"} | self.more

    def ask(self, role: str, *words: str) -> Said:
        """Who the client is in this role."""
        said = self.client.ask({**self.env, **self.roles[role]}, self.aws, *words)
        self.remember(said.out)
        return said

    def write_config(self, lines: Sequence[str]) -> None:
        config = self.home / ".aws" / "config"
        config.parent.mkdir(mode=0o700, exist_ok=True)
        config.write_text("\n".join(lines) + "\n", "ascii")

    def write_models(self, files: Mapping[str, str]) -> None:
        """For an AWS CLI from before `services`: below `~/.aws/models`."""
        for name, text in files.items():
            path = self.home / ".aws" / "models" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "ascii")

    def an_hour_passes(self, *, tokens: bool) -> None:
        """In every file that says when something ends. `tokens`: the tokens end too, and not only AWS's keys."""
        if tokens:
            self._age_sso_tokens()
        for path in (self.home / ".aws" / "cli" / "cache").glob("*.json"):
            found = json.loads(path.read_text("utf-8"))
            found["Credentials"]["Expiration"] = _PAST
            path.write_text(json.dumps(found), "utf-8")
        if self.prompt is not None:
            _age(self.prompt.terminal, tokens)

    def _age_sso_tokens(self) -> None:
        """The registration lies in the same folder, and lives for months."""
        for path in (self.home / ".aws" / "sso" / "cache").glob("*.json"):
            found = json.loads(path.read_text("utf-8"))
            if "accessToken" in found:
                path.write_text(json.dumps(found | {"expiresAt": _PAST}), "utf-8")

    def remember(self, out: str = "") -> None:
        """What the client was given must show nowhere but here (`tests.leaks`)."""
        PLANTED.plant_json(out)
        for top in (".aws/sso/cache", ".aws/cli/cache", ".aws/login/cache"):
            for path in (self.home / top).glob("*.json"):
                PLANTED.plant_json(path.read_text("utf-8", "replace"))


def _age(terminal: Terminal, tokens: bool) -> None:
    if any(terminal.home.glob(".cache/fedgate/*/*.credentials")):
        terminal.age(_HOUR + 60)
    if not tokens:
        return
    kept = terminal.sign_in.read_text("utf-8")
    terminal.sign_in.write_text(
        re.sub(r"^access_expires\t\d+$", "access_expires\t1000000000", kept, flags=re.M), "utf-8"
    )
