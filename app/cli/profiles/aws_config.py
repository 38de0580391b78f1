"""The blocks that fedgate owns in `~/.aws/config`, as bytes in and bytes out.

    # BEGIN fedgate aws.example.com - generated, ...
    [profile production.UpdateApp]
    credential_process = ...
    # END fedgate aws.example.com

Everything outside the two markers stays as it is, byte for byte: the file is shared with the AWS CLI, with other tools
and with people. When the markers do not pair up, nothing is written, because every guess about where the block ends
could swallow somebody's profiles. `owner` is the word behind `fedgate`: a gateway's host for the profiles of
`profiles sync`, `host/sso` for the lines of `configure --native`.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ..failures import Failure
from .aws_sections import SILENT, Misplaced, bare, header, sections, split

MARKER = re.compile(rb"(?:\xef\xbb\xbf)?[ \t]*#[ \t]*(BEGIN|END) fedgate (\S+)([ \t].*)?")


class Block(NamedTuple):
    """Of one owner; lines count from 0, and `end` is the line of the END marker."""

    owner: str
    begin: int
    end: int


def replaced(content: bytes, owner: str, lines: list[str]) -> bytes:
    """The file with that owner's block, markers included, being `lines`; appended when there is none yet."""
    newline = newline_of(content)
    wanted = newline.join(line.encode("utf-8", "surrogateescape") for line in lines)
    old = split(content)
    mine = own_block(old, owner)
    if mine is None:
        return content + gap(content, newline) + wanted + newline
    refuse_orphan(old, mine.end)
    ending = old[mine.end][len(bare(old[mine.end])) :]
    return b"".join(old[: mine.begin]) + wanted + ending + b"".join(old[mine.end + 1 :])


def removed(content: bytes, owner: str) -> bytes:
    """The file without that owner's block, and without the empty line that parted it from what was before."""
    lines = split(content)
    mine = own_block(lines, owner)
    if mine is None:
        return content
    refuse_orphan(lines, mine.end)
    begin = mine.begin - 1 if mine.begin and not bare(lines[mine.begin - 1]) else mine.begin
    return b"".join(lines[:begin] + lines[mine.end + 1 :])


def newline_of(content: bytes) -> bytes:
    return b"\r\n" if content.partition(b"\n")[0].endswith(b"\r") else b"\n"


def gap(content: bytes, newline: bytes) -> bytes:
    """What parts our block from what was there: the newline that the last line may lack, and an empty line."""
    if not content:
        return b""
    return newline if content.endswith(b"\n") else newline * 2


def inside(content: bytes, owner: str) -> list[bytes]:
    """The lines of that block, with its markers; none when it is not there."""
    lines = split(content)
    mine = own_block(lines, owner)
    return [] if mine is None else lines[mine.begin : mine.end + 1]


def outside(content: bytes, owner: str) -> list[bytes]:
    lines = split(content)
    mine = own_block(lines, owner)
    return lines if mine is None else lines[: mine.begin] + lines[mine.end + 1 :]


def remark(content: bytes, owner: str) -> str:
    """What stands behind the owner in the BEGIN line; empty when there is no block."""
    first = next(iter(inside(content, owner)), b"")
    match = MARKER.fullmatch(bare(first))
    return (match[3] or b"").decode("ascii", "replace").strip() if match else ""


def profiles_outside(content: bytes, owner: str) -> set[str]:
    """Names of the profiles that somebody else wrote."""
    return profiles(outside(content, owner))


def profiles_inside(content: bytes, owner: str) -> set[str]:
    return profiles(inside(content, owner))


def profiles(lines: list[bytes]) -> set[str]:
    return {one.name for one in sections(lines) if one.is_profile()}


def own_block(lines: list[bytes], owner: str) -> Block | None:
    mine = [block for block in blocks(lines) if block.owner == owner]
    if len(mine) > 1:
        sentence = f"begins a second block of fedgate {owner}; nothing was written.\nDelete all but one."
        raise Misplaced(mine[1].begin, sentence)
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
        f"marks the block `fedgate {owner}` and has no partner; nothing was written.\n"
        f"Put back the line `# BEGIN fedgate {owner}` or `# END fedgate {owner}`, or delete the rest of the block."
    )
    return Misplaced(number, sentence)


def refuse_orphan(lines: list[bytes], end: int) -> None:
    """Some tools add a setting at the end of a section by line, behind our END marker. It belongs to our last
    profile there, and would silently change to another one when the block changes."""
    for number, line in enumerate(lines[end + 1 :], end + 1):
        if SILENT.fullmatch(bare(line)):
            continue
        if header(line) is not None:
            return
        sentence = "stands behind fedgate's block without a section of its own; nothing was written."
        raise Misplaced(number, f"{sentence}\nMove it under the profile that it is meant for.")
