"""The newest AWS CLI as a helper: `aws configure export-credentials` with a profile of the gateway's AWS SSO, for which
its token is cached already."""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from app.cli.profiles import aws_lines
from app.cli.profiles.aws_lines import Entry
from tests.cli.fake_answers import UPDATE_APP
from tests.cli.fake_gateway import Gateway, Handler
from tests.clients import clients


class _WithSso(Handler):
    """The fake gateway answers GetRoleCredentials too."""

    def api(self, path: str, body: str, delay: float) -> None:
        if path != "/federation/credentials":
            super().api(path, body, delay)
            return
        found = self.server.gateway.credentials(UPDATE_APP)
        self.json(
            200,
            {
                "roleCredentials": {
                    "accessKeyId": found["AccessKeyId"],
                    "secretAccessKey": found["SecretAccessKey"],
                    "sessionToken": found["SessionToken"],
                    "expiration": int((time.time() + 3600) * 1000),
                }
            },
        )


@dataclass(frozen=True, slots=True)
class Exporter:
    command: list[str]
    env: dict[str, str]
    home: Path

    @classmethod
    def here(cls, home: Path, gateway: Gateway, ca: Path) -> Exporter | None:
        program = clients.newest().program
        if program is None:
            return None
        gateway.server.RequestHandlerClass = _WithSso
        _write(home, gateway)
        command = [str(program), "configure", "export-credentials", "--profile", "bench"]
        env = {"HOME": str(home), "PATH": "/usr/bin:/bin", "AWS_CA_BUNDLE": str(ca)}
        return cls(command, env | {"AWS_EC2_METADATA_DISABLED": "true"}, home)

    def forget(self) -> None:
        """The credentials, and not the token."""
        shutil.rmtree(self.home / ".aws/cli/cache", ignore_errors=True)


def _write(home: Path, gateway: Gateway) -> None:
    role = Entry("bench", "999999999999", "UpdateApp", UPDATE_APP, "eu-west-1")
    token = home / ".aws/sso/cache" / f"{hashlib.sha1(aws_lines.NAME.encode(), usedforsecurity=False).hexdigest()}.json"
    token.parent.mkdir(parents=True)
    (home / ".aws/config").write_text("\n".join(aws_lines.sso(gateway.address, [role])) + "\n")
    until = datetime.now(UTC) + timedelta(hours=8)
    known = {
        "startUrl": aws_lines.start_url(gateway.address),
        "region": aws_lines.REGION,
        "accessToken": next(iter(gateway.access)),
        "expiresAt": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    token.write_text(json.dumps(known))
