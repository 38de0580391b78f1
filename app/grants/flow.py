"""The steps of a terminal's sign-in, without HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.audit import Audit, record_end
from app.core.events import Kind
from app.errors import StepUpRequired
from app.grants.device import GRANT, DeviceSignIn
from app.grants.redemption import Redemption, Refused, Seen, event, fits
from app.grants.requests import CLIENT_ID, AuthorizationRequest
from app.issuance import Principal
from app.sessions import Session, Terminals, Tokens
from app.sessions.session import FEDGATE
from app.sessions.terminals import Ended, Foreign, Reused
from app.store.counters import Counters
from app.store.shelf import Shelf

_CODE_LIFE = timedelta(seconds=60)
_NO_CODE = "The code is unknown, used or too old. Run: fedgate login"
_ENDED = "This terminal's sign-in has ended. Run: fedgate login"
_ENDED_BY_PROVIDER = "Your company's identity provider has ended this sign-in. Run: fedgate login"
_NO_CLIENT = Refused("invalid_client", "There is no such client here.")
TOKENS_A_MINUTE = 600  # of one network address: many people share one


@dataclass(frozen=True, slots=True)
class Code:
    """A stored document under the authorization code."""

    parent: Session  # the browser session in which somebody agreed
    redirect_uri: str
    code_challenge: str
    device: str
    client: str = FEDGATE
    client_id: str = ""  # empty: written before anybody asked

    def was_given_to(self, client: str, client_id: str) -> bool:
        return self.client == client and self.client_id in ("", client_id)


@dataclass(frozen=True, slots=True)
class TerminalSignIn:
    issuer: str
    codes: Shelf[Code]
    terminals: Terminals
    redemption: Redemption
    counters: Counters
    audit: Audit = field(repr=False)
    clock: Callable[[], datetime]
    device: DeviceSignIn | None = None  # None where the operator has not turned it on

    def check(self, session: Session, request: AuthorizationRequest) -> None:
        """Raises StepUpRequired if the terminal asks for more than this sign-in is (RFC 9470 section 4)."""
        if request.needs.met_on_arrival(session.identity, self.clock()):
            return
        age = request.needs.max_age
        raise StepUpRequired(
            "The terminal asks for a sign-in that is fresh or has a second factor. Confirm at your company that it "
            "is you; this page then goes on.",
            reason="terminal.step_up",
            mfa=request.needs.mfa,
            max_age=None if age is None else int(age.total_seconds()),
        )

    def approve(self, principal: Principal, request: AuthorizationRequest) -> str:
        """The person agreed: the loopback address with a code that works once, for a minute.

        Raises StepUpRequired: the page may have stood open for longer than the sign-in is fresh."""
        session = principal.session
        self.check(session, request)
        seen = Seen(principal.address, principal.reference)
        self.audit.record(
            event(
                Kind.TERMINAL_APPROVED,
                session.identity,
                seen,
                session=session.handle,
                device=request.device,
                client=request.client,
            )
        )
        code = secrets.token_urlsafe(32)
        doc = Code(
            session,
            request.redirect_uri,
            request.code_challenge,
            request.device,
            request.client,
            request.client_id,
        )
        self.codes.put(code, doc, _CODE_LIFE)
        return request.answer(self.issuer, code=code)

    def until(self, session: Session) -> datetime:
        """When the terminal's sign-in would end, if this person agreed now."""
        return self.terminals.end(session.identity)

    def decline(self, request: AuthorizationRequest) -> str:
        return request.answer(
            self.issuer, error="access_denied", error_description="The sign-in was declined in the browser."
        )

    def token(self, form: Mapping[str, str], address: str, reference: str) -> Tokens | Refused:
        """The token endpoint, for all grants. Raises SignInRequired, StoreUnavailable, AuditUnavailable."""
        self.counters.spend_of_address("token", address, TOKENS_A_MINUTE, timedelta(minutes=1))
        if form.get("client_id") != CLIENT_ID:
            return _NO_CLIENT
        seen = Seen(address, reference)
        grant = form.get("grant_type")
        if grant == GRANT and self.device is not None:
            return self.device.poll(form, FEDGATE, seen)
        match grant:
            case "authorization_code":
                return self.redeem(form, FEDGATE, seen)
            case "refresh_token":
                return self.refresh(form.get("refresh_token", ""), FEDGATE, seen)
            case _:
                return Refused("unsupported_grant_type", _unsupported(grant))

    def revoke(self, form: Mapping[str, str], seen: Seen) -> Refused | None:
        """The revocation endpoint of our CLI: `token`, `client_id`. Without the second its holder may be our CLI only:
        whoever wants to get rid of a token, and shows it, need not be asked for a name that everybody knows."""
        if form.get("client_id", CLIENT_ID) != CLIENT_ID:
            return _NO_CLIENT
        return self.leave(form.get("token", ""), FEDGATE, seen)

    def leave(self, token: str, client: str, seen: Seen) -> Refused | None:
        """Ends the whole terminal session; an unknown token is no error (RFC 7009 section 2.2), one that was given to
        another program is, and stays. Whatever becomes of the record of an end: it has ended."""
        self.counters.spend_of_address("token", seen.address, TOKENS_A_MINUTE, timedelta(minutes=1))
        match self.terminals.revoke(token, client):
            case Session() as session:
                self._ended(Kind.TERMINAL_REVOKED, session, seen)
            case Foreign(session):
                return self.redemption.foreign(session.identity, session.device, session.client, seen)
        return None

    def redeem(self, form: Mapping[str, str], client: str, seen: Seen) -> Tokens | Refused:
        """`form`: `client_id`, `code`, `redirect_uri`, `code_verifier`."""
        code = form.get("code", "")
        known = self.codes.get(code) if code else None
        if known is not None and not known.was_given_to(client, form.get("client_id", "")):
            return self.redemption.foreign(known.parent.identity, known.device, known.client, seen)
        doc = self.codes.take(code) if code else None
        if doc is None:
            self.redemption.came_again(code, seen)
            return Refused("invalid_grant", _NO_CODE)
        if doc.redirect_uri != form.get("redirect_uri"):
            self._refused(doc, "oauth.redirect", seen)
            return Refused("invalid_grant", _NO_CODE)
        if not fits(form.get("code_verifier", ""), doc.code_challenge):
            self._refused(doc, "oauth.verifier", seen)
            return Refused("invalid_grant", "The code verifier does not fit. Run: fedgate login")
        return self.redemption.tokens(code, doc.parent, doc.device, doc.client)

    def _refused(self, doc: Code, reason: str, seen: Seen) -> None:
        """The code was right and the rest was not: it has been stolen on its way, and its owner must hear of it."""
        who = doc.parent.identity
        self.audit.record(event(Kind.TERMINAL_REFUSED, who, seen, reason=reason, device=doc.device, client=doc.client))

    def refresh(self, token: str, client: str, seen: Seen) -> Tokens | Refused:
        """Of the client only its kind is compared: the client ids of AWS's tools are signed by nobody, and a tool may
        have registered anew since."""
        answer = self.terminals.refresh(token, client) if token else None
        match answer:
            case Tokens():
                return answer
            case Foreign(session):
                return self.redemption.foreign(session.identity, session.device, session.client, seen)
            case Reused(session):
                self._ended(Kind.TOKEN_REUSED, session, seen)
            case Ended(session, reason, ended):
                if ended:
                    facts = {"session": session.handle, "device": session.device, "reason": reason}
                    record_end(self.audit, event(Kind.SIGN_IN_ENDED, session.identity, seen, **facts))
                return Refused("invalid_grant", _ENDED_BY_PROVIDER)
        return Refused("invalid_grant", _ENDED)

    def _ended(self, kind: Kind, session: Session, seen: Seen) -> None:
        facts = {"session": session.handle, "device": session.device, "client": session.client}
        record_end(self.audit, event(kind, session.identity, seen, **facts))


def _unsupported(grant: str | None) -> str:
    if grant == GRANT:
        return "This gateway does not sign terminals in by a code. Run: fedgate login"
    return "Expected authorization_code or refresh_token."
