"""`fedgate logout`: ends the sign-in at the gateway (RFC 7009) and removes what this machine keeps of it.

What AWS has issued, AWS honours until it expires; saying so is part of signing out.
"""

from __future__ import annotations

import time

from . import cached, configuration, oauth, output, sign_in
from .failures import Failure
from .gateway import WAIT
from .sign_in import SignIn
from .wire import Wire


def run(gateway: str, ca_bundle: str) -> int:
    with sign_in.lock(gateway, WAIT):
        kept = sign_in.load(gateway)
        last = max([one.expires for one in cached.every(gateway, kept.id)], default=0) if kept else 0
        sign_in.forget(gateway)
        cached.forget_all(gateway)
    if kept is None:
        output.tell(f"You were not signed in at {gateway}.")
        return 0
    tell_gateway(kept, ca_bundle)
    output.tell(f"Signed out at {gateway}.")
    if last > time.time():
        when = output.until(output.zulu(last), time.time())
        output.tell(f"AWS credentials that other programs still hold go on working until {when} at the latest.")
    return 0


def tell_gateway(kept: SignIn, ca_bundle: str) -> None:
    """Whatever happens there, this machine has already forgotten."""
    wire = Wire(kept.gateway, configuration.ca_bundle(ca_bundle))
    try:
        oauth.revoke(wire, kept.revocation_endpoint, kept.refresh_token)
    except Failure as failure:
        sentence = f"signed out on this machine, but the gateway was not told: {failure.sentence}"
        raise Failure(failure.code, sentence) from None
