"""The steps of a terminal's sign-in, without HTTP."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.audit import Audit
from app.core.events import Event, Kind
from app.core.identity import Identity
from app.issuance import Principal
from app.sessions import Session, Terminals, Tokens
from app.sessions.terminals import Reused
from app.store.counters import Counters
from app.store.shelf import Shelf
from app.terminal.requests import CLIENT_ID, AuthorizationRequest

_CODE_LIFE = timedelta(seconds=60)
_NO_CODE = "The code is unknown, used or too old. Run: fedgate login"
_TOKENS_A_MINUTE = 600  # of one network address: many people share one


@dataclass(frozen=True, slots=True)
class Code:
    """A stored document under the authorization code."""

    identity: Identity
    redirect_uri: str
    code_challenge: str
    device: str


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A stored document under an authorization code that was redeemed: what it brought."""

    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Refused:
    """An OAuth error answer (RFC 6749 section 5.2)."""

    error: str
    description: str


@dataclass(frozen=True, slots=True)
class TerminalSignIn:
    issuer: str
    codes: Shelf[Code]
    redeemed: Shelf[Redeemed]
    terminals: Terminals
    counters: Counters
    audit: Audit = field(repr=False)

    def approve(self, principal: Principal, request: AuthorizationRequest) -> str:
        """The person agreed: the loopback address with a code that works once, for a minute."""
        self._record(Kind.TERMINAL_APPROVED, principal.session, principal.address, principal.reference, request.device)
        code = secrets.token_urlsafe(32)
        doc = Code(principal.session.identity, request.redirect_uri, request.code_challenge, request.device)
        self.codes.put(code, doc, _CODE_LIFE)
        return request.answer(self.issuer, code=code)

    def until(self, session: Session) -> datetime:
        """When the terminal's sign-in would end, if this person agreed now."""
        return self.terminals.end(session.identity)

    def decline(self, request: AuthorizationRequest) -> str:
        return request.answer(self.issuer, error="access_denied", error_description="The person declined.")

    def token(self, form: Mapping[str, str], address: str, reference: str) -> Tokens | Refused:
        """The token endpoint, for both grants. Raises SignInRequired, StoreUnavailable, AuditUnavailable."""
        self.counters.spend("token", address, _TOKENS_A_MINUTE, timedelta(minutes=1))
        if form.get("client_id") != CLIENT_ID:
            return Refused("invalid_client", "There is no such client here.")
        match form.get("grant_type"):
            case "authorization_code":
                return self._redeem(form, address, reference)
            case "refresh_token":
                return self._refresh(form.get("refresh_token", ""), address, reference)
            case _:
                return Refused("unsupported_grant_type", "Expected authorization_code or refresh_token.")

    def revoke(self, token: str, address: str, reference: str) -> None:
        """Ends the whole terminal session; an unknown token is no error (RFC 7009 section 2.2)."""
        self.counters.spend("token", address, _TOKENS_A_MINUTE, timedelta(minutes=1))
        session = self.terminals.revoke(token)
        if session is not None:
            self._record(Kind.TERMINAL_REVOKED, session, address, reference, session.device)

    def _redeem(self, form: Mapping[str, str], address: str, reference: str) -> Tokens | Refused:
        code = form.get("code", "")
        doc = self.codes.take(code) if code else None
        if doc is None:
            return self._used_again(code, address, reference)
        if doc.redirect_uri != form.get("redirect_uri"):
            self._refused(doc, "oauth.redirect", address, reference)
            return Refused("invalid_grant", _NO_CODE)
        if not hmac.compare_digest(_challenge(form.get("code_verifier", "")), doc.code_challenge):
            self._refused(doc, "oauth.verifier", address, reference)
            return Refused("invalid_grant", "The code verifier does not fit. Run: fedgate login")
        tokens, _session = self.terminals.open(doc.identity, doc.device)
        self.redeemed.put(code, Redeemed(tokens.access_token), _CODE_LIFE)
        return tokens

    def _used_again(self, code: str, address: str, reference: str) -> Refused:
        """A code that comes a second time was seen by somebody else, and nobody knows who of the two was first: what
        it brought ends (RFC 6749 section 4.1.2; ASVS 5.0, 10.4.2)."""
        first = self.redeemed.take(code) if code else None
        session = None if first is None else self.terminals.revoke(first.access_token)
        if session is not None:
            self._record(Kind.CODE_REUSED, session, address, reference, session.device)
        return Refused("invalid_grant", _NO_CODE)

    def _refused(self, doc: Code, reason: str, address: str, reference: str) -> None:
        """The code was right and the rest was not: it has been stolen on its way, and its owner must hear of it."""
        who = doc.identity
        facts = {"reason": reason, "device": doc.device}
        self.audit.record(Event(Kind.TERMINAL_REFUSED, who.provider, who.subject, who.name, address, reference, facts))

    def _refresh(self, token: str, address: str, reference: str) -> Tokens | Refused:
        answer = self.terminals.refresh(token) if token else None
        match answer:
            case Tokens():
                return answer
            case Reused(session):
                self._record(Kind.TOKEN_REUSED, session, address, reference, session.device)
        return Refused("invalid_grant", "This terminal's sign-in has ended. Run: fedgate login")

    def _record(self, kind: Kind, session: Session, address: str, reference: str, device: str) -> None:
        who = session.identity
        facts = {"session": session.handle, "device": device}
        self.audit.record(Event(kind, who.provider, who.subject, who.name, address, reference, facts))


def _challenge(verifier: str) -> str:
    """RFC 7636 section 4.6. A verifier of the wrong size cannot fit any challenge that we took."""
    if not 43 <= len(verifier) <= 128 or not verifier.isascii():
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
