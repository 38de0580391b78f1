"""What a file of AWS settings holds, read the way botocore reads it: sections, their settings, and where each begins.

Lines are bytes with their ends. Nothing here changes a file.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import NamedTuple

from ..failures import USAGE, Failure

HEADER = re.compile(
    rb"[ \t]*\[[ \t]*(?:(profile|sso-session|services)[ \t]+)?[\"']?([^\]\"']*?)[\"']?[ \t]*\].*", re.IGNORECASE
)
SETTING = re.compile(rb"([^\s=:#;\[][^=:]*?)[ \t]*[=:][ \t]*(.*?)[ \t]*")
SILENT = re.compile(rb"[ \t]*(?:[#;].*)?")
COMMENT = re.compile(rb"[ \t]*[#;].*")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Misplaced(Failure):
    """Something at one line of the file; `line` counts from 0."""

    def __init__(self, line: int, sentence: str) -> None:
        super().__init__(USAGE, f"line {line + 1} {sentence}")


@contextlib.contextmanager
def named(path: str) -> Iterator[None]:
    """Whoever reads about a line wants to know of which file."""
    try:
        yield
    except Misplaced as problem:
        raise Failure(USAGE, f"{path}, {problem.sentence}") from None


class Section(NamedTuple):
    """`kind` is `profile`, `sso-session`, `services`, or empty for a header of one word such as `[default]`.

    `line` counts from 0; `settings` are those that stand at the left margin, nested ones are not among them."""

    kind: str
    name: str
    line: int
    settings: dict[str, str]

    def is_profile(self) -> bool:
        """botocore takes `[default]` and `[profile x]` for profiles, and `[x]` for nothing."""
        return self.kind == "profile" or (not self.kind and self.name == "default")


def split(content: bytes) -> list[bytes]:
    """Lines with their ends. Only LF ends a line: `bytes.splitlines` would also cut at a lone CR."""
    if b"\0" in content:
        raise Misplaced(content[: content.index(b"\0")].count(b"\n"), "is not UTF-8 (UTF-16?); save the file as UTF-8")
    parts = content.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def bare(line: bytes) -> bytes:
    return line.rstrip(b"\r\n")


def header(line: bytes) -> tuple[str, str] | None:
    """Kind and name; some editors put a byte order mark in front of the first one."""
    plain = bare(line)
    match = HEADER.fullmatch(plain[3:] if plain.startswith(BYTE_ORDER_MARK) else plain)
    return (text(match[1] or b"").lower(), text(match[2])) if match else None


def sections(lines: list[bytes]) -> list[Section]:
    found: list[Section] = []
    for number, line in enumerate(lines):
        head = header(line)
        if head is not None:
            found.append(Section(*head, number, {}))
        elif found:
            found[-1].settings.update(setting(line))
    return found


def setting(line: bytes) -> dict[str, str]:
    match = SETTING.fullmatch(bare(line))
    return {text(match[1]).lower(): text(match[2])} if match else {}


def verbatim(found: bytes) -> str:
    """So that the same bytes can be written again, whatever their encoding."""
    return found.decode("utf-8", "surrogateescape")


def text(found: bytes) -> str:
    return found.decode("utf-8", "replace")
