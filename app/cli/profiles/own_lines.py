"""What stands inside our block and is not ours: `aws configure set` writes there, and people do.

Settings that were added to one of our profiles stay with it. A section of somebody else's or another tool's marker is
refused with its line: the block is about to be written again, and that would be the end of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping

from ..failures import printable
from .aws_sections import COMMENT, Misplaced, Section, bare, header, sections, setting, text, verbatim

# `# BEGIN aws-sso-cli`, `# >>> conda >>>`, `# --- chezmoi ---`: how tools mark what is theirs.
TOOL_MARKER = re.compile(rb"[ \t]*[#;].*(\bBEGIN|\bEND\b|>>>|<<<|---|===|\{\{\{|\}\}\}).*", re.IGNORECASE)
Added = dict[str, list[str]]  # of each profile; the empty name is everything else in the block


def added(block: list[bytes], begin: int, is_ours: Callable[[Section], bool], settings: Collection[str]) -> Added:
    """Settings with what is nested in them, and comments. `begin` is the number of the block's first line in its
    file; raises exit code 2 for a section or a marker that is not ours."""
    refuse_foreign(block, begin, is_ours)
    found: Added = {}
    profile, own = "", True
    for line in block[1:-1]:
        head, name = header(line), next(iter(setting(line)), "")
        if head is not None:
            profile, own = head[1] if head[0] == "profile" else "", True
            continue
        own = name in settings if name else own
        if bare(line).strip() and (not own or COMMENT.fullmatch(bare(line))):
            found.setdefault(profile, []).append(verbatim(bare(line)))
    return found


def refuse_foreign(block: list[bytes], begin: int, is_ours: Callable[[Section], bool]) -> None:
    lines = block[1:-1]
    numbers = [one.line for one in sections(lines) if not is_ours(one)]
    numbers += [number for number, line in enumerate(lines) if TOOL_MARKER.fullmatch(bare(line))]
    for number in sorted(numbers):
        raise Misplaced(
            begin + 1 + number,
            "stands inside fedgate's block and is not fedgate's; nothing was written.\n"
            f"  {printable(text(bare(lines[number])).strip())[:80]}\n"
            "Move it out of the block, with what belongs to it.",
        )


def carried(found: Added, before: Mapping[str, str], now: Mapping[str, str]) -> Added:
    """Settings follow their role to its new name. `before` and `now`: profile to role."""
    names = {role: name for name, role in now.items() if name not in before}
    moved: Added = {}
    for name, lines in found.items():
        to = name if name in now else names.get(before.get(name, ""), name)
        moved[name if to in moved else to] = lines
    return moved


def lost(found: Added, kept: Collection[str]) -> list[str]:
    """What goes with the profiles that go."""
    gone = {profile: lines for profile, lines in found.items() if profile not in kept}
    return [f"{line.strip()} (of {profile or 'no profile'})" for profile, lines in gone.items() for line in lines]
