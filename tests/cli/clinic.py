"""Ada's machine, and what the doctor says of it. `ada` is a fixture of `conftest`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.cli.terminal import Terminal

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"


def examined(terminal: Terminal, *words: str) -> tuple[int, list[dict[str, Any]]]:
    typed = terminal.type("doctor", "--json", *words)
    assert SECRET not in typed.out + typed.err
    found = json.loads(typed.out)["findings"]
    assert all(set(one) == {"check", "level", "subject", "sentence", "run"} for one in found)
    return typed.code, found


def trouble(terminal: Terminal, *words: str) -> list[dict[str, Any]]:
    _, found = examined(terminal, *words)
    return [one for one in found if one["level"] != "ok"]


def append(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write(text)


def replace(path: Path, old: str, new: str) -> None:
    content = path.read_bytes()
    assert old.encode() in content
    path.write_bytes(content.replace(old.encode(), new.encode()))
