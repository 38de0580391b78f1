"""`fedgate mfa`: asks for a code of a role's MFA device, and leaves the credentials where `credential-process` looks.

AWS tools run their helper where nobody can type. So the code is typed here, beforehand; each works once, and the
credentials that it brings last for the whole session.
"""

from __future__ import annotations

import sys
import time

from . import cached, fetch, output, role_list, sign_in
from .cached import Cached
from .failures import SIGN_IN, USAGE, Failure
from .gateway import Gateway
from .hand_over import refuse_if_signed_out
from .selection import Selection
from .sign_in import SignIn

DIGITS = 6
WAIT = 20.0  # seconds for the role's lock


def run(gateway: str, ca_bundle: str, called: str) -> int:
    who = sign_in.load(gateway)
    if who is None:
        raise Failure(SIGN_IN, f"not signed in at {gateway}", run="login")
    role = role_list.one_called(role_list.fetch(Gateway(gateway, ca_bundle)), called, gateway)
    name = role.profile or role.name
    if role.whole.get("mfa_code") is False:  # an older gateway does not say
        output.tell(f"{name} needs no code: AWS tools get its credentials without one.")
        return 0
    kept = brought(Selection(role.arn, gateway, ca_bundle, WAIT, "login"), who, asked(name))
    output.tell(f"Credentials for {name} are ready until {output.until(end(kept), time.time())}.")
    return 0


def brought(chosen: Selection, who: SignIn, code: str) -> Cached:
    with cached.lock(chosen.gateway, chosen.role, chosen.max_wait):
        new = fetch.credentials(chosen, who, code=code)
        cached.save(chosen.gateway, new)
        refuse_if_signed_out(chosen, who)
        return new


def asked(name: str) -> str:
    """From the terminal, not shown; from a pipe, its first line."""
    question = f"Code for {name}: "
    if sys.stdin.isatty():
        import getpass

        typed = getpass.getpass(question)
    else:
        typed = sys.stdin.readline()
    code = "".join(typed.split())
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        raise Failure(USAGE, "a code has six digits")
    return code


def end(kept: Cached) -> str:
    return output.zulu(kept.expires)
