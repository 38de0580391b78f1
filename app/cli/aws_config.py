"""The block that fedgate owns in `~/.aws/config`, as bytes in and bytes out.

    # BEGIN fedgate aws.example.com - generated, ...
    [profile production.UpdateApp]
    credential_process = ...
    # END fedgate aws.example.com

Everything outside the two markers stays as it is, byte for byte: the file is shared with the AWS CLI, with other tools
and with people. When the markers do not pair up, nothing is written, because every guess about where the block ends
could swallow somebody's profiles.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from .failures import USAGE, Failure

MARKER = re.compile(rb"[ \t]*#[ \t]*(BEGIN|END) fedgate (\S+)(?:[ \t].*)?")
SECTION = re.compile(rb"[ \t]*\[[ \t]*(?:profile[ \t]+)?[\"']?([^\]\"']*?)[\"']?[ \t]*\].*")
SILENT = re.compile(rb"[ \t]*(?:[#;].*)?")
PROFILE_OF_CONFIG = re.compile(rb"[ \t]*\[[ \t]*profile[ \t]+[\"']?([^\]\"']*?)[\"']?[ \t]*\].*")


class Block(NamedTuple):
    """Of one gateway; lines count from 0, and `end` is the line of the END marker."""

    owner: str
    begin: int
    end: int


def replaced(content: bytes, owner: str, lines: list[str]) -> bytes:
    """The file with that owner's block, markers included, being `lines`; appended when there is none yet."""
    newline = b"\r\n" if content.partition(b"\n")[0].endswith(b"\r") else b"\n"
    wanted = newline.join(line.encode("ascii") for line in lines)
    old = split(content)
    mine = own_block(old, owner)
    if mine is None:
        return content + gap(content, newline) + wanted + newline
    refuse_orphan(old, mine.end)
    ending = old[mine.end][len(bare(old[mine.end])) :]
    return b"".join(old[: mine.begin]) + wanted + ending + b"".join(old[mine.end + 1 :])


def gap(content: bytes, newline: bytes) -> bytes:
    """What parts our block from what was there: the newline that the last line may lack, and an empty line."""
    if not content:
        return b""
    return newline if content.endswith(b"\n") else newline * 2


def profiles_outside(content: bytes, owner: str) -> set[str]:
    """Names of the profiles that somebody else wrote."""
    lines = split(content)
    mine = own_block(lines, owner)
    others = lines if mine is None else lines[: mine.begin] + lines[mine.end + 1 :]
    return named(others, PROFILE_OF_CONFIG)


def profiles_inside(content: bytes, owner: str) -> set[str]:
    lines = split(content)
    mine = own_block(lines, owner)
    return set() if mine is None else named(lines[mine.begin : mine.end], PROFILE_OF_CONFIG)


def sections(content: bytes) -> set[str]:
    """Names of all sections, as `~/.aws/credentials` writes them: without the word `profile`."""
    return named(split(content), SECTION)


def named(lines: list[bytes], shape: re.Pattern[bytes]) -> set[str]:
    found = (shape.fullmatch(bare(line)) for line in lines)
    return {match[1].decode("utf-8", "replace") for match in found if match}


def own_block(lines: list[bytes], owner: str) -> Block | None:
    mine = [block for block in blocks(lines) if block.owner == owner]
    if len(mine) > 1:
        second = mine[1].begin + 1
        raise Failure(USAGE, f"fedgate {owner} has {len(mine)} blocks, the second at line {second}; delete all but one")
    return mine[0] if mine else None


def blocks(lines: list[bytes]) -> list[Block]:
    found: list[Block] = []
    opened: tuple[str, int] | None = None
    for number, line in enumerate(lines):
        match = MARKER.fullmatch(bare(line))
        if match is None:
            continue
        word, owner = match[1], match[2].decode("utf-8", "replace")
        if word == b"BEGIN" and opened is None:
            opened = (owner, number)
        elif word == b"END" and opened is not None and opened[0] == owner:
            found.append(Block(owner, opened[1], number))
            opened = None
        else:
            raise torn(*(opened or (owner, number)))
    if opened is not None:
        raise torn(*opened)
    return found


def torn(owner: str, number: int) -> Failure:
    sentence = (
        f"line {number + 1}: the marker of the block `fedgate {owner}` has no partner; nothing was written.\n"
        f"Put back the line `# BEGIN fedgate {owner}` or `# END fedgate {owner}`, or delete the rest of the block."
    )
    return Failure(USAGE, sentence)


def refuse_orphan(lines: list[bytes], end: int) -> None:
    """Some tools add a setting at the end of a section by line, behind our END marker. It belongs to our last
    profile there, and would silently change to another one when the block changes."""
    for number, line in enumerate(lines[end + 1 :], end + 1):
        if SILENT.fullmatch(bare(line)):
            continue
        if SECTION.fullmatch(bare(line)):
            return
        sentence = f"line {number + 1} stands behind fedgate's block without a section of its own; nothing was written."
        raise Failure(USAGE, f"{sentence}\nMove it under the profile that it is meant for.")


def split(content: bytes) -> list[bytes]:
    """Lines with their ends. Only LF ends a line: `bytes.splitlines` would also cut at a lone CR."""
    parts = content.split(b"\n")
    lines = [part + b"\n" for part in parts[:-1]]
    return [*lines, parts[-1]] if parts[-1] else lines


def bare(line: bytes) -> bytes:
    return line.rstrip(b"\r\n")
