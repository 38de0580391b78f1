"""How each part of the stack is started, and how one sees that it answers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

import requests

from app.local.stack import redis_process
from app.local.stack.children import Child, Children, Command, StackFailed
from app.local.stack.files import OIDC_CLIENT
from app.local.stack.place import ISSUER, Place, environment
from app.local.stack.redis_process import RedisServer
from app.local.stack.seed import Key


@dataclass(frozen=True, slots=True)
class Parts:
    """`parent` is the environment that we were started in."""

    place: Place
    children: Children
    parent: Mapping[str, str]

    def redis(self) -> RedisServer:
        named = self.parent.get("FEDGATE_REDIS_URL", "")
        ours = {"FEDGATE_REDIS_URL": named} if named else {}
        return redis_process.start(self.children, self.place.folder, environment(self.parent, **ours))

    def identity_provider(self) -> None:
        gateway = self.place.gateway
        command: Command = [
            *(self.place.python, "-m", "app.local.idp", "--port", str(self.place.port + 1)),
            *("--sp-entity-id", f"{gateway}/signin/corp/metadata"),
            *("--sp-acs", f"{gateway}/signin/corp/acs"),
            *("--sp-slo", f"{gateway}/signin/corp/logout"),
            *("--sp-certificate-file", self.place.folder / "saml.pem"),
            *("--oidc-client-id", OIDC_CLIENT),
            *("--oidc-client-secret-file", self.place.folder / "oidc-client.secret"),
            *("--oidc-redirect-uri", f"{gateway}/signin/corp-oidc/callback"),
            *("--oidc-post-logout-uri", f"{gateway}/signout"),
            *("--oidc-backchannel-uri", f"{gateway}/signin/corp-oidc/logout"),
            *("--state-dir", self.place.folder / "idp"),
        ]
        child = self.children.start("Identity provider", command, environment(self.parent))
        self._wait(child, f"{self.place.idp}/.well-known/openid-configuration")

    def aws(self) -> dict[str, Key]:
        """Returns the key of each account's operator. The world is kept: credentials outlive a restart, as in AWS."""
        keys = self.place.folder / "aws-keys.json"
        command: Command = [
            *(self.place.python, "-m", "app.local.aws", "--port", str(self.place.port + 2)),
            *("--resolve", f"{ISSUER}={self.place.gateway}"),
            *("--keys", keys, "--state", self.place.folder / "aws.json"),
        ]
        child = self.children.start("Local AWS", command, environment(self.parent))
        self._wait(child, f"{self.place.aws}/_local/health")
        found = json.loads(keys.read_text("utf-8"))
        return {entry["id"]: Key(entry["access_key_id"], entry["secret_access_key"]) for entry in found}

    def gateway(self, redis: RedisServer, key: Key) -> None:
        self._signing_key()
        folder = self.place.folder
        told = environment(
            self.parent,
            FEDGATE_CONFIG=str(folder / "gateway.toml"),
            FEDGATE_CATALOG="",  # whatever the developer has: here it is in the database, where it can be played with
            FEDGATE_REDIS_URL=redis.url,
            FEDGATE_SEALING_KEYS_FILE=str(folder / "sealing-keys"),
            FEDGATE_ISSUER_KEYS=str(folder / "issuer-keys"),
            FEDGATE_AUDIT_JOURNAL=str(folder / "audit"),
            FEDGATE_DATABASE_URL=f"sqlite:///{folder}/fedgate.db",
            FEDGATE_SIGNIN_ENDPOINT=f"{self.place.aws}/federation",
            FEDGATE_LOG_FORMAT="text",
            AWS_ENDPOINT_URL_STS=self.place.aws,
            AWS_ENDPOINT_URL_IAM=self.place.aws,
            AWS_ACCESS_KEY_ID=key.id,
            AWS_SECRET_ACCESS_KEY=key.secret,
            AWS_REGION="eu-west-1",
            AWS_CONFIG_FILE="/dev/null",
            AWS_SHARED_CREDENTIALS_FILE="/dev/null",
            WEB_CONCURRENCY="2",
        )
        self._catalog(told)
        bind = self.place.gateway.removeprefix("http://")
        gunicorn = self.place.program("gunicorn")
        command: Command = [gunicorn, "--config", "deploy/gunicorn.conf.py", "--bind", bind, "wsgi:app"]
        child = self.children.start("Gateway", command, told)
        self._wait(child, f"{self.place.gateway}/readyz")

    def _catalog(self, told: Mapping[str, str]) -> None:
        """The first version of the catalog, as an operator brings it in; what people make of it then is kept."""
        if (self.place.folder / "fedgate.db").exists():
            return
        file = self.place.folder / "catalog.toml"
        self._done([self.place.python, "-m", "app.catalog", "apply", file, "to begin with"], told, "no catalog")

    def _signing_key(self) -> None:
        """The gateway's key for AWS, made as an operator makes it, and kept."""
        folder = self.place.folder / "issuer-keys"
        if any(folder.glob("*.pem")):
            return
        command: Command = [self.place.python, "-m", "app.minting.keys", "new", folder]
        self._done(command, environment(self.parent), "no signing key")

    @staticmethod
    def _done(command: Command, told: Mapping[str, str], otherwise: str) -> None:
        done = subprocess.run(command, env=dict(told), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StackFailed(f"{otherwise} could be made:\n{done.stderr}")

    def _wait(self, child: Child, address: str) -> None:
        self.children.wait_until(child, lambda: _answers(address))


def _answers(address: str) -> bool:
    """No proxy of the developer's must come between us and loopback."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(address, timeout=5).status_code == 200
        except requests.RequestException:
            return False
