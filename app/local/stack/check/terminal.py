"""One person's prompt: `fedgate` as the gateway serves it, boto3 and the AWS CLI, each a process of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.local.stack import prompt
from app.local.stack.check.visitor import StepFailed, Visitor
from app.local.stack.children import Command
from app.local.stack.place import Place, environment

_SECONDS = 60.0
_ADDRESS = re.compile(r"https?://\S+/oauth/authorize\?\S+")


@dataclass(frozen=True, slots=True)
class Terminal:
    place: Place
    person: str

    @property
    def home(self) -> Path:
        return prompt.home_of(self.place, self.person)

    def fedgate(self, *words: str) -> str:
        """Standard output. Raises StepFailed with what the command said, when it ends with another code than 0."""
        return self._output(self._fedgate(words))

    def refusal(self, *words: str) -> tuple[int, str]:
        """Exit code and standard error of a command that is to be refused."""
        ended = self._run(self._fedgate(words))
        return ended.returncode, ended.stderr.strip()

    def login(self, visitor: Visitor) -> None:
        """`fedgate login`, with `visitor` as the browser that it wants opened."""
        command = [*self._fedgate(["login", "--no-browser", "--force", "--timeout", "60s"])]
        with subprocess.Popen(
            command, env=self._environment(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        ) as process:
            alarm = threading.Timer(_SECONDS, process.kill)
            alarm.start()
            try:
                visitor.open(_address_in(process))
                _consent(visitor)
                said = _rest(process)
            finally:
                alarm.cancel()
                process.terminate()
        if process.returncode != 0:
            raise StepFailed(f"fedgate login ended with {process.returncode}: {_short(said)}")

    def native_sign_in(self, visitor: Visitor, profile: str) -> None:
        """What `aws sso login` does with the text that `fedgate configure --native` has written."""
        command = [str(self.place.python), "-m", "app.local.stack.check.caller", "sign-in", profile]
        with subprocess.Popen(
            command,
            env=self._environment(),
            cwd=self.place.root,
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            alarm = threading.Timer(_SECONDS, process.kill)
            alarm.start()
            try:
                if address := process.stdout.readline().strip() if process.stdout else "":
                    visitor.open(address)
                    visitor.submit("/device")
                    visitor.submit("/device", answer="yes")
                _, said = process.communicate("\n")
            finally:
                alarm.cancel()
                process.terminate()
        if process.returncode != 0:
            raise StepFailed(f"signing in as AWS's tools do ended with {process.returncode}: {_short(said)}")

    def caller_in_boto3(self, profile: str) -> str:
        """The ARN that STS knows the profile's credentials by."""
        return self.boto3("caller", profile)

    def caller_in_aws_cli(self, profile: str) -> str:
        asked = ("sts", "get-caller-identity", "--profile", profile, "--output", "json")
        command: Command = [self.place.program("aws"), *asked]
        return str(json.loads(self._output(command))["Arn"])

    def boto3(self, *words: str) -> str:
        return self._output([self.place.python, "-m", "app.local.stack.check.caller", *words]).strip()

    def roles(self) -> list[dict[str, Any]]:
        found = json.loads(self.fedgate("roles", "--json"))
        roles: list[dict[str, Any]] = found["roles"] if isinstance(found, dict) else found
        return roles

    def _fedgate(self, words: Sequence[str]) -> list[str | Path]:
        return [self.place.python, prompt.program_of(self.place), *words]

    def _output(self, command: Command) -> str:
        ended = self._run(command)
        if ended.returncode != 0:
            shown = " ".join([Path(command[0]).name, *map(str, command[1:3])])
            raise StepFailed(f"{shown} ended with {ended.returncode}: {_short(ended.stderr)}")
        return ended.stdout

    def _run(self, command: Command) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            list(map(str, command)),
            env=self._environment(),
            cwd=self.place.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        ours = prompt.variables(self.place, self.home) | {"HOME": str(self.home), "AWS_PAGER": ""}
        return environment(os.environ, **ours)


def _address_in(process: subprocess.Popen[str]) -> str:
    said = ""
    for line in process.stderr or ():
        said += line
        if found := _ADDRESS.search(line):
            return found[0]
    raise StepFailed(f"fedgate login named no address: {_short(said)}")


def _consent(visitor: Visitor) -> None:
    """The gateway asks "is this your terminal?" before it hands out a code."""
    if "/oauth/" in visitor.at:
        visitor.submit("/oauth/authorize", answer="yes")


def _rest(process: subprocess.Popen[str]) -> str:
    said = process.stderr.read() if process.stderr else ""
    process.wait(_SECONDS)
    return said


def _short(said: str) -> str:
    lines = [line.strip() for line in said.strip().splitlines() if line.strip()]
    return " / ".join(lines[-3:])[:300] or "(it said nothing)"
