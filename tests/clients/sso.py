"""`aws sso login` as people type it, and the person in the browser that it opens.

The AWS CLI answers the browser from the same thread that waits for the browser to be opened: a BROWSER that does not go
into the background at once would wait for itself. So it is a script that only writes the address down.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from bs4 import BeautifulSoup

from tests.clients.clients import SECONDS, Client, Said
from tests.clients.machine import Machine
from tests.office import page_of
from tests.patience import until
from tests.servers.browser import Browser

_OPEN = """#!/bin/sh
printf '%s' "$1" >"$HOME/opened.part" && mv "$HOME/opened.part" "$HOME/opened"
"""


def log_in(machine: Machine, cli: Client, browser: Browser, *words: str, answer: str = "yes") -> Said:
    """`aws sso login` in this home; `browser` is signed in at the gateway and answers there. What the CLI said."""
    opened = machine.home / "opened"
    opened.unlink(missing_ok=True)
    command = [str(cli.program), "sso", "login", *words]
    with _Running(command, machine.env | opener(machine.home)) as running:
        address = running.waited_for(opened)
        agree(browser, address, answer)
        said = running.said()
    machine.remember(said.out)
    return said


def agree(browser: Browser, address: str, answer: str) -> None:
    """Everything that stands between this address and the end, with this answer: the code's page and the question, or
    the question alone."""
    page = page_of(browser.open(address))
    for _ in range(2):
        form = BeautifulSoup(page.text, "html.parser").select_one("main form[method=post]")
        assert form is not None, f"no question at {page.url.partition('?')[0]}: {page.status_code}"
        fields = {str(tag["name"]): str(tag.get("value", "")) for tag in form.select("input[name]")}
        asked = form.select_one("button[name=answer]") is not None
        action = page.url.split("/", 3)[:3]
        origin = "/".join(action)
        page = page_of(
            browser.post(f"{origin}{form['action']}", fields | ({"answer": answer} if asked else {}), origin)
        )
        assert page.status_code == 200, f"{page.url.partition('?')[0]}: {page.status_code}"
        if asked:
            return


def opener(home: Path) -> dict[str, str]:
    """The environment in which a browser is opened by writing its address into the file `opened`."""
    script = home / "open"
    if not script.exists():
        script.write_text(_OPEN, "ascii")
        script.chmod(0o700)
    return {"BROWSER": f"{script} %s &"}


def wait_for(opened: Path, check: Callable[[], None] = lambda: None) -> None:
    def is_there() -> bool:
        check()
        return opened.exists()

    until(is_there, "no browser was opened")


class _Running:
    """The CLI while it waits for the browser."""

    def __init__(self, command: list[str], env: dict[str, str]) -> None:
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, env=env, cwd=env["HOME"], stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True
        )

    def waited_for(self, path: Path) -> str:
        def still_running() -> None:
            assert self._process.poll() is None, f"it opened no browser: {self.said()}"

        wait_for(path, still_running)
        return path.read_text("utf-8")

    def said(self) -> Said:
        out, err = self._process.communicate(timeout=SECONDS)
        return Said(self._process.returncode, out, err)

    def __enter__(self) -> _Running:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
