"""Profiles that reach the gateway by AWS's own protocols, without any program of ours: `sso_session = fedgate`.

AWS tools find the gateway by the `[services]` section that the profile names. Where the profile does not name it, they
ask a host that does not exist; JavaScript programs look into `[default]` only.
"""

from __future__ import annotations

import os
import re

from ..failures import Failure
from ..output import program
from ..profiles import aws_paths, shared_file
from ..profiles.aws_lines import NAME, models_path
from ..profiles.aws_rules import SERVICES
from ..profiles.aws_sections import Section, bare, split
from .findings import CAREFUL, WRONG, Finding, Findings, Scene, listed, shown

ENDPOINT = re.compile(rb"[ \t]+endpoint_url[ \t]*=[ \t]*(\S+)[ \t]*")
NEEDED = ("sso", "sso_oidc")
SYNC = "configure --native"


def profiles(config: list[Section]) -> list[Section]:
    return [one for one in config if one.is_profile() and one.settings.get("sso_session") == NAME]


def look(scene: Scene, config: list[Section]) -> Findings:
    ours = profiles(config)
    if not ours or scene.only and scene.only not in {one.name for one in ours}:
        return
    if not any(one.kind == "sso-session" and one.name == NAME for one in config):
        sentence = f"there is no [sso-session {NAME}] in {shown(aws_paths.config())}: `aws sso login` cannot work"
        yield Finding("native", WRONG, f"sso_session = {NAME}", sentence, f"{program()} {SYNC}")
    if has_models():
        return  # the region alone leads to the gateway then
    yield from without_services(ours, config)
    yield from endpoints(scene, config)


def has_models() -> bool:
    return all(os.path.exists(os.path.join(aws_paths.models(), models_path(service))) for service in SERVICES)


def without_services(ours: list[Section], config: list[Section]) -> Findings:
    lost = sorted(one.name for one in ours if not one.settings.get("services"))
    if lost:
        sentence = (
            f"lacks the line `services = {NAME}`, by which AWS tools find the gateway; they look for a host of AWS"
        )
        yield Finding("native", WRONG, listed(lost), sentence, f"{program()} {SYNC}")
    default = [one for one in config if one.name == "default" and one.is_profile()]
    if not any(one.settings.get("services") for one in default):
        sentence = (
            f"lacks the line `services = {NAME}`: JavaScript programs that name a profile in their code, and "
            "`aws sso login` without --profile, look for the gateway there"
        )
        yield Finding(
            "native", CAREFUL, f"[default] in {shown(aws_paths.config())}", sentence, f"{program()} {SYNC} --default"
        )


def endpoints(scene: Scene, config: list[Section]) -> Findings:
    found = addresses(config)
    lacking = [name for name in NEEDED if name not in found]
    if lacking:
        sentence = f"gives no address for {' and '.join(lacking)}: AWS tools ask AWS instead of the gateway"
        yield Finding("native", WRONG, f"[services {NAME}]", sentence, f"{program()} {SYNC}")
    elsewhere = sorted({found[name] for name in NEEDED if name in found} - {scene.gateway})
    if elsewhere and scene.gateway:
        sentence = f"leads to {listed(elsewhere)}, and fedgate uses {scene.gateway}"
        yield Finding("native", CAREFUL, f"[services {NAME}]", sentence, f"{program()} {SYNC}")


def addresses(config: list[Section]) -> dict[str, str]:
    """What our `[services]` section says, by service; nested settings are read here only."""
    here = [one for one in config if one.kind == "services" and one.name == NAME]
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
