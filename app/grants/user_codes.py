"""The code that a person reads in a terminal and types into the page: `BCDFG-HJKLM`.

Ten of twenty letters are 43 bits (RFC 8628 section 6.1 has this alphabet): no vowels, so that no code is a word, and
nothing that looks like something else. Case, dashes and spaces do not matter.
"""

from __future__ import annotations

import secrets
import unicodedata

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 10


def new_user_code() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def shown(code: str) -> str:
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def read(typed: str) -> str:
    """The code that somebody meant; empty if that is none. What stands between the letters is passed over."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    meant = "".join(letter for letter in plain if letter.isalnum())
    return meant if len(meant) == LENGTH and set(meant) <= set(LETTERS) else ""
