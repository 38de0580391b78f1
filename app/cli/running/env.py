"""`fedgate env`: credentials, or a profile, as variables for the shell that evaluates what is printed.

What would win over them in that shell is removed first: the JavaScript SDK prefers AWS_PROFILE to keys, others a token
of a container to everything.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from typing import NamedTuple

from .. import output
from ..failures import USAGE, Failure
from ..profiles import aws_settings
from . import child_environment, role_choice, run_command, shell_formats
from .child_environment import KEYS, LOAD_CONFIG, PROFILE, REGION, Setting
from .role_choice import Choice

UNSET = (*KEYS, *PROFILE, LOAD_CONFIG, *REGION)
USUALLY = {"env": 'eval "$({})"', "fish": "{} | source", "powershell": "{} | Out-String | Invoke-Expression"}


class Wish(NamedTuple):
    """What was typed; an empty `form` means that of the person's shell."""

    role: str
    gateway: str
    ca_bundle: str
    region: str
    form: str
    profile_only: bool


def run(wish: Wish) -> int:
    form = wish.form or usual_form()
    choice = role_choice.choose(wish.role, wish.gateway, wish.ca_bundle)
    if wish.profile_only:
        show_profile(form, wish, choice)
    else:
        show_keys(form, wish, choice)
    return 0


def unset(form: str) -> int:
    """Needs no role and no gateway."""
    output.data("\n".join(shell_formats.removing(form or usual_form(), UNSET)))
    return 0


def usual_form() -> str:
    return shell_formats.usual(os.environ.get("SHELL", ""), os.name == "nt")


def show_profile(form: str, wish: Wish, choice: Choice) -> None:
    run_command.refuse_without_a_profile(choice)
    aws_settings.refuse_unless_it_leads_here(choice.profile)
    setting = present(child_environment.for_profile(choice.profile, wish.region), os.environ)
    if form in shell_formats.FORMS:
        output.data("\n".join(shell_formats.lines(form, setting)))
    elif form == "json":
        output.data(shell_formats.as_json(setting.values))
    else:
        raise Failure(USAGE, f"{form} holds keys; --profile-only has none", run="env --help")


def show_keys(form: str, wish: Wish, choice: Choice) -> None:
    line = choice.credentials(time.time()).line
    region = wish.region or choice.region
    setting = present(child_environment.for_keys(line, region), os.environ)
    warn(form, choice.name)
    if form == "process":
        output.data(line)
    elif form == "json":
        output.data(shell_formats.as_json(setting.values))
    elif form == "ini":
        output.data("\n".join(shell_formats.ini(choice.profile or "default", as_ini(setting.values, region))))
    else:
        output.data("\n".join(shell_formats.lines(form, setting)))


def present(setting: Setting, environment: Mapping[str, str]) -> Setting:
    """Only what is there needs to go."""
    return Setting(setting.values, tuple(name for name in setting.gone if name in environment))


def as_ini(values: Mapping[str, str], region: str) -> dict[str, str]:
    found = {name.lower(): values[name] for name in KEYS}
    return {**found, **({"region": region} if region else {})}


def warn(form: str, name: str) -> None:
    """Somebody who sees the keys did not mean to look at them, mostly."""
    if not sys.stdout.isatty():
        return
    output.tell("Careful: these are secrets, and now they are on the screen.")
    if form in USUALLY:
        output.tell(f"Usually: {USUALLY[form].format(f'{output.program()} env {name}')}")
