"""Programs of the system that tests need, what Debian and Ubuntu call them, and what happens without them.

`@pytest.mark.needs("chromium")` marks a test. As root, `tests/run` installs everything, so a missing program
is a failure, never a skip: a suite that quietly shrinks is worse than one that fails. An ordinary user cannot
install; then the test waits, and the last lines of the run say which tests wait and for what.

`python -m tests.needs` prints the packages that are missing on this machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True, slots=True)
class Program:
    packages: tuple[str, ...]
    is_here: Callable[[], bool]


def _on_path(*names: str) -> bool:
    return any(shutil.which(name) for name in names)


# The first is the same engine without a window, and without the window's own pages: ours cost it a quarter of the time.
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser")


def chromium() -> str:
    """Its path, for Playwright; empty where there is none."""
    return next((path for name in CHROMIUM if (path := shutil.which(name))), "")


def _php_speaks_saml() -> bool:
    """PHP without these modules starts SimpleSAMLphp and then fails in the middle of a sign-in."""
    if not (_on_path("php") and Path("/usr/share/simplesamlphp/www/index.php").is_file()):
        return False
    modules = subprocess.run(["php", "-m"], capture_output=True, text=True, check=False).stdout.lower().split()
    return {"curl", "dom", "mbstring", "sqlite3"} <= set(modules)


def _postgresql_is_here() -> bool:
    """Debian leaves the server's programs off the PATH."""
    return any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


def _awscli_is_here() -> bool:
    """Debian's, an old one that people do have. Ubuntu 24.04 has none at all: nothing to wait for there."""
    system = Path("/etc/os-release")
    in_debian = system.is_file() and "ID=debian" in system.read_text("utf-8").splitlines()
    return Path("/usr/bin/aws").is_file() or not in_debian


PROGRAMS = {
    "busybox": Program(("busybox",), lambda: _on_path("busybox")),
    "awscli": Program(("awscli",), _awscli_is_here),
    "chromium": Program(("chromium",), lambda: bool(chromium())),
    "curl": Program(("curl",), lambda: _on_path("curl")),
    "faketime": Program(("faketime",), lambda: _on_path("faketime")),
    "postgresql": Program(("postgresql",), _postgresql_is_here),
    "redis": Program(("redis-server",), lambda: _on_path("redis-server", "valkey-server")),
    "simplesamlphp": Program(
        ("simplesamlphp", "php-cli", "php-xml", "php-mbstring", "php-curl", "php-sqlite3"), _php_speaks_saml
    ),
    "fish": Program(("fish",), lambda: _on_path("fish")),
    "zsh": Program(("zsh",), lambda: _on_path("zsh")),
    "shellcheck": Program(("shellcheck",), lambda: _on_path("shellcheck")),
}


def missing_packages() -> list[str]:
    return [package for program in PROGRAMS.values() if not program.is_here() for package in program.packages]


class Waiting:
    """Which tests wait, and for what; told once more at the very end, where people look."""

    def __init__(self) -> None:
        self._here: dict[str, bool] = {}
        self.tests: dict[str, int] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        for marker in item.iter_markers("needs"):
            for name in marker.args:
                if not self._is_here(name):
                    self._refuse(name)

    def _is_here(self, name: str) -> bool:
        if name not in self._here:
            self._here[name] = PROGRAMS[name].is_here()
        return self._here[name]

    def _refuse(self, name: str) -> None:
        packages = " ".join(PROGRAMS[name].packages)
        if os.geteuid() == 0:
            pytest.fail(f"needs {name}; tests/run installs it: apt-get install {packages}", pytrace=False)
        self.tests[name] = self.tests.get(name, 0) + 1
        pytest.skip(f"waits for {name}: ask root for apt-get install {packages}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for name, count in sorted(self.tests.items()):
            cure = f"apt-get install {' '.join(PROGRAMS[name].packages)}"
            terminalreporter.write_line(f"{count} TESTS DID NOT RUN for want of {name}: {cure}", red=True)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Waiting(), "waiting")


if __name__ == "__main__":
    sys.stdout.write(" ".join(missing_packages()) + "\n")
