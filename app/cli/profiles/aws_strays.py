"""Lines that got to the wrong side of our markers.

`aws configure set` writes at the end of a section, and for it that is the line before the next header, whatever
comments stand between. So settings of the section before our block land behind our BEGIN, and those of our last profile
behind our END. (aws-cli `awscli/customizations/configure/writer.py`.)
"""

from __future__ import annotations

from .aws_config import newline_of, own_block
from .aws_sections import SILENT, bare, header, sections, split


def healed(content: bytes, owner: str) -> bytes:
    """The same settings in the same sections, each on its own side of the markers of that owner's block."""
    lines = split(content)
    mine = own_block(lines, owner)
    if mine is None:
        return content
    heads = [number for number, line in enumerate(lines) if header(line) is not None]
    first = next((number for number in heads if mine.begin < number < mine.end), mine.end)
    following = next((number for number in heads if number > mine.end), len(lines))
    strays, behind = lines[mine.begin + 1 : first], lines[mine.end + 1 : following]
    orphans = [line for line in behind if not is_silent(line)]
    if orphans and not ends_in_a_profile(lines[mine.begin : mine.end]):
        return content  # which `aws_config.replaced` refuses with the line
    newline = newline_of(content)
    ours = [*lines[first : mine.end], *ended(orphans, newline), lines[mine.end]]
    rest = [*(line for line in behind if is_silent(line)), *lines[following:]]
    return b"".join(
        [*before(lines[: mine.begin], strays), lines[mine.begin], *(ended(ours, newline) if rest else ours), *rest]
    )


def before(lines: list[bytes], strays: list[bytes]) -> list[bytes]:
    """The person's lines again in their own section, which may end with empty lines."""
    end = len(lines)
    while end and not bare(lines[end - 1]).strip():
        end -= 1
    return [*lines[:end], *(line for line in strays if bare(line).strip()), *lines[end:]]


def ended(lines: list[bytes], newline: bytes) -> list[bytes]:
    return [line if line.endswith(b"\n") else line + newline for line in lines]


def is_silent(line: bytes) -> bool:
    return SILENT.fullmatch(bare(line)) is not None


def ends_in_a_profile(lines: list[bytes]) -> bool:
    found = sections(lines)
    return bool(found) and found[-1].kind == "profile"
