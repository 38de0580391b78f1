"""Somebody's machine: an empty home, and fedgate as it is typed there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

BROWSER = """\
import sys, urllib.request, urllib.error
try:
    answer = urllib.request.urlopen(sys.argv[1], timeout=60)
except urllib.error.HTTPError as refusal:
    answer = refusal
open({page!r}, "w").write(f"{{answer.status}}\\n" + answer.read().decode())
"""


BY_PROFILE = ("credential-process", "--profile", "production.UpdateApp")


@dataclass(frozen=True)
class Typed:
    """What a command left behind."""

    code: int
    out: str
    err: str


@dataclass
class Terminal:
    """`python` is the one that runs the zipapp; the environment holds what is set here and nothing else."""

    home: Path
    pyz: Path
    gateway: str
    env: dict[str, str] = field(default_factory=dict)
    python: str = sys.executable

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.env = {
            "HOME": str(self.home),
            "PATH": "/usr/bin:/bin",
            "FEDGATE_GATEWAY": self.gateway,
            "TZ": "UTC",
        } | self.env

    def command(self, *words: str) -> list[str]:
        return [self.python, "-I", "-S", str(self.pyz), *words]

    def start(self, *words: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        return subprocess.Popen(
            self.command(*words),
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=pipe,
            stderr=pipe,
            text=True,
            cwd=self.home,
        )

    def type(self, *words: str, seconds: float = 60) -> Typed:
        started = self.start(*words)
        try:
            out, err = started.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            started.kill()
            raise
        return Typed(started.returncode, out, err)

    def launched(self, *words: str, by: Sequence[str] = (), seconds: float = 60) -> Typed:
        """As AWS tools start what `profiles sync` has put into `~/.aws/config`; `by` is a shell to do it with."""
        started = self.launch(*words, by=by)
        out, err = started.communicate(timeout=seconds)
        return Typed(started.returncode, out, err)

    def launch(self, *words: str, by: Sequence[str] = ()) -> subprocess.Popen[str]:
        command = [*by, str(self.launcher), *(words or BY_PROFILE)]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            command, env=self.env, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True, cwd=self.home
        )

    def login(self, *words: str) -> Typed:
        return self.type("login", "--browser", self.browser(), "--timeout", "120s", *words)

    def browser(self) -> str:
        """A command that signs in as a browser would, and keeps the page that it ended on."""
        script = self.home / "browser.py"
        script.write_text(BROWSER.format(page=str(self.home / "page.html")))
        return f"{sys.executable} {script}"

    def page(self) -> str:
        return (self.home / "page.html").read_text()

    def credentials(self, *words: str) -> Typed:
        return self.type("credential-process", *(words or ("--profile", "production.UpdateApp")))

    @property
    def cache(self) -> Path:
        [folder] = (self.home / ".cache/fedgate").iterdir()
        return folder

    @property
    def sign_in(self) -> Path:
        [folder] = (self.home / ".local/state/fedgate").iterdir()
        return folder / "sign-in"

    @property
    def launcher(self) -> Path:
        """What `profiles sync` names in `~/.aws/config`."""
        return self.home / ".local/share/fedgate/fedgate"

    @property
    def aws_config(self) -> Path:
        return self.home / ".aws/config"

    def cached(self) -> list[Path]:
        return sorted(self.cache.glob("*.credentials"))

    def age(self, seconds: int) -> None:
        """As if that much time had passed since the credentials were fetched."""
        for path in self.cached():
            head, line = path.read_text().split("\n", 1)
            mark, who, fetched, expires, role = head.split("\t")
            moved = [mark, who, f"{float(fetched) - seconds:.3f}", str(int(expires) - seconds), role]
            stale = path.stat().st_mtime - seconds
            path.write_text("\t".join(moved) + "\n" + line)
            os.utime(path, (stale, stale))

    def everything_kept(self) -> dict[str, os.stat_result]:
        """Every file and directory that fedgate made, with what the system says of it."""
        tops = [self.home / name for name in (".cache/fedgate", ".config/fedgate", ".local/state/fedgate")]
        paths = [path for top in tops if top.exists() for path in (top, *top.rglob("*"))]
        return {str(path.relative_to(self.home)): path.lstat() for path in paths}


def refresh_token(terminal: Terminal) -> str:
    found = re.search(r"^refresh_token\t(\S+)$", terminal.sign_in.read_text(), re.M)
    assert found
    return found[1]
