"""`aws login` as somebody types it: the newest AWS CLI, a browser that it opens, and what is left in ~/.aws."""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from bs4 import BeautifulSoup

from app.cli.profiles import aws_lines
from tests.clients import bundle
from tests.leaks.planted import PLANTED
from tests.office import Office, page_of
from tests.patience import SECONDS, until
from tests.servers.browser import Browser, Stopped

_BROWSER = '#!/bin/sh\nprintf "%s\\n" "$1" >"$HOME/opened.new" && mv "$HOME/opened.new" "$HOME/opened"\n'


@dataclass(frozen=True, slots=True)
class Ended:
    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class LoginPrompt:
    """A home with one profile, `dev`, that names the gateway as AWS Sign-In."""

    home: Path
    office: Office
    aws: str

    @classmethod
    def at(cls, home: Path, office: Office, aws: str) -> LoginPrompt:
        home.mkdir(mode=0o700)
        (home / "browser").write_text(_BROWSER)
        (home / "browser").chmod(0o700)
        (home / ".aws").mkdir(mode=0o700)
        lines = aws_lines.sign_in(office.url, "dev", "eu-west-1")  # as the page of the gateway shows them
        (home / ".aws" / "config").write_text("\n".join((*lines, "")))
        return cls(home, office, aws)

    @property
    def env(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "BROWSER": str(self.home / "browser"),
            "AWS_PROFILE": "dev",
            "AWS_ENDPOINT_URL_STS": self.aws,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "NO_PROXY": "127.0.0.1",
            "TZ": "UTC",
        }

    def start(self, *words: str) -> subprocess.Popen[str]:
        program = bundle.program()
        assert program is not None, "the AWS CLI is not installed: python -m tests.clients.bundle"
        pipe = subprocess.PIPE
        return subprocess.Popen([program, *words], env=self.env, stdin=pipe, stdout=pipe, stderr=pipe, text=True)

    def run(self, *words: str) -> Ended:
        return self._ended(self.start(*words))

    def login(self, browser: Browser, role: str, answer: str = "yes") -> Ended:
        """In a browser that is signed in at the gateway."""
        process = self.start("login")
        try:
            opened = self.home / "opened"
            until(lambda: opened.exists() or process.poll() is not None)
            assert opened.exists(), self._ended(process)
            address = opened.read_text().strip()
            opened.unlink()
            pick(browser, page_of(browser.open(address)), role, answer)
            return self._ended(process)
        finally:
            process.kill()

    def login_elsewhere(self, browser: Browser, role: str) -> Ended:
        """`aws login --remote`: the person carries the address to a browser, and a code back."""
        process = self.start("login", "--remote")
        try:
            assert process.stdout is not None
            address = ""
            while not address.startswith("http"):
                address = process.stdout.readline()
                assert address, self._ended(process)
            shown = BeautifulSoup(
                page_of(pick(browser, page_of(browser.open(address.strip())), role)).text, "html.parser"
            )
            code = shown.select_one("#code")
            assert code is not None, shown.text
            return self._ended(process, f"{code.text.strip()}\n")
        finally:
            process.kill()

    def caller(self) -> Ended:
        return self.run("sts", "get-caller-identity", "--query", "Arn", "--output", "text")

    @property
    def kept(self) -> Path:
        [path] = (self.home / ".aws" / "login" / "cache").glob("*.json")
        return path

    def change_kept(self, **changes: Any) -> None:
        found = json.loads(self.kept.read_text())
        self.kept.write_text(json.dumps({**found, **changes}))

    def minutes_pass(self) -> None:
        """The keys that it has are over, as far as the CLI knows."""
        found = json.loads(self.kept.read_text())
        self.change_kept(accessToken={**found["accessToken"], "expiresAt": "2020-01-01T00:00:00Z"})

    def _ended(self, process: subprocess.Popen[str], said: str = "") -> Ended:
        out, err = process.communicate(said, timeout=SECONDS)
        for path in (self.home / ".aws" / "login" / "cache").glob("*.json"):
            PLANTED.plant_json(path.read_text())
        return Ended(process.returncode, out.strip(), err.strip())


def pick(browser: Browser, page: requests.Response, role: str, answer: str = "yes") -> requests.Response | Stopped:
    """Choose a role on our page, and press a button; where that led."""
    form = BeautifulSoup(page.text, "html.parser").select_one('form[action="/v1/authorize"]')
    assert form is not None, f"no question: {page.status_code} {page.text[-1500:]}"
    fields = {str(tag["name"]): str(tag["value"]) for tag in form.select("input[type=hidden]")}
    origin = page.url.partition("/v1/")[0]
    return browser.post(f"{origin}/v1/authorize", {**fields, "role": role, "answer": answer}, origin)


def sign_out(office: Office, browser: Browser) -> None:
    """The button on the page; ends the terminals too that this sign-in led to."""
    page = page_of(browser.open(f"{office.url}/"))
    csrf = BeautifulSoup(page.text, "html.parser").select_one("form[action='/signout'] input[name=csrf]")
    assert csrf is not None
    browser.post(f"{office.url}/signout", {"csrf": str(csrf["value"])}, office.url)
