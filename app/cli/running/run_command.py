"""`fedgate exec`: runs a command as a role.

    usual      AWS_PROFILE names a profile; the command fetches credentials itself, however long it runs
    --keys     the keys are in its environment, for programs that read nothing else; they end when they end
    --serve    a container endpoint, for this command alone, for as long as it runs

Credentials are fetched before the command starts: a sign-in that has ended is said here, in our words, and not in the
middle of somebody's log. In the first two ways fedgate then becomes the command (`execve`), so that signals, the
terminal and job control are the command's own.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from typing import NamedTuple, NoReturn

from ..failures import USAGE, Failure, printable
from ..profiles import aws_settings
from . import child_environment, program, role_choice
from .child_environment import EXEC, REGION, Setting
from .program import Program
from .role_choice import Choice


class Wish(NamedTuple):
    """What was typed. `umask` is the one that we were started with: the command's files are not ours."""

    role: str
    gateway: str
    ca_bundle: str
    region: str
    keys: bool
    serve: bool
    force: bool
    command: list[str]
    umask: int


def run(wish: Wish) -> int:
    refuse_nesting(wish.force)
    command = program.find(wish.command)
    choice = role_choice.choose(wish.role, wish.gateway, wish.ca_bundle)
    if wish.serve:
        return beside_an_endpoint(wish, command, choice)
    setting = with_keys(wish, choice) if wish.keys else with_the_profile(wish, choice)
    return become(command, environment(setting, choice), wish.umask)


def with_the_profile(wish: Wish, choice: Choice) -> Setting:
    refuse_without_a_profile(choice)
    aws_settings.refuse_unless_it_leads_here(choice.profile)
    choice.credentials(time.time())
    return child_environment.for_profile(choice.profile, wish.region)


def with_keys(wish: Wish, choice: Choice) -> Setting:
    return child_environment.for_keys(choice.credentials(time.time()).line, wish.region or region_beside(choice))


def environment(setting: Setting, choice: Choice) -> dict[str, str]:
    return {**setting.applied(os.environ), EXEC: choice.name}


def refuse_nesting(force: bool) -> None:
    """A role in a role is mostly a forgotten terminal, and `terraform apply` in the wrong account."""
    around = os.environ.get(EXEC, "")
    if around and not force:
        sentence = f"this terminal already runs as {printable(around)} (fedgate exec); leave it first, or add --force"
        raise Failure(USAGE, sentence)


def refuse_without_a_profile(choice: Choice) -> None:
    if not choice.profile:
        sentence = f"{choice.name} has no profile on this machine\nWithout a profile: --serve, or --keys"
        raise Failure(USAGE, sentence, run="profiles sync")


def region_beside(choice: Choice) -> str:
    """A region that the person has set stays, as it would for `aws --profile`."""
    return "" if any(os.environ.get(name) for name in REGION) else choice.region


def beside_an_endpoint(wish: Wish, command: Program, choice: Choice) -> int:
    from . import child, container_server, serve_token

    aws_settings.refuse_other_default()
    choice.credentials(time.time())
    token = serve_token.fresh()
    server = container_server.start({container_server.path_of(choice): choice}, token)
    region = wish.region or region_beside(choice)
    setting = child_environment.for_endpoint(server.address_of(choice), token, region)
    return child.run(command, environment(setting, choice), wish.umask)


def become(program: Program, environment: dict[str, str], umask: int) -> NoReturn:
    sys.stdout.flush()
    os.umask(umask)
    # Python ignores these, and what is ignored stays ignored in the command: `| head` would never stop it.
    for name in ("SIGPIPE", "SIGXFSZ"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    try:
        os.execve(program.path, program.words, environment)  # noqa: S606  # as typed, and without a shell
    except OSError as problem:
        if problem.errno == errno.ENOEXEC:
            os.execve(*program.by_the_shell(), environment)  # noqa: S606  # likewise
        raise program.refused(problem) from None
