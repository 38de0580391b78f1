"""`aws login` (AWS Sign-In, models `signin/2023-01-01`), without HTTP: one role, and keys that are renewed for it.

    person:   picks one of their roles ─► approve ─► a code
    terminal: redeem the code (PKCE), with a proof of its key ─► keys, and a refresh token bound to that key and role
              refresh, with a proof of the same key ─► keys, after the policy was asked again

Underneath is a terminal's session like any other (`grants`). Its own tokens, which open every role of the person, never
leave the gateway: they are kept under the refresh token that the terminal has. That one need not change at each use,
because it is worth nothing without the key (RFC 9700, 4.14.2), so parallel processes cannot lose the session.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.core.credentials import Credentials
from app.core.decisions import Purpose
from app.core.events import Kind
from app.core.needs import Needs
from app.core.roles import RoleArn, entry_arn
from app.errors import GatewayError, InvalidRequest, NotFound, SignInRequired
from app.grants.flow import TOKENS_A_MINUTE, TerminalSignIn
from app.grants.redemption import Refused, Seen, event, fits
from app.issuance import Issuance, Principal, Request
from app.native.portal import NamedRole, Portal
from app.native.sign_in_dpop import Proof, Proofs
from app.native.sign_in_requests import LoginRequest
from app.sessions import Session, Tokens
from app.sessions.session import AWS_TOOLS
from app.store.shelf import Shelf

_AT_ONCE, _BY_HAND = timedelta(seconds=60), timedelta(minutes=5)  # lives of a code: redirected, or carried
_LONGEST = 900  # seconds for which the terminal may believe in its keys, as at AWS; then the policy is asked again
NO_CODE = Refused("AUTHCODE_EXPIRED", "The code is unknown, used or too old. Run: aws login")
ENDED = Refused("TOKEN_EXPIRED", "This sign-in has ended. Run: aws login")
_OFF = (
    "This gateway does not sign in terminals that it cannot answer. On a computer with a browser, run `aws login`. Who "
    "runs the gateway can turn --remote on (device_sign_in in gateway.toml)."
)


@dataclass(frozen=True, slots=True)
class LoginCode:
    """A stored document under the code."""

    parent: Session  # the browser session in which somebody agreed
    asked: LoginRequest
    role: str
    device: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class BoundLogin:
    """A stored document under the refresh token: what it stands for, and whose key it needs."""

    tokens: Tokens = field(repr=False)  # of the terminal session; they never leave
    thumbprint: str
    client_id: str
    role: str


@dataclass(frozen=True, slots=True)
class Given:
    """For the terminal. `expires_in`: seconds."""

    credentials: Credentials
    refresh_token: str = field(repr=False)
    role: RoleArn
    expires_in: int


@dataclass(frozen=True, slots=True)
class AwsLogin:
    base_url: str
    sign_in: TerminalSignIn
    portal: Portal
    issuance: Issuance
    codes: Shelf[LoginCode]
    logins: Shelf[BoundLogin]
    proofs: Proofs

    def roles(self, session: Session) -> Sequence[NamedRole]:
        return self.portal.roles(session.identity)

    def check(self, principal: Principal, asked: LoginRequest, role: RoleArn | None) -> None:
        """May it be asked, and answered with this role? Raises StepUpRequired, RoleDenied; NotFound where a terminal
        that cannot be reached may not ask at all: a stranger could begin it, as any sign-in by a code (RFC 8628, 5.4).
        """
        if asked.elsewhere:
            if self.sign_in.device is None:
                raise NotFound(_OFF)
            self.sign_in.device.check(principal.session, Needs())
        if role is not None:
            self.issuance.decide(principal, Request(role, Purpose.CLI))

    def approve(self, principal: Principal, asked: LoginRequest, role: RoleArn) -> str:
        """The person agreed: a code that works once. Raises what `check` raises."""
        self.check(principal, asked, role)
        session, seen = principal.session, Seen(principal.address, principal.reference)
        device = f"aws login{' --remote' if asked.elsewhere else ''}, {role.name} in {role.account}"
        facts = {"session": session.handle, "device": device, "role": str(role), "client": AWS_TOOLS}
        self.sign_in.audit.record(event(Kind.TERMINAL_APPROVED, session.identity, seen, **facts))
        code, life = secrets.token_urlsafe(32), _BY_HAND if asked.elsewhere else _AT_ONCE
        self.codes.put(code, LoginCode(session, asked, role, device, self.sign_in.clock() + life), life)
        return code

    def spend(self, address: str) -> None:
        """Raises TooManyRequests."""
        self.sign_in.counters.spend_of_address("token", address, TOKENS_A_MINUTE, timedelta(minutes=1))

    def redeem(self, code: str, verifier: str, sent: tuple[str, str], proof: Proof, seen: Seen) -> Given | Refused:
        """`sent`: client id and redirect address, as in the request for the code.

        Another program than the one that asked is refused (RFC 6749, 4.1.3) and uses nothing up, as at the other doors:
        what it cannot use it should not be able to take away either."""
        known = self.codes.get(code) if code else None
        if known is not None and known.asked.client_id != sent[0]:
            self._refused(known.parent, seen, reason="oauth.client", device=known.device)
            return NO_CODE
        found = self.codes.take(code) if code else None
        if found is None:
            self.sign_in.redemption.came_again(code, seen)
            return NO_CODE
        why = _why_not(found.asked, verifier, sent[1], proof)
        if why:
            # The code was right and the rest was not: it was stolen on its way, and its owner must hear of it.
            self._refused(found.parent, seen, reason=why, device=found.device)
            return NO_CODE
        try:
            tokens = self.sign_in.redemption.tokens(code, found.parent, found.device, AWS_TOOLS)
            return self._first(tokens, found, proof, seen)
        except GatewayError as error:
            if may_come_again(error):  # nothing was given, and AWS's tools ask once more with the same code
                self.codes.put(code, found, max(found.expires_at - self.sign_in.clock(), timedelta(seconds=1)))
            raise

    def _first(self, tokens: Tokens, found: LoginCode, proof: Proof, seen: Seen) -> Given | Refused:
        bound = BoundLogin(tokens, proof.thumbprint, found.asked.client_id, found.role)
        refresh_token, session = secrets.token_urlsafe(32), self._session(tokens)
        if session is None:
            return NO_CODE
        try:
            given = self._given(session, bound, refresh_token, seen)
        except GatewayError:
            self.sign_in.terminals.revoke(tokens.access_token)  # a session that nobody has the token of
            raise
        self.logins.put(refresh_token, bound, timedelta(seconds=tokens.refresh_expires_in))
        return given

    def refresh(self, token: str, client_id: str, proof: Proof, seen: Seen) -> Given | Refused:
        """Raises what `Issuance.issue` raises: the role may have been taken away meanwhile."""
        found = self.logins.get(token) if token else None
        if found is None:
            return ENDED
        session, same_key = self._session(found.tokens), hmac.compare_digest(found.thumbprint, proof.thumbprint)
        if not same_key or found.client_id != client_id:
            # A copy of the token without its key. It gets nothing, so its owner may keep working; but must hear of it.
            self._refused(session, seen, reason="oauth.client" if same_key else "dpop.other_key")
            return ENDED
        if session is None:
            renewed = self._renewed(token, found, seen)
            if isinstance(renewed, Refused):
                return ENDED
            found, session = renewed
        return self._given(session, found, token, seen)

    def _renewed(self, token: str, found: BoundLogin, seen: Seen) -> tuple[BoundLogin, Session] | Refused:
        """Once an hour: new tokens underneath, and groups as young as they can be had."""
        try:
            fresh = self.sign_in.refresh(found.tokens.refresh_token, AWS_TOOLS, seen)
        except SignInRequired:
            return ENDED
        session = None if isinstance(fresh, Refused) else self._session(fresh)
        if isinstance(fresh, Refused) or session is None:
            self.logins.drop(token)
            return ENDED

        def alter(known: BoundLogin) -> BoundLogin | None:
            return replace(known, tokens=fresh) if known.tokens == found.tokens else None

        self.logins.change(token, alter, timedelta(seconds=fresh.refresh_expires_in))
        return replace(found, tokens=fresh), session

    def _refused(self, session: Session | None, seen: Seen, **facts: str) -> None:
        who, facts = None if session is None else session.identity, {**facts, "client": AWS_TOOLS}
        if session is not None:
            facts["session"] = session.handle
        self.sign_in.audit.record(event(Kind.TERMINAL_REFUSED, who, seen, **facts))

    def _session(self, tokens: Tokens) -> Session | None:
        return self.sign_in.terminals.find(tokens.access_token)

    def _given(self, session: Session, bound: BoundLogin, refresh_token: str, seen: Seen) -> Given:
        role = role_of(bound.role)
        who = Principal(session, seen.address, seen.reference)
        credentials = self.issuance.issue(who, Request(role, Purpose.CLI))
        left = int((credentials.expires_at - self.sign_in.clock()).total_seconds())
        return Given(credentials, refresh_token, role, min(left, _LONGEST))


def may_come_again(error: GatewayError) -> bool:
    """AWS's tools try 429 and 5xx three times."""
    return error.status == 429 or error.status >= 500


def role_of(said: str) -> RoleArn:
    try:
        return entry_arn(said)
    except ValueError:
        raise InvalidRequest("Choose one of your roles.", reason="login.role") from None


def _why_not(asked: LoginRequest, verifier: str, sent: str, proof: Proof) -> str:
    """`sent`: the redirect address."""
    if sent != asked.redirect_uri:
        return "oauth.redirect"
    if not fits(verifier, asked.code_challenge):
        return "oauth.verifier"
    return "dpop.other_key" if asked.thumbprint not in ("", proof.thumbprint) else ""
