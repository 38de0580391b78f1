"""Texts that would be read as something else than they say.

A bidirectional control turns the words after it around (Trojan Source, CVE-2021-42574): a note about one role is read
as one about another, and a second person approves what they did not read. Other controls steer the terminal in which
somebody looks at it. What people write who administer is refused with them, and never repaired.
"""

from __future__ import annotations

import re

# Unicode's Bidi_Control, and all of the categories Cc, Zl and Zp but for tabs and ends of lines.
_STEERING = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|\r(?!\n)")


def steering(text: str) -> str:
    """The first such character as people can look it up (`U+202E`), or empty."""
    found = _STEERING.search(text)
    return "" if found is None else f"U+{ord(found[0]):04X}"
