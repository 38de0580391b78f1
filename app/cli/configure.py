"""`fedgate configure`: remembers which gateway to use, after asking it."""

from __future__ import annotations

import os

from . import configuration, oauth, output
from .wire import Wire

WORDS = {
    "auto": "in the browser, and by a code over SSH without a display",
    "browser": "in the browser, wherever you are",
    "device": "by a code that you type into a browser elsewhere",
}


def run(gateway: str, ca_bundle: str | None, way: str = "") -> int:
    """Writes nothing when the address does not answer like a gateway. `ca_bundle`: None leaves what is remembered,
    empty takes it back. `way`: how `login` goes about it from now on."""
    takes_back = ca_bundle == ""
    trusted = configuration.ca_of_the_environment() if takes_back else configuration.ca_bundle(ca_bundle or "")
    oauth.discover(Wire(gateway, trusted))
    # The private CA is kept too: a program that AWS tools start from a desktop does not have the shell's variables.
    kept = {} if ca_bundle is None else {"ca_bundle": os.path.abspath(ca_bundle) if ca_bundle else ""}
    kept |= {"login": way} if way else {}
    configuration.change({"gateway": gateway, **kept})
    output.tell(f"fedgate uses {gateway} from now on ({configuration.path()}).")
    if way:
        output.tell(f"login: {WORDS[way]}")
    output.tell(f"Next: {output.program()} login")
    return 0
