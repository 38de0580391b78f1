"""Profiles: does what AWS tools find under a name lead to fedgate, and to nothing else?

The order in which tools look for credentials within a profile: `role_arn`, then IAM Identity Center (`sso_*`), then
keys in the credentials file, then `credential_process`. (AWS SDKs and Tools Reference Guide, "Standardized credential
providers"; botocore `credentials.py`.)
"""

from __future__ import annotations

from collections import Counter

from ..output import program
from ..profiles import aws_paths
from ..profiles.aws_sections import Section
from .findings import CAREFUL, FINE, WRONG, Finding, Findings, Scene, edit, listed, shown

KEYS = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
ROLE = ("role_arn", "source_profile", "credential_source", "web_identity_token_file")
LOGIN = ("login_session",)


def look(scene: Scene, config: list[Section], credentials: list[Section]) -> Findings:
    ours = names(scene, config)
    found = [
        *(one for name in sorted(ours) for one in stored(name, credentials)),
        *(one for section in config if section.is_profile() and section.name in ours for one in mixed(section)),
        *twice(config, ours),
        *missing(scene, config),
        *elsewhere(scene, config),
        *unknown(scene, config, ours),
    ]
    yield from found
    if ours and not found:
        how_many = "1 profile leads" if len(ours) == 1 else f"{len(ours)} profiles lead"
        yield Finding("profiles", FINE, shown(aws_paths.config()), f"{how_many} to fedgate, and to nothing else")
    elif not ours and not scene.only:
        sentence = "has no profile of fedgate's"
        yield Finding("profiles", CAREFUL, shown(aws_paths.config()), sentence, f"{program()} profiles sync")
    yield from default(credentials)


def names(scene: Scene, config: list[Section]) -> set[str]:
    """The profiles that are meant to be fedgate's."""
    found = {one.name for one in scene.profiles if not scene.gateway or one.gateway == scene.gateway}
    found |= {one.name for one in config if one.is_profile() and is_ours(one)}
    return found & {scene.only} if scene.only else found


def is_ours(section: Section) -> bool:
    return bool(helper(section)) or section.settings.get("sso_session", "") == "fedgate"


def helper(section: Section) -> str:
    """Its `credential_process`, if that is fedgate's."""
    line = section.settings.get("credential_process", "")
    return line if "fedgate" in line and "process" in line else ""


def stored(name: str, credentials: list[Section]) -> Findings:
    for section in credentials:
        if section.name == name and set(KEYS) & set(section.settings):
            path = aws_paths.credentials()
            sentence = (
                f"line {section.line + 1} of {shown(path)} holds keys under this name: AWS tools take those, which "
                "nobody renews, and never ask fedgate. Remove the section."
            )
            yield Finding("stale-keys", WRONG, f"[{name}]", sentence, edit(path))


def default(credentials: list[Section]) -> Findings:
    for section in credentials:
        if section.name == "default" and set(KEYS) & set(section.settings):
            path = aws_paths.credentials()
            sentence = (
                f"line {section.line + 1} of {shown(path)} holds keys: every command without --profile and without "
                "AWS_PROFILE takes them, and acts as somebody else than you think. Remove them, or rename the section."
            )
            yield Finding("stale-keys", CAREFUL, "[default]", sentence, edit(path))


def mixed(section: Section) -> Findings:
    """Settings that AWS tools prefer to ours, or that they cannot join with ours."""
    sso = [name for name in section.settings if name.startswith("sso_")] if helper(section) else []
    process = ["credential_process"] if section.settings.get("sso_session") and not helper(section) else []
    others = [name for name in (*KEYS, *ROLE, *LOGIN, *process) if name in section.settings] + sso
    if not others:
        return
    why = "AWS tools prefer them to fedgate, or refuse the mixture"
    if "role_arn" in others:
        why += "; for a further role, write a profile of its own with `source_profile` naming this one"
    path, where = aws_paths.config(), f"line {section.line + 1} of {shown(aws_paths.config())}"
    sentence = f"{where}: beside fedgate's lines stands {', '.join(others)}. {why}."
    yield Finding("profile-mixed", WRONG, f"[profile {section.name}]", sentence, edit(path))


def twice(config: list[Section], ours: set[str]) -> Findings:
    count = Counter(section.name for section in config if section.is_profile() and section.name in ours)
    for name in sorted(name for name, number in count.items() if number > 1):
        lines = [str(one.line + 1) for one in config if one.is_profile() and one.name == name]
        sentence = f"stands in lines {' and '.join(lines)} of {shown(aws_paths.config())}; tools differ in which counts"
        yield Finding("profile-twice", WRONG, f"[profile {name}]", sentence, edit(aws_paths.config()))


def missing(scene: Scene, config: list[Section]) -> Findings:
    here = {section.name for section in config if section.is_profile()}
    mine = [one.name for one in scene.profiles if one.gateway == scene.gateway]
    gone = sorted(name for name in mine if name not in here and scene.only in ("", name))
    if gone:
        sentence = f"not in {shown(aws_paths.config())}, although fedgate wrote it once: AWS tools do not know it"
        yield Finding("profile-missing", CAREFUL, listed(gone), sentence, f"{program()} profiles sync")


def elsewhere(scene: Scene, config: list[Section]) -> Findings:
    """Edited by hand, or somebody else's from the beginning, which `profiles sync` then leaves alone."""
    mine = {one.name for one in scene.profiles if one.gateway == scene.gateway and scene.only in ("", one.name)}
    here = [one for one in config if one.is_profile() and one.name in mine]
    lost = sorted({one.name for one in here} - {one.name for one in here if is_ours(one)})
    if lost:
        sentence = f"in {shown(aws_paths.config())}, but nothing there leads to fedgate, which has a role of this name"
        yield Finding("profile-elsewhere", CAREFUL, listed(lost), sentence, f"{program()} profiles sync")


def unknown(scene: Scene, config: list[Section], ours: set[str]) -> Findings:
    """The helper looks into its own map; a profile that was copied from another machine is not in it."""
    known = {one.name for one in scene.profiles}
    lost = sorted({one.name for one in config if one.name in ours and by_name(one) and by_name(one) not in known})
    if lost:
        sentence = "starts fedgate with the name of a profile that it does not know here, and will fail"
        yield Finding("profile-unknown", WRONG, listed(lost), sentence, f"{program()} profiles sync")
    if scene.only and not ours:
        sentence = f"no such profile, neither in {shown(aws_paths.config())} nor among fedgate's"
        yield Finding("profile-missing", WRONG, scene.only, sentence, f"{program()} profiles sync")


def by_name(section: Section) -> str:
    return helper(section).partition("--profile")[2].strip(" ='\"").partition(" ")[0]
