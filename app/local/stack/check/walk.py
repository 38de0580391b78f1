"""The steps in their order. Each prints one line; a failed step does not keep the others from telling more."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from functools import partial

import requests

from app.local.stack.check.steps import Story
from app.local.stack.check.visitor import StepFailed
from app.local.stack.place import Place

Step = Callable[[], str]
_METHODS = {"UpdateApp": "saml", "Developer": "web_identity", "ReadOnly": "assume_role"}


def walk(place: Place) -> int:
    """The exit code: 0 when every step ended as it must, else 1."""
    began = time.monotonic()
    outcomes = [_take(name, step) for name, step in _steps(Story(place))]
    failed = outcomes.count(False)
    seconds = time.monotonic() - began
    print(f"{len(outcomes) - failed} of {len(outcomes)} steps ok, {seconds:.0f} s", flush=True)
    if failed:
        print(f"logs: {place.logs}", flush=True)
    return 1 if failed else 0


def _steps(story: Story) -> list[tuple[str, Step]]:
    return [
        ("SAML sign-in", story.saml_sign_in),
        ("OIDC sign-in", story.oidc_sign_in),
        ("terminal login", story.terminal_login),
        ("profiles sync", story.profiles_sync),
        *((f"{method}: credential_process, boto3", partial(story.boto3_with, r)) for r, method in _METHODS.items()),
        *((f"{method}: credential_process, AWS CLI", partial(story.aws_cli_with, r)) for r, method in _METHODS.items()),
        ("AWS's own sign-in (SSO), boto3", story.unmodified_boto3),
        ("Alice writes the app", story.alice_writes),
        ("looking is not writing", story.read_only_is_read_only),
        ("Bob is refused", story.bob_is_refused),
        ("console", story.console),
        ("sign-out, browser", story.sign_out),
        ("sign-out, terminal", story.terminal_sign_out),
    ]


def _take(name: str, step: Step) -> bool:
    try:
        words, fine = step(), True
    except StepFailed as failure:
        words, fine = str(failure), False
    except (requests.RequestException, subprocess.SubprocessError, OSError, ValueError, KeyError) as failure:
        words, fine = f"{type(failure).__name__}: {failure}", False
    print(f"{'ok' if fine else 'FAILED':<8}{name:<42}{words}", flush=True)
    return fine
