"""Is everything inside our block ours? What is not would be lost when the block is written again.

A section or another tool's marker in there is refused with its line: it is somebody's work. A setting that was added to
one of our profiles is said aloud when it goes; the BEGIN line has announced that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from .aws_sections import COMMENT, Section, bare, header, sections, setting, text
from .failures import USAGE, Failure, printable

# `# BEGIN aws-sso-cli`, `# >>> conda >>>`, `# --- chezmoi ---`: how tools mark what is theirs.
TOOL_MARKER = re.compile(rb"[ \t]*[#;].*(\bBEGIN|\bEND\b|>>>|<<<|---|===|\{\{\{|\}\}\}).*", re.IGNORECASE)


def lost(block: list[bytes], begin: int, is_ours: Callable[[Section], bool], settings: Collection[str]) -> list[str]:
    """Settings and comments that fedgate did not write. `begin` is the number of the block's first line in its file;
    raises exit code 2 for a section or a marker that is not ours."""
    between = block[1:-1]
    for section in sections(between):
        if not is_ours(section):
            raise foreign(begin + 1 + section.line, between[section.line])
    gone: list[str] = []
    profile = ""
    for number, line in enumerate(between, begin + 1):
        if TOOL_MARKER.fullmatch(bare(line)):
            raise foreign(number, line)
        head = header(line)
        profile = head[1] if head else profile
        if COMMENT.fullmatch(bare(line)) or set(setting(line)) - set(settings):
            gone.append(f"{text(bare(line)).strip()} (of {profile})")
    return gone


def foreign(number: int, line: bytes) -> Failure:
    shown = printable(text(bare(line)).strip())[:80]
    return Failure(
        USAGE,
        f"line {number + 1} stands inside fedgate's block and is not fedgate's; nothing was written.\n"
        f"  {shown}\nMove it out of the block, with what belongs to it.",
    )
