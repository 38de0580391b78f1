"""What `configure --native` would do to `~/.aws/config`: the lines with which AWS tools reach the gateway by
themselves, in a block of their own beside the one of `profiles sync`."""

from __future__ import annotations

import re
from typing import NamedTuple

from ..failures import USAGE, Failure
from ..roles import why
from . import aws_config, aws_default, aws_lines, aws_sections, own_lines, profile_names, shared_file, sync_options
from .aws_lines import Entry
from .aws_sections import Misplaced
from .block_plan import Change, Plan, Request, begin_of, healed, owner_of, region_there, texts_of, works
from .own_lines import Added
from .profile_names import Named
from .sync_options import Naming

COMMAND = "configure --native"
BESIDE = "sso-"  # in front of the names where `profiles sync` already has them
SETTINGS = (
    *("sso_session", "sso_account_id", "sso_role_name", "region", "services", "ca_bundle"),
    *("sso_start_url", "sso_region", "sso_registration_scopes", "sso", "sso_oidc", "signin"),
)


class Extras(NamedTuple):
    """`default`: add the line to `[default]`; `ca_bundle` is for all of AWS, so it holds the public roots too."""

    default: bool
    ca_bundle: str


def make(asked: Request, extras: Extras) -> Plan:
    """Exit code 2 where the file or the names do not allow it."""
    with aws_sections.named(asked.path):
        return planned(asked, extras)


def planned(asked: Request, extras: Extras) -> Plan:
    owner = native_owner(asked.gateway)
    seen = shared_file.look(asked.path)
    name = session_name(seen.content, asked.gateway)
    old = healed(seen.content, owner, lambda one: is_ours(one, name), SETTINGS)
    block, apart = aws_config.inside(old, owner), aws_config.profiles_outside(old, owner)
    added = own_lines.added(block, begin_of(old, owner), lambda one: is_ours(one, name), SETTINGS)
    chosen = asked.naming.completed(remembered(old, asked))
    there = texts_of(block)
    settings = {one.name: one.settings for one in aws_sections.sections(block) if one.kind == "profile"}
    every = profile_names.named([role for role in asked.roles if role.cli], chosen.prefix, chosen.template)
    fit = [one for one in every if works(one.role) or one.profile in there]
    mine = [one for one in fit if one.profile not in apart]
    known = {(one.role.account_id, one.role.name): one.role.arn for one in every}
    before = {name: known.get(role_there(found), "") for name, found in settings.items()}
    added = own_lines.carried(added, before, {one.profile: one.role.arn for one in mine})
    entries = [entry(one, chosen.region, region_there(settings, one.profile)) for one in mine]
    lines = [
        chosen.begin_line(owner, COMMAND),
        *body(asked.gateway, entries, name, extras, added),
        f"# END fedgate {owner}",
    ]
    new = old
    if extras.default:
        new = aws_default.with_services(new, name, aws_lines.services(asked.gateway, name)[1:])
    if block or entries:
        new = aws_config.replaced(new, owner, lines)
    taken, skipped = [one for one in fit if one.profile in apart], [one.role for one in every if one not in fit]
    reasons = [(role.arn, why(role)) for role in skipped]
    lost = own_lines.lost(added, {one.profile for one in entries})
    return Plan(seen, new, lines, [], changes(mine, there, lines), taken, reasons, lost, name)


def native_owner(gateway: str) -> str:
    return f"{owner_of(gateway)}/sso"


def remembered(content: bytes, asked: Request) -> Naming:
    """Once written, the names stay; the first time they make room for those of `profiles sync`."""
    remark = aws_config.remark(content, native_owner(asked.gateway))
    if remark:
        return sync_options.remembered(remark, COMMAND)
    process = aws_config.profiles_inside(content, owner_of(asked.gateway))
    plain = profile_names.named([role for role in asked.roles if role.cli], "", asked.naming.template or "")
    return Naming(prefix=BESIDE if process & {one.profile for one in plain} else "")


def session_name(content: bytes, gateway: str) -> str:
    """`fedgate`, or with the host behind it where another gateway has that name on this machine."""
    block, rest = (part(content, native_owner(gateway)) for part in (aws_config.inside, aws_config.outside))
    mine = [one.name for one in aws_sections.sections(block) if one.kind == "sso-session"]
    if mine and aws_lines.LABEL.fullmatch(mine[0]):
        return mine[0]
    refuse_pasted(rest, gateway)
    taken = {one.name for one in aws_sections.sections(rest) if one.kind in ("sso-session", "services")}
    host = re.sub(r"[^a-z0-9]+", "-", owner_of(gateway)).strip("-")
    for name in (aws_lines.NAME, f"{aws_lines.NAME}-{host}"[:60]):
        if name not in taken:
            return name
    raise Failure(USAGE, f"[sso-session {aws_lines.NAME}] is somebody else's, outside fedgate's block; rename it")


def refuse_pasted(lines: list[bytes], gateway: str) -> None:
    """Whoever has pasted the lines of the page by hand would have every profile twice."""
    address = f"endpoint_url = {aws_lines.origin(gateway)}"
    for number, line in enumerate(lines):
        if aws_sections.text(line).strip() == address:
            sentence = f"and those around it already lead to {gateway}, outside fedgate's block; nothing was written."
            raise Misplaced(number, f"{sentence}\nDelete what was pasted there, then run it again.")


def is_ours(section: aws_sections.Section, name: str) -> bool:
    if section.kind == "profile":
        return section.settings.get("sso_session") == name
    return section.kind in ("sso-session", "services") and section.name == name


def entry(one: Named, wanted: str, there: str) -> Entry:
    region = wanted or profile_names.region_of(one.role) or there
    return Entry(one.profile, one.role.account_id, one.role.name, one.role.arn, region)


def body(gateway: str, entries: list[Entry], name: str, extras: Extras, added: Added) -> list[str]:
    """Each profile is followed by what others have added to it."""
    try:
        lines = aws_lines.sso(gateway, [], name=name, default=False)
        for one in entries:
            lines += aws_lines.sso_profile(one, name) + aws_lines.ca_line(extras.ca_bundle)
            lines += added.get(one.profile, [])
    except ValueError as problem:
        raise Failure(USAGE, f"{problem}; nothing was written") from None
    return lines


def role_there(settings: dict[str, str]) -> tuple[str, str]:
    return settings.get("sso_account_id", ""), settings.get("sso_role_name", "")


def changes(mine: list[Named], there: dict[str, list[str]], lines: list[str]) -> list[Change]:
    now = texts_of([line.encode("utf-8", "surrogateescape") for line in lines])
    found = [Change(one.profile, one.role.arn, kind(there.get(one.profile), now[one.profile]), "") for one in mine]
    return sorted([*found, *(Change(name, "", "removed", "") for name in set(there) - set(now))])


def kind(before: list[str] | None, now: list[str]) -> str:
    if before is None:
        return "added"
    return "unchanged" if before == now else "changed"
