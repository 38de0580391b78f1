"""`fedgate login`, the file that the gateway serves, waiting for a browser."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

import requests

ADDRESS = re.compile(r"https?://\S+/(?:oauth/authorize|device)\?\S+")


def login_address(device: str, **changes: str) -> str:
    """An address such as `fedgate login` shows, for pages that need no terminal behind them."""
    asked = {
        "response_type": "code",
        "client_id": "fedgate-cli",
        "redirect_uri": "http://127.0.0.1:1/callback",
        "state": "a-state-of-a-test",
        "code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",  # RFC 7636 appendix B
        "code_challenge_method": "S256",
        "device_name": device,
    }
    return f"/oauth/authorize?{urlencode(asked | changes)}"


@dataclass(frozen=True)
class Login:
    """A login under way. `address` is what it asked the person to open."""

    process: subprocess.Popen[str]
    address: str

    def ended(self) -> tuple[int, str]:
        """Exit code, and what it said after the address."""
        _, said = self.process.communicate(timeout=60)
        return self.process.returncode, said


@contextmanager
def login(home: Path, gateway: str, *way: str) -> Iterator[Login]:
    """The CLI of this gateway in an empty home. `way`: more options of `login`; with `--device`, the address is the
    one that fills the code in."""
    program = home / "fedgate.pyz"
    program.write_bytes(requests.get(f"{gateway}/cli/fedgate.pyz", timeout=60).content)
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(program), "login", "--no-browser", "--timeout", "300s", *way],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Login(process, _address(process))
        finally:
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    said = ""
    for line in process.stderr or ():
        said += line
        if found := ADDRESS.search(line):
            return found[0]
    raise AssertionError(f"fedgate login named no address: {said}")
