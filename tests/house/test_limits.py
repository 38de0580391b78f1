"""Every limit stands in the runbook, one by one, with the numbers that the program counts to."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"\| `(?P<name>[a-z.]+)` \| [^|]+ \| (?P<limit>[0-9 ]+) in (?P<window>[^|]+) \| [^|]+ \|")
_SPENDING = ("spend", "spend_of_address")
_WINDOWS = {timedelta(minutes=1): "a minute", timedelta(minutes=5): "5 minutes", timedelta(hours=1): "an hour"}


@dataclass(frozen=True, slots=True, order=True)
class Limit:
    name: str
    limit: int
    window: str


def test_the_table_of_limits_is_the_program() -> None:
    counted, written = set(_counted()), set(_written())
    assert len(counted) > 10
    assert sorted(counted) == sorted(written)


def _written() -> Iterator[Limit]:
    for row in _ROW.finditer((ROOT / "deploy" / "RUNBOOK.md").read_text("utf-8")):
        yield Limit(row["name"], int(row["limit"].replace(" ", "")), row["window"])


def _counted() -> Iterator[Limit]:
    """Each call of `Counters.spend`; its numbers as its module knows them. One that cannot be read so is an error."""
    for path in sorted((ROOT / "app").rglob("*.py")):
        relative = path.relative_to(ROOT).with_suffix("")
        if "local" in relative.parts or relative.parts == ("app", "store", "counters"):
            continue
        for call in _calls(ast.parse(path.read_text("utf-8"))):
            known = vars(importlib.import_module(".".join(relative.parts)))
            name, _who, limit, window = (ast.unparse(argument) for argument in call.args)
            number, length = (eval(text, {"timedelta": timedelta, **known}) for text in (limit, window))  # noqa: S307 - our own source
            yield Limit(str(ast.literal_eval(name)), number, _WINDOWS[length])


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _SPENDING:
            if len(node.args) == 4:
                yield node
            else:
                # `Endings.spend(origin)`: a method of a room that counts in one place for several.
                assert (len(node.args), type(node.func.value)) == (1, ast.Name), ast.unparse(node)
