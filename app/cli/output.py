"""How fedgate talks: data on standard output, everything for people on standard error."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone

from .failures import Failure, printable

SHORTEST = 6  # characters of a column that is cut


def tell(text: str) -> None:
    print(fitted(text) if sys.stderr.isatty() else text, file=sys.stderr, flush=True)


def fitted(text: str) -> str:
    """Sentences break between words. What is indented is to be copied, or has lines of its own, and stays whole."""
    import textwrap

    width = max(columns(sys.stderr.fileno()), 40)
    return "\n".join(
        textwrap.fill(line, width, break_on_hyphens=False, break_long_words=False)
        if len(line) > width and not line.startswith(" ")
        else line
        for line in text.split("\n")
    )


def data(text: str) -> None:
    print(text, flush=True)


def as_json(found: Mapping[str, object]) -> None:
    data(json.dumps(found, indent=2))


def program() -> str:
    """What to type to run this copy: it is not always installed as `fedgate`."""
    typed = sys.argv[0]
    name = os.path.basename(typed)
    if name.endswith(".pyz"):
        return f"python3 {typed}" if " " not in typed else f"python3 '{typed}'"
    return "fedgate"


def explain(failure: Failure) -> None:
    lines = [printable(line) for line in failure.sentence.splitlines()] or ["unexpected problem"]
    tell("\n".join([f"fedgate: {lines[0]}", *lines[1:]]))
    if failure.run:
        tell(f"  run: {program()} {failure.run}")


def moment(text: object) -> datetime | None:
    """`2026-11-21T20:28:06Z`; None when it is anything else."""
    try:
        return datetime.strptime(str(text), "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc)  # noqa: UP017 (3.9)
    except ValueError:
        return None


def zulu(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: UP017 (3.9)


def until(text: object, now: float) -> str:
    """`21:28 (in 7 h 59 min)`, in the clock of the wall; with the date when that is another day."""
    when = moment(text)
    if when is None:
        return "an unknown time"
    here = when.astimezone()
    same_day = here.date() == datetime.fromtimestamp(now, here.tzinfo).date()
    return f"{here:%H:%M}{'' if same_day else here.strftime(' on %Y-%m-%d')} ({span(when.timestamp() - now)})"


def span(seconds: float) -> str:
    if seconds <= 0:
        return "over"
    hours, minutes = divmod(int(seconds) // 60, 60)
    if not hours and not minutes:
        return "in less than a minute"
    parts = [f"{hours} h"] if hours else []
    return "in " + " ".join([*parts, f"{minutes} min"] if minutes else parts)


def length(seconds: float) -> str:
    """`5 min` or `90 s`."""
    return f"{seconds / 60:g} min" if seconds % 60 == 0 else f"{seconds:g} s"


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side. On a terminal the widest ones are cut so that no line wraps, the first one last, because it
    is what people copy; in a pipe nothing is cut."""
    cells = [list(heads)] + [[printable(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(heads))]
    if sys.stdout.isatty():
        widths = narrowed(widths, columns() - 2 * (len(heads) - 1))
    return "\n".join("  ".join(map(cut, row, widths)).rstrip() for row in cells)


def narrowed(widths: list[int], room: int) -> list[int]:
    kept = list(widths)
    while sum(kept) > room and max(kept) > SHORTEST:
        rest = kept[1:] if max(kept[1:], default=0) > SHORTEST else kept
        kept[kept.index(max(rest), len(kept) - len(rest))] -= 1
    return kept


def cut(cell: str, width: int) -> str:
    """One ASCII character for what was cut off, since not every terminal is UTF-8."""
    return cell.ljust(width) if len(cell) <= width else cell[: width - 1] + "~"


def columns(descriptor: int = 1) -> int:
    try:
        return os.get_terminal_size(descriptor).columns or 80
    except OSError:
        return 80
