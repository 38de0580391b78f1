"""The programs in play: what `credential_process` starts, which fedgate is typed, and which AWS CLI is here."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import stat
import subprocess
from collections.abc import Mapping

from .. import launcher, own_path
from ..failures import Failure
from ..output import program
from ..profiles import shared_file
from ..profiles.aws_sections import Section
from . import own_profiles
from .findings import CAREFUL, FINE, WRONG, Finding, Findings, Scene, listed, shown, typed

SYNC = "profiles sync"
INTERPRETERS = re.compile(r"(python|pypy)[0-9.]*|env|sh|bash|dash")
STARTS = re.compile(rb"^\[ -x \S.*\] && exec (.+) \"\$@\"$", re.MULTILINE)  # in the launcher
VERSION = re.compile(r"aws-cli/(\d+)\.(\d+)\.(\d+)")
SECONDS = 15.0  # a cold start of the AWS CLI on a slow disk


def look(scene: Scene, config: list[Section]) -> Findings:
    yield from helpers(scene, config)
    yield from copies(scene.environ)
    yield from aws_cli(scene, config)


def helpers(scene: Scene, config: list[Section]) -> Findings:
    """One finding for each distinct program, however many profiles start it."""
    users: dict[str, list[str]] = {}
    for section in config:
        line = own_profiles.helper(section)
        if section.is_profile() and line and scene.only in ("", section.name):
            users.setdefault(line.partition(" credential-process")[0], []).append(section.name)
    for start, names in sorted(users.items()):
        wrong = why_not(start, scene.environ)
        if wrong:
            yield Finding("program", WRONG, listed(names, 3), f"{wrong}. AWS tools start it.", f"{program()} {SYNC}")
        else:
            yield from started(start, names)


def why_not(start: str, environ: Mapping[str, str]) -> str:
    """Why the words cannot be started, empty when they can."""
    try:
        words = shlex.split(start)
    except ValueError:
        return f"the quotes in `{start}` do not pair up"
    if not words:
        return "`credential_process` names no program"
    for word in words:
        if word.startswith("~") or "$" in word:
            return f"`{word}` is taken as it is written: no shell reads it"
    if not os.path.isabs(words[0]) and shutil.which(words[0], path=environ.get("PATH", "")) is None:
        return f"{words[0]} is not on the PATH"
    return next((wrong for wrong in map(unusable, files(words)) if wrong), "")


def files(words: list[str]) -> list[str]:
    """The program, and what it runs: the script of an interpreter, or what the launcher becomes."""
    found = [words[0]] if os.path.isabs(words[0]) else []
    if INTERPRETERS.fullmatch(os.path.basename(words[0])):
        found += [word for word in words[1:] if os.path.isabs(word)][:1]
    return found + behind(words[0])


def behind(path: str) -> list[str]:
    if path != launcher.path():
        return []
    try:
        match = STARTS.search(shared_file.look(path).content)
        words = shlex.split(os.fsdecode(match[1])) if match else []
    except (Failure, ValueError):
        return []
    return [word for word in words if os.path.isabs(word)]


def unusable(path: str) -> str:
    if not os.path.exists(path):
        return f"{shown(path)} does not exist any more"
    if not os.access(path, os.R_OK if path.endswith(".pyz") else os.X_OK):
        return f"{shown(path)} cannot be started (mode {stat.S_IMODE(os.stat(path).st_mode):04o})"
    return ""


def started(start: str, names: list[str]) -> Findings:
    words = shlex.split(start)
    if not os.path.isabs(words[0]):
        sentence = f"start {words[0]} by its bare name: programs that start from a desktop have another PATH"
        yield Finding("program", CAREFUL, listed(names, 3), sentence, f"{program()} {SYNC}")
        return
    for path in files(words):
        where = next((one for one in (path, os.path.dirname(path)) if open_to_others(one)), "")
        if where:
            sentence = f"others may change {shown(where)}, which AWS tools start as you"
            yield Finding("program", WRONG, listed(names, 3), sentence, f"chmod go-w {typed(where)}")
    mine, theirs = own(), files(words)[-1]
    if mine and os.path.realpath(theirs) != os.path.realpath(mine):
        sentence = f"start {shown(theirs)}, and this is {shown(mine)}: they may differ in version"
        yield Finding("program", CAREFUL, listed(names, 3), sentence, f"{program()} {SYNC}")


def open_to_others(path: str) -> bool:
    mode = os.stat(path).st_mode
    return bool(mode & stat.S_IWOTH and not mode & stat.S_ISVTX)


def own() -> str:
    """The file that is running; empty when AWS tools cannot start it."""
    try:
        return own_path.words()[-1]
    except Failure:
        return ""


def copies(environ: Mapping[str, str]) -> Findings:
    found: dict[str, str] = {}
    for folder in environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(folder, "fedgate")
        if os.path.isabs(folder) and os.path.isfile(path) and os.access(path, os.X_OK):
            found.setdefault(os.path.realpath(path), path)
    if len(found) > 1:
        first, *others = map(shown, found.values())
        sentence = f"{first} is what you type; {listed(others)} lies behind it. Remove what you do not want."
        yield Finding("path", CAREFUL, "two of fedgate", sentence, "type -a fedgate")


def aws_cli(scene: Scene, config: list[Section]) -> Findings:
    path = shutil.which("aws", path=scene.environ.get("PATH", ""))
    if path is None:
        yield Finding("aws-cli", FINE, "AWS CLI", "not here; other AWS tools work without it")
        return
    number = version(path)
    if number is None:
        yield Finding("aws-cli", CAREFUL, shown(path), "does not say its version", f"{typed(path)} --version")
        return
    text = ".".join(map(str, number))
    if too_old(number, scene, config):
        sentence = (
            f"version {text} does not find the gateway by `sso_session`, as 2.13 does. Two files in ~/.aws/models "
            "teach it that; or take profiles that fedgate serves (profiles sync), or a newer AWS CLI."
        )
        yield Finding("aws-cli", WRONG, shown(path), sentence, f"{program()} configure --native --models")
    else:
        yield Finding("aws-cli", FINE, shown(path), f"version {text}")


def too_old(number: tuple[int, ...], scene: Scene, config: list[Section]) -> bool:
    from . import native

    return (2,) <= number < (2, 13) and bool(native.profiles(scene.gateway, config)) and not native.has_models()


def version(path: str) -> tuple[int, ...] | None:
    try:
        ran = subprocess.run(  # noqa: S603 - the AWS CLI that the person would run
            [path, "--version"], stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = VERSION.search((ran.stdout + ran.stderr).decode("utf-8", "replace"))
    return (int(match[1]), int(match[2]), int(match[3])) if match else None
