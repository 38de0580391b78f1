"""What a terminal gets for a code, whichever way the code came: its tokens, once.

A code that comes again was seen by somebody else, and nobody knows who of the two was first: what it brought ends
(RFC 6749 section 4.1.2; ASVS 5.0, 10.4.2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import timedelta

from app.audit import Audit, record_end
from app.core.events import Event, Kind
from app.core.identity import Identity
from app.sessions import Session, Terminals, Tokens
from app.store.shelf import Shelf

_REMEMBERED = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Refused:
    """An OAuth error answer (RFC 6749 section 5.2)."""

    error: str
    description: str


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A stored document under a code that was redeemed: what it brought."""

    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a request came from, for the audit."""

    address: str
    reference: str


@dataclass(frozen=True, slots=True)
class Redemption:
    redeemed: Shelf[Redeemed]
    terminals: Terminals
    audit: Audit = field(repr=False)

    def tokens(self, code: str, parent: Session, device: str, client: str) -> Tokens:
        """Raises SignInRequired if the browser's sign-in has ended since somebody agreed in it."""
        tokens, _session = self.terminals.open(parent.identity, device, parent=parent, client=client)
        self.redeemed.put(code, Redeemed(tokens.access_token), _REMEMBERED)
        return tokens

    def foreign(self, identity: Identity | None, device: str, client: str, seen: Seen) -> Refused:
        """A code or token that was given to another program (RFC 6749 sections 4.1.3 and 6, RFC 7009 section 2.1). It
        is not used up, or whoever cannot use it could still take it away."""
        facts = {"reason": "oauth.client", "device": device, "client": client}
        self.audit.record(event(Kind.TERMINAL_REFUSED, identity, seen, **facts))
        return Refused("invalid_grant", "This was given to another program. Run: fedgate login")

    def came_again(self, code: str, seen: Seen) -> None:
        first = self.redeemed.take(code) if code else None
        session = None if first is None else self.terminals.revoke(first.access_token)
        if isinstance(session, Session):
            facts = {"session": session.handle, "device": session.device, "client": session.client}
            record_end(self.audit, event(Kind.CODE_REUSED, session.identity, seen, **facts))


def event(kind: Kind, identity: Identity | None, seen: Seen, **facts: str) -> Event:
    """`identity` is None where nobody has said yet who they are."""
    if identity is None:
        return Event(kind, address=seen.address, reference=seen.reference, facts=facts)
    return Event(kind, identity.provider, identity.subject, identity.name, seen.address, seen.reference, facts)


def fits(verifier: str, challenge: str) -> bool:
    """PKCE, RFC 7636 section 4.6. A verifier of the wrong size cannot fit any challenge that we took."""
    if not 43 <= len(verifier) <= 128 or not verifier.isascii():
        return False
    found = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    return hmac.compare_digest(found, challenge)
