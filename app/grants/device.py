"""Device sign-in (RFC 8628): for a terminal whose machine has no browser. Off unless the operator turns it on.

    terminal: begin ─► device code (a secret of the terminal) + user code (shown)
    person:   types the user code into /device, in a browser ─► look ─► approve | decline
    terminal: poll with the device code and its PKCE verifier ─► tokens, once

Anybody can begin it and send the code to somebody else, who then signs the sender in (Storm-2372, 2025). No protocol
prevents that; so it is off by default, the code lives five minutes, the page tells what is known and asks, and
whoever agrees has signed in with the provider a few minutes ago.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.audit import Audit
from app.core.events import Kind
from app.core.needs import Needs
from app.errors import StepUpRequired
from app.grants import user_codes
from app.grants.device_documents import (
    EARLY_POLLS_OF_AWS_TOOLS,
    INTERVAL,
    INTERVAL_OF_AWS_TOOLS,
    SLOWEST,
    Answer,
    Begun,
    Codes,
    Waiting,
)
from app.grants.device_limits import DeviceLimits
from app.grants.redemption import Redemption, Refused, Seen, event, fits
from app.grants.requests import DeviceRequest
from app.issuance import Principal
from app.sessions import Session, Tokens
from app.sessions.session import AWS_TOOLS
from app.store.shelf import Shelf

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
CODE_LIFE = timedelta(minutes=5)
FRESH = timedelta(minutes=10)  # how long ago the provider may have seen the person who agrees
_REMEMBERED = timedelta(minutes=10)  # so that a late terminal hears "expired" and not "unknown"
_BEGIN_AGAIN = "Run: fedgate login --device"


@dataclass(frozen=True, slots=True)
class DeviceSignIn:
    begun: Shelf[Begun]
    waiting: Shelf[Waiting]
    answers: Shelf[Answer]
    limits: DeviceLimits
    redemption: Redemption
    audit: Audit = field(repr=False)
    clock: Callable[[], datetime]

    def begin(self, request: DeviceRequest, seen: Seen) -> Codes:
        """A terminal asks. Nobody knows yet whose it is."""
        self.limits.begin(seen.address)
        now, handle, answer = self.clock(), secrets.token_hex(6), secrets.token_urlsafe(32)
        codes = Codes(secrets.token_urlsafe(32), user_codes.new_user_code())
        end = now + CODE_LIFE
        facts = {"device": request.device, "request": handle, "client": request.client}
        self.audit.record(event(Kind.DEVICE_BEGUN, None, seen, **facts))
        begun = Begun(answer, handle, request.device, seen.address, request.needs, now, end, request.client)
        self.begun.put(codes.user, begun, CODE_LIFE)
        of_aws = request.client == AWS_TOOLS
        waiting = Waiting(
            answer,
            handle,
            request.code_challenge,
            request.device,
            end,
            now - timedelta(seconds=INTERVAL),
            interval=INTERVAL_OF_AWS_TOOLS if of_aws else INTERVAL,
            client=request.client,
            early=EARLY_POLLS_OF_AWS_TOOLS if of_aws else 0,
        )
        self.waiting.put(codes.device, waiting, _REMEMBERED)
        return codes

    def look(self, principal: Principal, typed: str) -> Begun | None:
        """What the code stands for; None if it is none, used or too old. Raises TooManyRequests, StepUpRequired."""
        begun = self._find(principal, typed)
        if begun is not None:
            self.check(principal.session, begun.needs)
        return begun

    def check(self, session: Session, needs: Needs) -> None:
        """Raises StepUpRequired: a browser that was left alone must not be enough, nor a sign-in of this morning."""
        age = FRESH if needs.max_age is None else min(FRESH, needs.max_age)
        if Needs(needs.mfa, age).met_on_arrival(session.identity, self.clock()):
            return
        raise StepUpRequired(
            "Before you sign a terminal in by a code, confirm at your company that it is you.",
            reason="device.step_up",
            mfa=needs.mfa,
            max_age=int(age.total_seconds()),
        )

    def approve(self, principal: Principal, typed: str) -> Begun | None:
        """The person agreed. None if the code was answered or ran out meanwhile. Raises StepUpRequired."""
        if self.look(principal, typed) is None:
            return None
        return self._answer(principal, typed, Answer(replace(principal.session, csrf="")))

    def decline(self, principal: Principal, typed: str) -> Begun | None:
        """Asks for nothing more: "no" must always be the easier answer."""
        return self._answer(principal, typed, Answer(None)) if self._find(principal, typed) is not None else None

    def until(self, session: Session) -> datetime:
        """When the terminal's sign-in would end, if this person agreed now."""
        return self.redemption.terminals.end(session.identity)

    def poll(self, form: Mapping[str, str], client: str, seen: Seen) -> Tokens | Refused:
        """The token endpoint (RFC 8628 section 3.4). PKCE first: a device code that was read somewhere on its way is
        worth nothing, and whoever brings it without its verifier ends it."""
        code, now = form.get("device_code", ""), self.clock()
        waiting = self.waiting.change(code, lambda doc: doc.polled(now) if doc.client == client else None)
        if waiting is None:
            self.redemption.came_again(code, seen)
            return Refused("invalid_grant", f"The device code is unknown or used. {_BEGIN_AGAIN}")
        if waiting.client != client:
            return self.redemption.foreign(None, waiting.device, waiting.client, seen)
        if not fits(form.get("code_verifier", ""), waiting.code_challenge):
            self._stolen(code, waiting, seen)
            return Refused("invalid_grant", f"The code verifier does not fit. {_BEGIN_AGAIN}")
        if waiting.hasty:
            return Refused("slow_down", f"Ask every {waiting.interval} seconds.")
        answer = self.answers.get(waiting.answer)
        if answer is None:
            return self._not_yet(code, waiting)
        return self._redeem(code, waiting, answer)

    def _redeem(self, code: str, waiting: Waiting, answer: Answer) -> Tokens | Refused:
        taken = self.waiting.take(code)
        self.answers.drop(waiting.answer)
        if taken is None:  # two polls at once: the other one has it
            return Refused("invalid_grant", f"The device code is used. {_BEGIN_AGAIN}")
        if answer.parent is None:
            return Refused("access_denied", "The sign-in was declined in the browser.")
        return self.redemption.tokens(code, answer.parent, waiting.device, waiting.client)

    def _not_yet(self, code: str, waiting: Waiting) -> Refused:
        if self.clock() < waiting.expires_at:
            return Refused("authorization_pending", "Nobody has answered yet.")
        self.waiting.drop(code)
        return Refused("expired_token", f"Nobody answered within five minutes. {_BEGIN_AGAIN}")

    def _find(self, principal: Principal, typed: str) -> Begun | None:
        self.limits.guess(principal)
        code = user_codes.read(typed)
        begun = self.begun.get(code) if code else None
        if begun is None or begun.expires_at <= self.clock():
            self._refuse(principal, "device.code" if code else "device.spelling")
            return None
        return begun

    def _answer(self, principal: Principal, typed: str, answer: Answer) -> Begun | None:
        """Taking the code comes first: of two tabs, or of "yes" and "no" at once, one is heard. An answer that cannot
        be recorded is none, and the code is spent."""
        begun = self.begun.take(user_codes.read(typed))
        if begun is None:
            return None
        kind = Kind.DEVICE_DECLINED if answer.parent is None else Kind.DEVICE_APPROVED
        facts = {"session": principal.session.handle, "device": begun.device, "request": begun.handle}
        facts |= {"client": begun.client}
        self.audit.record(event(kind, principal.session.identity, _seen(principal), **facts, terminal=begun.address))
        # A minute more than the code: the terminal asks again only after its interval.
        self.answers.put(begun.answer, answer, begun.expires_at - self.clock() + timedelta(seconds=SLOWEST + INTERVAL))
        return begun

    def _refuse(self, principal: Principal, reason: str) -> None:
        who = principal.session
        facts = {"session": who.handle, "reason": reason}
        self.audit.record(event(Kind.DEVICE_REFUSED, who.identity, _seen(principal), **facts))

    def _stolen(self, code: str, waiting: Waiting, seen: Seen) -> None:
        self.waiting.drop(code)
        facts = {"reason": "oauth.verifier", "device": waiting.device, "request": waiting.handle}
        facts |= {"client": waiting.client}
        self.audit.record(event(Kind.TERMINAL_REFUSED, None, seen, **facts))


def _seen(principal: Principal) -> Seen:
    return Seen(principal.address, principal.reference)
