"""`fedgate doctor`: finds what keeps AWS tools from getting credentials, and says what to run.

    our files ► settings ► ~/.aws/config and credentials ► this shell ► programs ► the way to the gateway ► the sign-in

It changes nothing, except that reading a file of ours closes it to others, as reading always does; the files are
therefore looked at first. One check that cannot be made never keeps the others from being made.
"""

from __future__ import annotations

import os
import sys
import textwrap
import time

from .. import configuration, output, profile_map
from ..failures import USAGE, Failure, printable
from ..profile_map import Profile
from ..profiles import aws_paths
from . import aws_files, environment, files, native, network, own_profiles, programs, sign_in
from .findings import CAREFUL, FINE, WRONG, Finding, Findings, Scene, shown

ORDER = (FINE, CAREFUL, WRONG)
INDENT = " " * 9


def run(gateway: str, ca_bundle: str, only: str, as_json: bool) -> int:
    """Exit code 2 when something is wrong, 0 when nothing is, also with things to be careful about."""
    found = sorted(examined(gateway, ca_bundle, only), key=lambda one: ORDER.index(one.level))
    found = [one._replace(subject=printable(one.subject), sentence=printable(one.sentence)) for one in found]
    if as_json:
        output.as_json({"findings": [one._asdict() for one in found]})
    else:
        for one in found:
            output.data(as_text(one))
    wrong = sum(one.level == WRONG for one in found)
    output.tell(summary(wrong, sum(one.level == CAREFUL for one in found)))
    return USAGE if wrong else 0


def examined(gateway: str, ca_bundle: str, only: str) -> Findings:
    yield from files.look()
    told: list[Finding] = []
    profiles, known = known_profiles(told), known_gateway(gateway, told)
    scene = Scene(os.environ, known, ca_bundle, only, profiles, time.time())
    yield from told
    config, credentials = (aws_files.parsed(place()) for place in (aws_paths.config, aws_paths.credentials))
    yield from aws_files.look()
    yield from own_profiles.look(scene, config, credentials)
    yield from native.look(scene, config)
    yield from environment.look(scene, config)
    yield from programs.look(scene, config)
    way = list(network.look(scene))
    yield from way
    if not any(one.level == WRONG and one.check in ("gateway", "ca") for one in way) and not told:
        yield from sign_in.look(scene)


def known_gateway(typed: str, told: list[Finding]) -> str:
    try:
        configuration.load()
        return configuration.gateway(typed)
    except Failure as failure:
        told.append(about_settings(failure, typed))
        return ""


def known_profiles(told: list[Finding]) -> list[Profile]:
    try:
        return profile_map.load()
    except Failure as failure:
        told.append(Finding("files", WRONG, shown(profile_map.path()), failure.sentence))
        return []


def about_settings(failure: Failure, typed: str) -> Finding:
    """Which of the three places is to blame."""
    if typed:
        return Finding("settings", WRONG, "--gateway", failure.sentence)
    if os.environ.get("FEDGATE_GATEWAY"):
        return Finding("settings", WRONG, "FEDGATE_GATEWAY", failure.sentence, "unset FEDGATE_GATEWAY")
    run = f"{output.program()} {failure.run or 'configure --gateway URL'}"
    return Finding("settings", WRONG, shown(configuration.path()), failure.sentence, run)


def as_text(one: Finding) -> str:
    """On a terminal in lines that fit; in a pipe one line for each part, so that `grep` shows whole sentences."""
    text = f"{one.level:<9}{one.subject}: {one.sentence}"
    if sys.stdout.isatty():
        width = max(min(output.columns(), 100), 40)
        text = textwrap.fill(text, width, subsequent_indent=INDENT, break_on_hyphens=False, break_long_words=False)
    return f"{text}\n{INDENT}run: {one.run}" if one.run else text


def summary(wrong: int, careful: int) -> str:
    if not wrong and not careful:
        return "Nothing is wrong."
    things = "1 thing is" if wrong == 1 else f"{wrong} things are"
    more = f"{careful} to be careful about" if careful else ""
    return ", ".join(part for part in (f"{things} wrong" if wrong else "Nothing is wrong", more) if part) + "."
