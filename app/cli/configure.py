"""`fedgate configure`: remembers which gateway to use, after asking it."""

from __future__ import annotations

import os

from . import configuration, oauth, output
from .wire import Wire


def run(gateway: str, ca_bundle: str) -> int:
    """Writes nothing when the address does not answer like a gateway."""
    oauth.discover(Wire(gateway, configuration.ca_bundle(ca_bundle)))
    # The private CA is kept too: a program that AWS tools start from a desktop does not have the shell's variables.
    kept = {"ca_bundle": os.path.abspath(ca_bundle)} if ca_bundle else {}
    configuration.change({"gateway": gateway, **kept})
    output.tell(f"fedgate uses {gateway} from now on ({configuration.path()}).")
    output.tell(f"Next: {output.program()} login")
    return 0
