"""Somebody's prompt at a gateway: the CLI that the gateway serves, boto3, and what they print.

    prompt = Prompt(folder, gateway.url, world.aws)
    prompt.login(browser)                  `fedgate login --no-browser`, with the browser that is signed in
    prompt.caller("production.UpdateApp")  the ARN that STS knows the profile by

`bearer` is the same sign-in over plain HTTP, for tests that need only a token.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from bs4 import BeautifulSoup

from tests.cli.terminal import Terminal, Typed
from tests.leaks.planted import PLANTED
from tests.servers.browser import Browser, Stopped

ROOT = Path(__file__).parent.parent
_ADDRESS = re.compile(r"https?://\S+/oauth/authorize\?\S+")
_SECONDS = 60.0


@dataclass(slots=True)
class Prompt:
    """A home of its own; nothing of the developer's environment gets in."""

    folder: Path
    gateway: str
    aws: str
    terminal: Terminal = field(init=False)

    def __post_init__(self) -> None:
        pyz = self.folder / "fedgate.pyz"
        with requests.Session() as http:
            http.trust_env = False
            pyz.write_bytes(http.get(f"{self.gateway}/cli/fedgate.pyz", timeout=60).content)
        self.terminal = Terminal(self.folder / "home", pyz, self.gateway)

    def login(self, browser: Browser) -> Typed:
        """The browser must be signed in at the gateway; the person agrees there."""
        process = self.terminal.start("login", "--no-browser", "--force", "--timeout", "300s")
        try:
            assert process.stderr is not None
            said = ""
            while not (found := _ADDRESS.search(said)):
                line = process.stderr.readline()
                assert line, f"fedgate login named no address: {said}"
                said += line
            agree(browser, browser.open(found[0]))
            out, rest = process.communicate(timeout=_SECONDS)
        finally:
            process.kill()
        self._remember("")
        return Typed(process.returncode, out, said + rest)

    def fedgate(self, *words: str) -> Typed:
        typed = self.terminal.type(*words)
        self._remember(typed.out)
        return typed

    def profiles(self) -> list[str]:
        """`fedgate profiles sync`, then the profiles that it wrote."""
        synced = self.fedgate("profiles", "sync")
        assert synced.code == 0, synced.err
        return re.findall(r"\[profile (\S+)\]", self.terminal.aws_config.read_text("utf-8"))

    def caller(self, profile: str) -> str:
        """The ARN that `sts get-caller-identity` answers."""
        ended = self.boto3("caller", profile)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout.strip()

    def boto3(self, *words: str) -> subprocess.CompletedProcess[str]:
        """A developer's script that knows a profile's name and nothing of fedgate."""
        home = self.terminal.home
        config = {"AWS_CONFIG_FILE": f"{home}/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": f"{home}/.aws/credentials"}
        here = {"AWS_ENDPOINT_URL": self.aws, "NO_PROXY": "127.0.0.1", "AWS_EC2_METADATA_DISABLED": "true"}
        command = [sys.executable, "-m", "app.local.stack.check.caller", *words]
        return subprocess.run(
            command,
            env=self.terminal.env | config | here,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def _remember(self, out: str) -> None:
        """What the CLI was given must show nowhere but in its own files and on its standard output."""
        PLANTED.plant_json(out)
        for top in (".local/state/fedgate", ".cache/fedgate"):
            for path in (self.terminal.home / top).rglob("*"):
                if path.is_file():
                    PLANTED.plant_json(path.read_text("utf-8", "replace"))


def agree(browser: Browser, page: requests.Response | Stopped) -> requests.Response | Stopped:
    """Press "Sign this terminal in"; where the answer led."""
    assert isinstance(page, requests.Response), "the browser stopped before the question"
    parts, origin = urlsplit(page.url), _origin(page.url)
    hidden = BeautifulSoup(page.text, "html.parser").select('form[action="/oauth/authorize"] input[type=hidden]')
    assert hidden, f"no question at {parts.path}: {page.status_code}"
    form = {str(tag["name"]): str(tag.get("value", "")) for tag in hidden}
    return browser.post(f"{origin}/oauth/authorize", {**form, "answer": "yes"}, origin)


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str = field(repr=False)
    refresh: str = field(repr=False)

    @property
    def header(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access}"}

    @property
    def leaving(self) -> dict[str, str]:
        """The form of `fedgate logout`."""
        return {"token": self.refresh, "client_id": "fedgate-cli"}


def bearer(gateway: str, browser: Browser) -> Tokens:
    """Sign a terminal in over plain HTTP. The browser is signed in at `gateway`."""
    back, verifier = "http://127.0.0.1:9/callback", secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    wish = {
        "client_id": "fedgate-cli",
        "response_type": "code",
        "redirect_uri": back,
        "state": secrets.token_urlsafe(16),
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    until, browser.until = browser.until, back
    answer = agree(browser, browser.open(f"{gateway}/oauth/authorize?{urlencode(wish)}"))
    browser.until = until
    assert isinstance(answer, Stopped), f"no code: {answer.status_code}"
    code = parse_qs(urlsplit(answer.url).query)["code"][0]
    redeem = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    return _tokens(browser.http.post(f"{gateway}/oauth/token", data={**redeem, "client_id": "fedgate-cli"}, timeout=60))


def refresh(gateway: str, browser: Browser, tokens: Tokens) -> requests.Response:
    form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh, "client_id": "fedgate-cli"}
    return browser.http.post(f"{gateway}/oauth/token", data=form, timeout=60)


def ask(gateway: str, browser: Browser, tokens: Tokens, role: str, **more: Any) -> requests.Response:
    """POST /api/v1/credentials, once."""
    return browser.http.post(
        f"{gateway}/api/v1/credentials",
        data=json.dumps({"role_arn": role, **more}),
        headers={**tokens.header, "Content-Type": "application/json"},
        timeout=60,
    )


def _tokens(answer: requests.Response) -> Tokens:
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return Tokens(found["access_token"], found["refresh_token"])


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
