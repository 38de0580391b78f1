"""What `profiles sync` would do to one file, decided before anything is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import NamedTuple

from . import (
    aws_config,
    aws_lines,
    aws_sections,
    aws_strays,
    own_lines,
    profile_map,
    profile_names,
    shared_file,
    sync_options,
)
from .aws_sections import Section
from .failures import USAGE, Failure
from .profile_names import Named
from .role_list import Role
from .roles import why
from .shared_file import Seen
from .sync_options import Chosen, Naming

SETTINGS = ("credential_process", "region")
WORD = "credential-process"


class Written(NamedTuple):
    """One profile of the block, as it is to be; `arn` is what the map says for one that is only kept."""

    profile: str
    arn: str
    lines: list[str]


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


def make(asked: Request) -> Plan:
    owner = owner_of(asked.gateway)
    seen = shared_file.look(asked.path)
    old = healed(seen.content, owner, is_ours, SETTINGS)
    block, apart = aws_config.inside(old, owner), aws_config.profiles_outside(old, owner)
    chosen = asked.naming.completed(sync_options.remembered(aws_config.remark(old, owner)))
    added = own_lines.added(block, begin_of(old, owner), is_ours, SETTINGS)
    there = {one.name: one.settings for one in aws_sections.sections(block)}
    every = profile_names.named([role for role in asked.roles if role.cli], chosen.prefix, chosen.template)
    # A role that does not work today may do so tomorrow: its profile stays, but none is made for it.
    fit = [one for one in every if works(one.role) or one.profile in there]
    mine = [one for one in fit if one.profile not in apart]
    written = [from_role(one, chosen, asked.start, there) for one in mine]
    written += [] if chosen.prune else kept(there, fit, apart, chosen, asked)
    written = sorted(one._replace(lines=[*one.lines, *added.get(one.profile, [])]) for one in written)
    lines = whole(written, chosen, owner)
    new = aws_config.replaced(old, owner, lines) if block or written else old
    return Plan(
        seen,
        new,
        lines,
        fit,
        changes(written, {one.profile for one in mine}, there, block, asked.gateway),
        [one for one in fit if one.profile in apart],
        [(one.role.arn, why(one.role)) for one in every if one not in fit],
        own_lines.lost(added, {one.profile for one in written}),
    )


def healed(content: bytes, owner: str, is_ours: Callable[[Section], bool], settings: Collection[str]) -> bytes:
    """Before anything is moved, what is somebody else's must be out of the way."""
    own_lines.added(aws_config.inside(content, owner), begin_of(content, owner), is_ours, settings)
    return aws_strays.healed(content, owner)


def owner_of(gateway: str) -> str:
    return gateway.partition("://")[2]


def begin_of(content: bytes, owner: str) -> int:
    block = aws_config.own_block(aws_sections.split(content), owner)
    return block.begin if block else 0


def is_ours(section: Section) -> bool:
    return section.kind == "profile" and WORD in section.settings.get("credential_process", "")


def works(role: Role) -> bool:
    return role.whole.get("works") is not False


def from_role(one: Named, chosen: Chosen, start: str, there: Mapping[str, dict[str, str]]) -> Written:
    region = chosen.region or profile_names.region_of(one.role) or region_there(there, one.profile)
    return Written(one.profile, one.role.arn, profile_lines(one.profile, start, region))


def region_there(there: Mapping[str, dict[str, str]], name: str) -> str:
    """Where nobody else gives one, the region that the person has set for that profile."""
    region = there.get(name, {}).get("region", "")
    return region if aws_lines.AWS_REGION.fullmatch(region) else ""


def profile_lines(name: str, start: str, region: str) -> list[str]:
    try:
        return aws_lines.process_profile(name, f"{start} {WORD} --profile {name}", region)
    except ValueError as problem:
        raise Failure(USAGE, f"profile {name}: {problem}") from None


def kept(
    there: dict[str, dict[str, str]], fit: list[Named], apart: set[str], chosen: Chosen, asked: Request
) -> list[Written]:
    """Profiles of the block whose role the gateway no longer gives; the map must still know what they mean."""
    known = meanings(asked.gateway)
    gone = set(there) & set(known) - {one.profile for one in fit} - apart
    found = []
    for name in sorted(gone):
        region = chosen.region or region_there(there, name)
        found.append(Written(name, known[name], profile_lines(name, asked.start, region)))
    return found


def meanings(gateway: str) -> dict[str, str]:
    return {one.name: one.role for one in profile_map.load() if one.gateway == gateway}


def whole(written: list[Written], chosen: Chosen, owner: str) -> list[str]:
    return [chosen.begin_line(owner), *(line for one in written for line in one.lines), f"# END fedgate {owner}"]


def changes(
    written: list[Written], current: set[str], there: dict[str, dict[str, str]], block: list[bytes], gateway: str
) -> list[Change]:
    known = meanings(gateway)
    texts = texts_of(block)
    found = []
    for one in written:
        was = known.get(one.profile, one.arn)
        kind = "added" if one.profile not in there else "kept" if one.profile not in current else "unchanged"
        if kind == "unchanged" and (texts[one.profile] != one.lines or was != one.arn):
            kind = "changed"
        found.append(Change(one.profile, one.arn, kind, was if was != one.arn else ""))
    names = {one.profile for one in written}
    removed = [Change(name, known.get(name, ""), "removed", "") for name in there if name not in names]
    return sorted([*found, *removed])


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
