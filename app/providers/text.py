"""Which texts of a provider may become names, subjects, groups and attributes.

A value that people read as another than programs compare is an attack or an accident waiting: a
zero-width space makes a second "admin", a right-to-left mark turns a name around, and a letter written
as two code points equals no rule. Such a value is refused, never repaired: repairing makes two people one.
"""

from __future__ import annotations

import unicodedata

SUBJECT_BYTES = 256
VALUE_BYTES = 1024
GROUP_BYTES = 256
MOST_GROUPS = 1000

_REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that are drawn as nothing, or only change how their neighbour is drawn (Unicode's
# Default_Ignorable_Code_Point outside the categories above, and the empty braille cell).
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def is_plain(value: str, most_bytes: int) -> bool:
    """Is this text what it looks like: composed (NFC), visible, unpadded and not too long?"""
    if value != value.strip() or any(_is_deceptive(character) for character in value):
        return False
    return len(value.encode()) <= most_bytes and unicodedata.is_normalized("NFC", value)


def _is_deceptive(character: str) -> bool:
    if character in _INVISIBLE or "\ufe00" <= character <= "\ufe0f" or "\U000e0100" <= character <= "\U000e01ef":
        return True
    return unicodedata.category(character) in _REFUSED_CATEGORIES
