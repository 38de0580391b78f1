"""The gateway's API, asked with this terminal's sign-in.

A spent access token is renewed once, under a lock that all processes of this person share: the refresh token
changes at each renewal, and whoever comes second must find the new one instead of spending the old one again.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from . import configuration, oauth, sign_in
from .deadline import Deadline
from .failures import SIGN_IN, Failure
from .problems import failure, stronger
from .sign_in import SignIn
from .wire import Answer, Wire

EARLY = 30  # seconds before its expiry at which an access token is no longer sent
WAIT = 20.0  # seconds for the lock, where a person is waiting


class Gateway:
    """One gateway as the signed-in person sees it. Every call may raise exit code 3, 4 or what `problems` says.

    `who` pins the sign-in: credentials fetched for one person are never those of the next."""

    def __init__(
        self,
        gateway: str,
        ca_bundle: str,
        *,
        max_wait: float = WAIT,
        login: str = "",
        who: str = "",
        deadline: Deadline | None = None,
        clock: oauth.Clock = time.time,
    ) -> None:
        self.gateway = gateway
        self.wire = Wire(gateway, configuration.ca_bundle(ca_bundle), deadline=deadline)
        self.deadline = deadline
        self.max_wait = max_wait
        self.login = login or configuration.command_to_sign_in(gateway)
        self.who = who
        self.clock = clock

    def me(self) -> dict[str, Any]:
        return self.ask(lambda token: self.wire.get("/api/v1/me", token))

    def roles(self) -> dict[str, Any]:
        return self.ask(lambda token: self.wire.get("/api/v1/roles", token))

    def credentials(self, role: str, code: str = "") -> dict[str, Any]:
        wanted = {"role_arn": role, **({"mfa_code": code} if code else {})}
        return self.ask(lambda token: self.wire.post_json("/api/v1/credentials", wanted, token))

    def console(self, role: str, destination: str) -> dict[str, Any]:
        wanted = {"role_arn": role, **({"destination": destination} if destination else {})}
        return self.ask(lambda token: self.wire.post_json("/api/v1/console", wanted, token))

    def ask(self, call: Callable[[str], Answer]) -> dict[str, Any]:
        token = self.token()
        answer = call(token)
        if answer.status == 401 and not stronger(answer):
            answer = call(self.renewed(token))
        if answer.status >= 400:
            raise self.told(answer)
        return answer.json()

    def told(self, answer: Answer) -> Failure:
        """A role that wants a stronger sign-in says nothing against the one that is here: it is kept."""
        problem, more = failure(answer), stronger(answer)
        if problem.code == SIGN_IN:
            problem.run = self.login + more
            problem.goes_on = bool(more)
        return problem

    def token(self) -> str:
        kept = self.kept()
        if kept.access_expires - EARLY > self.clock():
            return kept.access_token
        return self.renewed(kept.access_token)

    def kept(self) -> SignIn:
        kept = sign_in.load(self.gateway)
        if kept is None or (self.who and kept.id != self.who):
            raise Failure(SIGN_IN, f"not signed in at {self.gateway}", run=self.login)
        return kept

    def renewed(self, spent: str) -> str:
        """The access token that follows `spent`, which another process may already have fetched."""
        seconds = self.max_wait if self.deadline is None else min(self.max_wait, self.deadline.left())
        with sign_in.lock(self.gateway, seconds):
            kept = self.kept()
            if kept.access_token != spent and kept.access_expires - EARLY > self.clock():
                return kept.access_token
            return self.renew(kept).access_token

    def renew(self, kept: SignIn) -> SignIn:
        if kept.refresh_expires <= self.clock():
            raise Failure(SIGN_IN, f"your sign-in at {self.gateway} has ended", run=self.login)
        # On a full disk the new tokens would be lost and the old ones spent: then the sign-in would be over.
        sign_in.save(kept)
        try:
            new = oauth.renew(self.wire, kept.token_endpoint, kept.refresh_token, self.clock)
        except Failure as problem:
            raise self.ended(problem) from None
        kept.access_token, kept.access_expires = new.access, new.access_expires
        kept.refresh_token, kept.refresh_expires = new.refresh, new.refresh_expires
        sign_in.save(kept)
        return kept

    def ended(self, problem: Failure) -> Failure:
        """Once the gateway has said that the sign-in is over, the next hundred helpers need not ask again."""
        if problem.code == SIGN_IN:
            sign_in.forget(self.gateway)
            problem.run = self.login
        return problem
