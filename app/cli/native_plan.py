"""What `configure --native` would do to `~/.aws/config`: the lines with which AWS tools reach the gateway by
themselves, in a block of their own beside the one of `profiles sync`."""

from __future__ import annotations

import re
from typing import NamedTuple

from . import aws_config, aws_default, aws_lines, aws_sections, own_lines, profile_names, shared_file, sync_options
from .aws_lines import Entry
from .failures import USAGE, Failure
from .profile_names import Named
from .roles import why
from .sync_options import Naming
from .sync_plan import Change, Plan, Request, begin_of, owner_of, texts_of, works

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
    owner = native_owner(asked.gateway)
    seen = shared_file.look(asked.path)
    block, apart = aws_config.inside(seen.content, owner), aws_config.profiles_outside(seen.content, owner)
    name = session_name(seen.content, asked.gateway)
    lost = check_own(seen.content, owner, name)
    chosen = asked.naming.completed(remembered(seen.content, asked))
    there = texts_of(block)
    every = profile_names.named([role for role in asked.roles if role.cli], chosen.prefix, chosen.template)
    fit = [one for one in every if works(one.role) or one.profile in there]
    mine = [one for one in fit if one.profile not in apart]
    entries = [entry(one, chosen.region) for one in mine]
    lines = [chosen.begin_line(owner, COMMAND), *body(asked.gateway, entries, name, extras), f"# END fedgate {owner}"]
    new = seen.content
    if extras.default:
        new = aws_default.with_services(new, name, aws_lines.services(asked.gateway, name)[1:])
    if block or entries:
        new = aws_config.replaced(new, owner, lines)
    taken, skipped = [one for one in fit if one.profile in apart], [one.role for one in every if one not in fit]
    reasons = [(role.arn, why(role)) for role in skipped]
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
            sentence = f"line {number + 1} and those around it already lead to {gateway}, outside fedgate's block"
            raise Failure(USAGE, f"{sentence}; nothing was written.\nDelete what was pasted there, then run it again.")


def check_own(content: bytes, owner: str, name: str) -> list[str]:
    """The settings in the block that are somebody else's; exit code 2 for more than settings."""
    block = aws_config.inside(content, owner)
    return own_lines.lost(block, begin_of(content, owner), lambda one: is_ours(one, name), SETTINGS) if block else []


def is_ours(section: aws_sections.Section, name: str) -> bool:
    if section.kind == "profile":
        return section.settings.get("sso_session") == name
    return section.kind in ("sso-session", "services") and section.name == name


def entry(one: Named, region: str) -> Entry:
    region = region or profile_names.region_of(one.role)
    return Entry(one.profile, one.role.account_id, one.role.name, one.role.arn, region)


def body(gateway: str, entries: list[Entry], name: str, extras: Extras) -> list[str]:
    try:
        return aws_lines.sso(gateway, entries, name=name, ca_bundle=extras.ca_bundle, default=False)
    except ValueError as problem:
        raise Failure(USAGE, f"{problem}; nothing was written") from None


def changes(mine: list[Named], there: dict[str, list[str]], lines: list[str]) -> list[Change]:
    now = texts_of([line.encode("ascii") for line in lines])
    found = [Change(one.profile, one.role.arn, kind(there.get(one.profile), now[one.profile]), "") for one in mine]
    return sorted([*found, *(Change(name, "", "removed", "") for name in set(there) - set(now))])


def kind(before: list[str] | None, now: list[str]) -> str:
    if before is None:
        return "added"
    return "unchanged" if before == now else "changed"
