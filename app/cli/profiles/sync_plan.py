"""What `profiles sync` would do to one file, decided before anything is written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from .. import profile_map
from ..failures import USAGE, Failure
from ..roles import why
from . import aws_config, aws_lines, aws_sections, own_lines, profile_names, shared_file, sync_options
from .aws_sections import Section
from .block_plan import Change, Plan, Request, begin_of, healed, owner_of, region_there, texts_of, works
from .profile_names import Named
from .sync_options import Chosen

SETTINGS = ("credential_process", "region")
WORD = "credential-process"


class Written(NamedTuple):
    """One profile of the block, as it is to be; `arn` is what the map says for one that is only kept."""

    profile: str
    arn: str
    lines: list[str]


def make(asked: Request) -> Plan:
    """Exit code 2 where the file or the names do not allow it."""
    with aws_sections.named(asked.path):
        return planned(asked)


def planned(asked: Request) -> Plan:
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
    before = {name: role for name, role in meanings(asked.gateway).items() if name in there}
    added = own_lines.carried(added, before, {one.profile: one.arn for one in written})
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


def is_ours(section: Section) -> bool:
    return section.kind == "profile" and WORD in section.settings.get("credential_process", "")


def from_role(one: Named, chosen: Chosen, start: str, there: Mapping[str, dict[str, str]]) -> Written:
    region = chosen.region or profile_names.region_of(one.role) or region_there(there, one.profile)
    return Written(one.profile, one.role.arn, profile_lines(one.profile, start, region))


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
