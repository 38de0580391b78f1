"""What the audit journal can say. One `Event` is one line; every field is safe to keep for years.

No field may hold a secret, an assertion, a token or a session id: only names, AWS's key ids and reasons.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from app.core.identity import Identity


class Kind(StrEnum):
    SIGNED_IN = "signin.accepted"
    SIGN_IN_REFUSED = "signin.refused"
    SIGNED_OUT = "signout"
    ENDED_BY_PROVIDER = "session.ended_by_provider"
    END_REFUSED = "session.end_refused"  # somebody's word that a session is over, which proves nothing
    SESSION_MOVED = "session.moved"  # a cookie from another browser, or another address than before
    ENDED_BY_OPERATOR = "session.ended_by_operator"
    ENDED_BY_ADMIN = "session.ended_by_admin"  # whose sessions; `by` says who did it
    ACTIVITY_EXPORTED = "activity.exported"
    SESSIONS_PUT_BACK = "session.put_back"  # the alarm: Redis gave back an older list of somebody's sessions
    SIGN_IN_ENDED = "signin.ended"  # by the provider: it would not renew
    TERMINAL_APPROVED = "terminal.approved"
    TERMINAL_REVOKED = "terminal.revoked"
    TERMINAL_REFUSED = "terminal.refused"
    DEVICE_BEGUN = "terminal.device_begun"  # a terminal asked for a code; nobody knows yet whose it is
    DEVICE_APPROVED = "terminal.device_approved"
    DEVICE_DECLINED = "terminal.device_declined"
    DEVICE_REFUSED = "terminal.device_refused"  # a code that somebody typed is none
    CODE_REUSED = "terminal.code_reused"
    TOKEN_REUSED = "terminal.token_reused"  # noqa: S105  the name of an event
    CREDENTIALS_INTENDED = "credentials.intended"
    CREDENTIALS_ISSUED = "credentials.issued"
    CREDENTIALS_REUSED = "credentials.reused"
    CREDENTIALS_REFUSED = "credentials.refused"
    CONSOLE_OPENED = "console.opened"
    CATALOG_CHANGED = "catalog.changed"  # before it counts
    CATALOG_PROPOSED = "catalog.proposed"  # it waits for a second person
    CATALOG_APPROVED = "catalog.approved"  # by the second person, before it counts
    CATALOG_REFUSED = "catalog.refused"
    CATALOG_WITHDRAWN = "catalog.withdrawn"
    CATALOG_BROKEN_GLASS = "catalog.broken_glass"  # the alarm: saved without the second person that it needed
    CATALOG_REVIEWED = "catalog.reviewed"  # somebody else has looked at what was saved so
    THIRD_PARTY_TRIED = "thirdparty.tried"  # before AWS is asked
    THIRD_PARTY_PROVEN = "thirdparty.proven"
    THIRD_PARTY_NOT_PROVEN = "thirdparty.not_proven"
    THIRD_PARTY_DRIFT = "thirdparty.drift"  # the alarm: a role that was proven no longer is
    DOCTOR_DRIFT = "doctor.drift"  # a trust policy was changed for the worse


@dataclass(frozen=True, slots=True)
class Event:
    kind: Kind
    provider: str = ""
    subject: str = ""
    name: str = ""
    address: str = ""  # the client's network address
    reference: str = ""  # the request's reference, as shown to the person
    facts: Mapping[str, str | int | list[str]] = field(default_factory=dict)

    @classmethod
    def about(cls, kind: Kind, identity: Identity, **facts: str | int | list[str]) -> Event:
        """An event about a verified person."""
        return cls(kind, identity.provider, identity.subject, identity.name, facts=facts)
