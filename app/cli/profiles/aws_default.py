"""One line in the person's own `[default]`: `services = fedgate`, put there when they ask for it, and taken out again.

JavaScript programs that name a profile in their code, and `aws sso login --sso-session` without a profile, read the
gateway's address there and nowhere else. A second `[default]` would make the file unreadable for boto3, and one inside
our block would be where `aws configure` writes.
"""

from __future__ import annotations

from ..failures import USAGE, Failure
from . import aws_config
from .aws_sections import Misplaced, Section, bare, sections, setting, split


def with_services(content: bytes, name: str, gateway_lines: list[str]) -> bytes:
    """Exit code 2 when `[default]` already names other services; `gateway_lines` are then what those lack."""
    section = default(content)
    newline = aws_config.newline_of(content)
    line = f"services = {name}".encode("ascii")
    if section is None:
        return content + aws_config.gap(content, newline) + b"[default]" + newline + line + newline
    other = section.settings.get("services", name)
    if other != name:
        raise Failure(USAGE, occupied(other, gateway_lines))
    if "services" in section.settings:
        return content
    lines = split(content)
    head, ending = bare(lines[section.line]), lines[section.line][len(bare(lines[section.line])) :]
    # Right behind the header: anywhere else it could land inside a nested setting.
    lines[section.line] = head + (ending or newline) + line + ending
    return b"".join(lines)


def without_services(content: bytes, name: str) -> bytes:
    """Nothing else of `[default]` goes, its header neither."""
    section = default(content)
    if section is None or section.settings.get("services") != name:
        return content
    lines = split(content)
    ours = (number for number in range(section.line + 1, len(lines)) if setting(lines[number]) == {"services": name})
    number = next(ours)
    if number == len(lines) - 1 and bare(lines[number]) == lines[number]:
        lines[number - 1] = bare(lines[number - 1])
    return b"".join(lines[:number] + lines[number + 1 :])


def default(content: bytes) -> Section | None:
    """`[default]`, or the `[profile default]` that means the same where there is no other."""
    found = [one for one in sections(split(content)) if one.is_profile() and one.name == "default"]
    for kind in ("", "profile"):
        same = [one for one in found if one.kind == kind]
        if len(same) > 1:
            raise Misplaced(same[1].line, "is a second [default], which boto3 cannot read; join the two")
        if same:
            return same[0]
    return None


def occupied(other: str, gateway_lines: list[str]) -> str:
    listed = "\n".join(f"  {line}" for line in gateway_lines)
    return (
        f"[default] already says services = {other}, and can name only one; nothing was written.\n"
        f"Leave out --default, and add this to [services {other}] yourself:\n{listed}"
    )
