"""What AWS calls a person: injective, so that no two people share a name in CloudTrail.

A readable part for the eye, then 80 bits of SHA-256 over provider and subject. Replacing forbidden
characters alone would make `a b` and `a_b` one person, and would let somebody pick a name at the provider
that reads as somebody else's whole session name; the suffix is over the untouched bytes.
"""

from __future__ import annotations

import base64
import hashlib
import re

from app.core.identity import Identity, Person
from app.core.roles import FederationName, SessionName, SourceIdentity

_SUFFIX_CHARACTERS = 16  # of base32: 80 bits
_READABLE_CHARACTERS = 64 - 1 - _SUFFIX_CHARACTERS


def session_name(identity: Identity) -> SessionName:
    """RoleSessionName for this person: `alice@example.com-mfzwizltoq3dkmbs`, at most 64 characters."""
    return SessionName(f"{_readable(identity.name)}-{_fingerprint(identity.person)[:_SUFFIX_CHARACTERS]}")


def source_identity(identity: Identity) -> SourceIdentity:
    """The same text: one thing to search for, and AWS lets nobody change it in a role chain."""
    return SourceIdentity(session_name(identity))


def federation_name(identity: Identity) -> FederationName:
    """GetFederationToken's shorter Name: `alice@example.c-mfzwizltoq3dkmbs`, at most 32 characters, the same suffix."""
    readable = _readable(identity.name)[: 32 - 1 - _SUFFIX_CHARACTERS]
    return FederationName(f"{readable}-{_fingerprint(identity.person)[:_SUFFIX_CHARACTERS]}")


def opaque_subject(person: Person) -> str:
    """The `sub` of tokens for AWS: stable, 28 characters, says nothing about the person (AWS logs it)."""
    return f"p-{_fingerprint(person)[:26]}"


def _fingerprint(person: Person) -> str:
    """Length-prefixed, so that ("ab", "c") and ("a", "bc") differ.

    `surrogatepass`: a subject out of JSON may hold half a surrogate pair, and must still be somebody of its own.
    """
    provider, subject = (text.encode("utf-8", "surrogatepass") for text in (person.provider, person.subject))
    digest = hashlib.sha256(b"fedgate person\0%d:%s%d:%s" % (len(provider), provider, len(subject), subject))
    return base64.b32encode(digest.digest()).decode().lower().rstrip("=")


def _readable(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9_+=,.@-]+", "_", name)[:_READABLE_CHARACTERS].strip("-_") or "person"
