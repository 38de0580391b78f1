"""The world of the journeys: the whole stack that `deploy/try` starts, and gateways of one's own beside it.

`World` runs `python -m app.local.stack` on free ports: gateway, local identity provider, strict local AWS and
Redis, with the cast of `app.local.cast` (Alice the developer, Bob of the staff, Carla the administrator, Dan
whose groups are missing, Erin who has none).

`World.gateway(...)` starts one more gateway against the same AWS and with the same signing keys, but with
other providers: SimpleSAMLphp, oidc-provider, or a hostile one. Everything is a real process on loopback.
"""

from __future__ import annotations

import base64
import json
import os
import re
import secrets
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import boto3
import requests
from botocore.config import Config

from tests.leaks.planted import PLANTED
from tests.servers.process import LOOPBACK, Process, answers, free_port

ROOT = Path(__file__).parent.parent
ISSUER = "https://id.fedgate.example"
DEVELOPMENT, PRODUCTION = "111111111111", "999999999999"
UPDATE_APP = f"arn:aws:iam::{PRODUCTION}:role/UpdateApp"  # saml
READ_ONLY = f"arn:aws:iam::{PRODUCTION}:role/ReadOnly"  # assume_role
DEVELOPER = f"arn:aws:iam::{DEVELOPMENT}:role/Developer"  # web_identity
ADMIN = f"arn:aws:iam::{DEVELOPMENT}:role/Admin"  # saml

ACCOUNTS_AND_ROLES = f"""
[[account]]
id = "{DEVELOPMENT}"
name = "Development"
[[account]]
id = "{PRODUCTION}"
name = "Production"
[[role]]
arn = "{UPDATE_APP}"
label = "Update the app"
method = "saml"
provider_arn = "arn:aws:iam::{PRODUCTION}:saml-provider/fedgate"
[[role]]
arn = "{DEVELOPER}"
method = "web_identity"
provider_arn = "arn:aws:iam::{DEVELOPMENT}:oidc-provider/id.fedgate.example"
[[role]]
arn = "{READ_ONLY}"
method = "assume_role"
"""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A running gateway: its address, and where what it writes can be read."""

    url: str
    folder: Path
    process: Process | None = None
    log: Path = field(default_factory=Path)

    def workers(self) -> list[int]:
        """The process ids of its gunicorn workers."""
        assert self.process is not None, "only of a gateway of one's own"
        master = self.process.pid
        return [int(pid) for pid in Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()]

    def events(self) -> list[dict[str, object]]:
        """Its audit journal, oldest first. A line that has no end yet is still being written."""
        files = sorted((self.folder / "audit").glob("audit-*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_bytes().rpartition(b"\n")[0].splitlines()]

    def last_reason(self) -> str:
        """The reason of the newest refusal of a sign-in."""
        refused = [event for event in self.events() if event["kind"] == "signin.refused"]
        facts = refused[-1]["facts"] if refused else {}
        assert isinstance(facts, dict)
        return str(facts.get("reason", ""))


@dataclass(frozen=True, slots=True)
class World:
    port: int
    redis_url: str
    folder: Path
    ends: ExitStack
    gateway_key: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def main(self) -> Gateway:
        """The gateway of the story: providers `corp` (SAML) and `corp-oidc` (OIDC)."""
        return Gateway(f"http://{LOOPBACK}:{self.port}", self.stack, log=self.stack / "logs" / "gateway.log")

    @property
    def stack(self) -> Path:
        return ROOT / "var" / "try" / str(self.port)

    @property
    def aws(self) -> str:
        return f"http://{LOOPBACK}:{self.port + 2}"

    def calls(self, action: str) -> list[Mapping[str, object]]:
        """What the local AWS was asked since `forget_calls`, of this action."""
        found = requests.get(f"{self.aws}/_local/calls", timeout=60).json()
        return [call for call in found["calls"] if call["action"] == action]

    def forget_calls(self) -> None:
        requests.post(f"{self.aws}/_local/reset-calls", timeout=60).raise_for_status()

    def turn(self, **knobs: object) -> None:
        """Turn knobs of the local AWS: latency, throttling, clock."""
        requests.post(f"{self.aws}/_local/knobs", json=knobs, timeout=60).raise_for_status()

    def gateway(  # what differs between gateways, by name
        self,
        providers: str,
        rules: str,
        *,
        port: int | None = None,
        files: Mapping[str, str] | None = None,
        top: str = "",
        environment: Mapping[str, str] | None = None,
        application: str = "wsgi:app",
        base_url: str = "",
    ) -> Gateway:
        """One more gateway; `providers` and `rules` are TOML, `files` lie beside gateway.toml, and `base_url` is the
        address of what stands in front of it, if anything.

        It ends with the world.
        """
        port = port or free_port()
        folder = self.folder / f"gateway-{port}"
        folder.mkdir()
        url = f"http://{LOOPBACK}:{port}"
        head = f'base_url = "{base_url or url}"\nissuer_url = "{ISSUER}"\n{top}\n'
        (folder / "gateway.toml").write_text(head + providers, "utf-8")
        (folder / "catalog.toml").write_text(ACCOUNTS_AND_ROLES + rules, "utf-8")
        for name, text in (files or {}).items():
            (folder / name).write_text(text, "utf-8")
        told = self._told(folder) | dict(environment or {})
        self._plant(url, folder, told, files or {})
        command = ["gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", f"{LOOPBACK}:{port}", application]
        process = Process(
            [sys.executable, "-m", *command],
            log=folder / "gateway.log",
            is_ready=lambda: answers(f"{url}/readyz"),
            env=told,
            cwd=ROOT,
        )
        self.ends.enter_context(process)
        return Gateway(base_url or url, folder, process, folder / "gateway.log")

    def _told(self, folder: Path) -> dict[str, str]:
        return {
            "FEDGATE_CONFIG": str(folder / "gateway.toml"),
            "FEDGATE_CATALOG": str(folder / "catalog.toml"),
            "FEDGATE_REDIS_URL": self.redis_url,
            "FEDGATE_SEALING_KEYS": base64.b64encode(secrets.token_bytes(32)).decode(),
            "FEDGATE_ISSUER_KEYS": str(self.stack / "issuer-keys"),
            "FEDGATE_AUDIT_JOURNAL": str(folder / "audit"),
            "FEDGATE_DATABASE_URL": f"sqlite:///{folder}/fedgate.db",
            "FEDGATE_SIGNIN_ENDPOINT": f"{self.aws}/federation",
            "AWS_ENDPOINT_URL_STS": self.aws,
            "AWS_ENDPOINT_URL_IAM": self.aws,
            **self.gateway_key,
            "AWS_REGION": "eu-west-1",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def _plant(self, url: str, folder: Path, told: Mapping[str, str], files: Mapping[str, str]) -> None:
        """What this gateway is told must show nowhere in what it writes."""
        PLANTED.plant("sealing key", *told["FEDGATE_SEALING_KEYS"].split(","))
        PLANTED.plant("client secret", *(text for name, text in files.items() if name.endswith(".secret")))
        PLANTED.watch(url, folder, told["FEDGATE_REDIS_URL"])


@contextmanager
def open_world(folder: Path, redis_url: str) -> Iterator[World]:
    """The stack, ready; everything that was started in it is stopped at the end."""
    port = free_port(row=3)
    stack = ROOT / "var" / "try" / str(port)
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, stack, ignore_errors=True)  # the last thing, also when the start fails
        ends.enter_context(
            Process(
                [sys.executable, "-m", "app.local.stack", "--port", str(port)],
                log=folder / "stack.log",
                is_ready=lambda: "fedgate is running" in _text(folder / "stack.log"),
                env={name: "" for name in os.environ if name.startswith("FEDGATE_REDIS")},
                cwd=ROOT,
            )
        )
        world = World(port, redis_url, folder, ends, _another_gateway_key(stack, f"http://{LOOPBACK}:{port + 2}"))
        _plant_stack(world)
        yield world


def _another_gateway_key(stack: Path, aws: str) -> Mapping[str, str]:
    """A second key of the user that the stack's own gateway is in AWS, as environment variables."""
    operator = next(key for key in json.loads(_text(stack / "aws-keys.json")) if key["id"] == DEVELOPMENT)
    session = boto3.Session(operator["access_key_id"], operator["secret_access_key"], region_name="eu-west-1")
    iam = session.client("iam", endpoint_url=aws, config=Config(proxies={}))
    made = iam.create_access_key(UserName="fedgate")["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}


def _plant_stack(world: World) -> None:
    """The secrets that the stack made for itself, and where they would show."""
    PLANTED.plant("client secret", _text(world.stack / "oidc-client.secret").strip())
    PLANTED.plant("sealing key", _text(world.stack / "sealing-keys").strip())
    for path in (world.stack / "issuer-keys").glob("*.pem"):
        PLANTED.plant_key(_text(path))
    PLANTED.plant_json(_text(world.stack / "aws.json") + _text(world.stack / "aws-keys.json"))
    socket_path = re.search(r"/\S+/redis\.sock", _text(world.stack / "logs" / "redis.log"))
    assert socket_path, "the stack's Redis does not say where it listens"
    PLANTED.watch(world.main.url, world.stack, f"unix://{socket_path[0]}")


def _text(path: Path) -> str:
    return path.read_text("utf-8", "replace") if path.exists() else ""
