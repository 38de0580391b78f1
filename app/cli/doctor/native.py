"""Profiles that reach the gateway by AWS's own protocols, without any program of ours, by an `sso_session`.

AWS tools find the gateway by the `[services]` section that the profile names. Where the profile does not name it, they
ask a host that does not exist; JavaScript programs look into `[default]` only.
"""

from __future__ import annotations

import os
import re

from ..failures import Failure
from ..output import program
from ..profiles import aws_models, aws_paths, shared_file
from ..profiles.aws_lines import NAME, models_path
from ..profiles.aws_rules import SERVICES
from ..profiles.aws_sections import Section, bare, split
from .findings import CAREFUL, WRONG, Finding, Findings, Scene, listed, shown

ENDPOINT = re.compile(rb"[ \t]+endpoint_url[ \t]*=[ \t]*(\S+)[ \t]*")
NEEDED = ("sso", "sso_oidc")
SYNC = "configure --native"


def profiles(gateway: str, config: list[Section]) -> list[Section]:
    """Those that lead to this gateway, whatever their session is called. Where none does, those of the name that we
    write: their way here may be what is broken."""
    named = [one for one in config if one.is_profile() and session_of(one)]
    services = {
        one.name for one in config if one.kind == "services" and gateway in addresses(config, one.name).values()
    }
    found = {session_of(one) for one in named if one.settings.get("services") in services or starts_at(gateway, one)}
    regions = regions_of(gateway)
    for one in config:
        if one.kind == "sso-session" and (starts_at(gateway, one) or one.settings.get("sso_region") in regions):
            found.add(one.name)
    return [one for one in named if session_of(one) in (found or {NAME})]


def session_of(profile: Section) -> str:
    """Profiles from before there were sessions hold the address themselves, and it names what they share."""
    return profile.settings.get("sso_session") or profile.settings.get("sso_start_url", "")


def starts_at(gateway: str, section: Section) -> bool:
    return bool(gateway) and section.settings.get("sso_start_url", "").rstrip("/") in (gateway, f"{gateway}/start")


def regions_of(gateway: str) -> set[str]:
    """The made-up regions that our files in `~/.aws/models` lead to this gateway."""
    try:
        rules = aws_models.found().values()
    except Failure:
        return set()
    return {region for one in rules for region, url in one.items() if url == gateway}


def look(scene: Scene, config: list[Section]) -> Findings:
    ours = profiles(scene.gateway, config)
    if not ours or scene.only and scene.only not in {one.name for one in ours}:
        return
    yield from without_session(ours, config)
    if has_models():
        return  # the region alone leads to the gateway then
    used = sorted({one.settings["services"] for one in ours if one.settings.get("services")}) or [NAME]
    yield from without_services(ours, config, used[0])
    for name in used:
        yield from endpoints(scene.gateway, config, name)


def without_session(ours: list[Section], config: list[Section]) -> Findings:
    there = {one.name for one in config if one.kind == "sso-session"}
    for name in sorted({one.settings.get("sso_session", "") for one in ours} - there - {""}):
        sentence = f"there is no [sso-session {name}] in {shown(aws_paths.config())}: `aws sso login` cannot work"
        yield Finding("native", WRONG, f"sso_session = {name}", sentence, f"{program()} {SYNC}")


def has_models() -> bool:
    return all(os.path.exists(os.path.join(aws_paths.models(), models_path(service))) for service in SERVICES)


def without_services(ours: list[Section], config: list[Section], name: str) -> Findings:
    lost = sorted(one.name for one in ours if not one.settings.get("services"))
    if lost:
        sentence = (
            f"lacks the line `services = {name}`, by which AWS tools find the gateway; they look for a host of AWS"
        )
        yield Finding("native", WRONG, listed(lost), sentence, f"{program()} {SYNC}")
    default = [one for one in config if one.name == "default" and one.is_profile()]
    if not any(one.settings.get("services") for one in default):
        sentence = (
            f"lacks the line `services = {name}`: JavaScript programs that name a profile in their code, and "
            "`aws sso login` without --profile, look for the gateway there"
        )
        yield Finding(
            "native", CAREFUL, f"[default] in {shown(aws_paths.config())}", sentence, f"{program()} {SYNC} --default"
        )


def endpoints(gateway: str, config: list[Section], name: str) -> Findings:
    found = addresses(config, name)
    lacking = [service for service in NEEDED if service not in found]
    if lacking:
        sentence = f"gives no address for {' and '.join(lacking)}: AWS tools ask AWS instead of the gateway"
        yield Finding("native", WRONG, f"[services {name}]", sentence, f"{program()} {SYNC}")
    elsewhere = sorted({found[service] for service in NEEDED if service in found} - {gateway})
    if elsewhere and gateway:
        sentence = f"leads to {listed(elsewhere)}, and fedgate uses {gateway}"
        yield Finding("native", CAREFUL, f"[services {name}]", sentence, f"{program()} {SYNC}")


def addresses(config: list[Section], name: str) -> dict[str, str]:
    """What this `[services]` section says, by service; nested settings are read here only."""
    here = [one for one in config if one.kind == "services" and one.name == name]
    if not here:
        return {}
    after = min((one.line for one in config if one.line > here[0].line), default=None)
    try:
        lines = split(shared_file.look(aws_paths.config()).content)[here[0].line : after]
    except Failure:
        return {}
    found: dict[str, str] = {}
    service = ""
    for line in map(bare, lines):
        match = ENDPOINT.fullmatch(line)
        if match:
            found[service] = match[1].decode("utf-8", "replace").rstrip("/")
        elif b"=" in line and not line.startswith((b" ", b"\t")):
            service = line.partition(b"=")[0].strip().decode("utf-8", "replace")
    return found
