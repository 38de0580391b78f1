"""What events are called on pages."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import groupby
from types import MappingProxyType

from app.core.events import Kind

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "signin.": "Sign-in",
        "signout": "Sign-out",
        "session.": "Sessions",
        "terminal.": "Terminals",
        "credentials.": "Credentials",
        "console.": "Console",
        "catalog.": "Catalog",
        "activity.": "Activity",
        "thirdparty.": "Third parties",
        "doctor.": "Trust doctor",
    }
)
LABELS: Mapping[str, str] = MappingProxyType(
    {
        "name": "person",
        "provider": "provider",
        "subject": "subject",
        "role": "role",
        "account": "account",
        "kind": "what",
        "from": "from",
        "to": "to",
        "address": "address",
        "access_key_id": "AccessKeyId",
        "reference": "reference",
    }
)
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        Kind.SIGNED_IN: "Signed in",
        Kind.SIGN_IN_REFUSED: "Sign-in refused",
        Kind.SIGNED_OUT: "Signed out",
        Kind.ENDED_BY_PROVIDER: "Signed out by the provider",
        Kind.END_REFUSED: "Sign-out message refused",
        Kind.SESSION_MOVED: "Session moved",
        Kind.ENDED_BY_OPERATOR: "Sessions ended by an operator",
        Kind.ENDED_BY_ADMIN: "Sessions ended by an administrator",
        Kind.ACTIVITY_EXPORTED: "Activity exported",
        Kind.SESSIONS_PUT_BACK: "Old sessions put back",
        Kind.SIGN_IN_ENDED: "Sign-in ended by the provider",
        Kind.TERMINAL_APPROVED: "Terminal signed in",
        Kind.TERMINAL_REVOKED: "Terminal signed out",
        Kind.TERMINAL_REFUSED: "Terminal refused",
        Kind.DEVICE_BEGUN: "Terminal asked for a code",
        Kind.DEVICE_APPROVED: "Terminal signed in by code",
        Kind.DEVICE_DECLINED: "Terminal declined",
        Kind.DEVICE_REFUSED: "Terminal code refused",
        Kind.CODE_REUSED: "Terminal code used twice",
        Kind.TOKEN_REUSED: "Terminal token used twice",
        Kind.CREDENTIALS_INTENDED: "Credentials asked of AWS",
        Kind.CREDENTIALS_ISSUED: "Took credentials",
        Kind.CREDENTIALS_REUSED: "Took credentials again",
        Kind.CREDENTIALS_REFUSED: "Credentials refused",
        Kind.CONSOLE_OPENED: "Opened the console",
        Kind.CATALOG_CHANGED: "Changed the catalog",
        Kind.CATALOG_PROPOSED: "Proposed a change of the catalog",
        Kind.CATALOG_APPROVED: "Approved a change of the catalog",
        Kind.CATALOG_REFUSED: "Refused a change of the catalog",
        Kind.CATALOG_WITHDRAWN: "Withdrew a change of the catalog",
        Kind.CATALOG_BROKEN_GLASS: "Broke the glass",
        Kind.CATALOG_REVIEWED: "Reviewed a broken glass",
        Kind.DOCTOR_DRIFT: "Trust policy changed",
        Kind.THIRD_PARTY_TRIED: "Third party tried",
        Kind.THIRD_PARTY_PROVEN: "Third party proven",
        Kind.THIRD_PARTY_NOT_PROVEN: "Third party not proven",
        Kind.THIRD_PARTY_DRIFT: "Third party changed",
    }
)


def called(kind: str) -> str:
    """An event of a later release, or of one that is still to get its word, is called what the journal calls it."""
    return _WORDS.get(kind) or FAMILIES.get(kind, kind)


def choices() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """For a list to choose from: each family with its name and its kinds."""
    families = [(key, list(kinds)) for key, kinds in groupby(sorted(map(str, Kind)), _family)]
    return [
        (key, FAMILIES.get(key, key.rstrip(".").capitalize()), [(kind, called(kind)) for kind in kinds])
        for key, kinds in families
    ]


def _family(kind: str) -> str:
    head, dot, _ = kind.partition(".")
    return head + dot
