"""A sign-in that is alive: whose, since when, until when."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from app.core.identity import Identity
from app.sessions.seen import Seen

SECRET_CHARACTERS = 43  # 32 bytes in URL-safe base64
FEDGATE, AWS_TOOLS = "fedgate", "aws"  # our own CLI; whatever speaks AWS's protocols, and keeps tokens in plain files


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """From `[session]` of gateway.toml."""

    browser: timedelta
    terminal: timedelta
    max_group_age: timedelta
    browser_idle: timedelta = timedelta(hours=2)  # without a request
    terminal_idle: timedelta = timedelta(hours=12)  # without a refresh
    group_refresh: timedelta = timedelta(hours=1)  # groups older than this are asked for at a terminal's refresh

    @property
    def longest(self) -> timedelta:
        """No session lives longer."""
        return max(self.browser, self.terminal)

    def end(self, identity: Identity, opened_at: datetime, length: timedelta) -> datetime:
        """The earliest of the session's length, the age at which the groups may no longer be believed, and the end that
        the provider set (SAML profiles 4.1.4.3)."""
        end = min(opened_at + length, identity.verified_at + self.max_group_age)
        return end if identity.ends_at is None else min(end, identity.ends_at)


@dataclass(frozen=True, slots=True)
class Session:
    """A stored document. `handle` names the session in the audit and on pages; it opens nothing."""

    identity: Identity
    opened_at: datetime
    expires_at: datetime
    handle: str
    device: str = ""  # a terminal's own name for itself; shown, never trusted
    client: str = FEDGATE  # of a terminal: which program its tokens were given to
    csrf: str = field(default="", repr=False)
    sign_in: str = ""  # the sign-in that it grew from: a browser session and the terminals approved in it share one
    upstream: str = field(default="", repr=False)  # opens what is kept of the provider's side of that sign-in
    seen: Seen = field(default_factory=Seen)  # of its browser, so that a copied cookie is noticed
    epoch: str = field(default="", repr=False, compare=False)  # as of the moment when it was found (`sessions.live`)

    def alive(self, now: datetime) -> bool:
        return now < self.expires_at


def new_secret() -> str:
    """256 bits, URL-safe: a cookie, token or code that nobody guesses."""
    return secrets.token_urlsafe(32)


def new_handle() -> str:
    return secrets.token_hex(6)
