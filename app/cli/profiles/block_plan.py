"""What would happen to one of our blocks in one file, and what both makers of blocks ask of the block that is there."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from ..role_list import Role
from . import aws_config, aws_lines, aws_sections, aws_strays, own_lines
from .aws_sections import Section
from .profile_names import Named
from .shared_file import Seen
from .sync_options import Naming


class Change(NamedTuple):
    """`kind` is added, changed, removed, kept (the role is lost, the profile stays) or unchanged."""

    profile: str
    arn: str
    kind: str
    before: str  # the ARN that the name meant until now, where that was another


class Plan(NamedTuple):
    seen: Seen
    new: bytes
    lines: list[str]
    named: list[Named]  # every role with a name, also those whose name somebody else has
    changes: list[Change]
    taken: list[Named]
    skipped: list[tuple[str, str]]  # ARN and reason
    lost: list[str]
    session: str = ""  # the sso-session's name, where AWS tools come by themselves

    def names(self, *kinds: str) -> list[str]:
        return [one.profile for one in self.changes if one.kind in kinds]


class Request(NamedTuple):
    """`start` is what AWS tools start, `path` the file of settings."""

    gateway: str
    roles: list[Role]
    naming: Naming
    start: str
    path: str


def owner_of(gateway: str) -> str:
    return gateway.partition("://")[2]


def begin_of(content: bytes, owner: str) -> int:
    block = aws_config.own_block(aws_sections.split(content), owner)
    return block.begin if block else 0


def healed(content: bytes, owner: str, is_ours: Callable[[Section], bool], settings: Collection[str]) -> bytes:
    """Before anything is moved, what is somebody else's must be out of the way."""
    own_lines.added(aws_config.inside(content, owner), begin_of(content, owner), is_ours, settings)
    return aws_strays.healed(content, owner)


def works(role: Role) -> bool:
    return role.whole.get("works") is not False


def region_there(there: Mapping[str, dict[str, str]], name: str) -> str:
    """Where nobody else gives one, the region that the person has set for that profile."""
    region = there.get(name, {}).get("region", "")
    return region if aws_lines.AWS_REGION.fullmatch(region) else ""


def texts_of(block: list[bytes]) -> dict[str, list[str]]:
    """Each profile of the block as it stands, with its header."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in block[1:-1]:
        head = aws_sections.header(line)
        if head is not None:
            lines = found.setdefault(head[1], []) if head[0] == "profile" else []
        if aws_sections.bare(line).strip():
            lines.append(aws_sections.verbatim(aws_sections.bare(line)))
    return found
