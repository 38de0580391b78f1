"""Who asks, and for what."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from app.core.decisions import Purpose
from app.core.roles import RoleArn
from app.sessions import Session


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, by which session, from where. `reference` is the request's, for the audit."""

    session: Session
    address: str
    reference: str

    @property
    def key(self) -> str:
        """Of the person, for counters: no two people share one."""
        return json.dumps([self.session.identity.provider, self.session.identity.subject])


@dataclass(frozen=True, slots=True)
class Request:
    """`seconds` may only shorten what the grant allows; None asks for all of it."""

    role: RoleArn
    purpose: Purpose
    seconds: int | None = None
    mfa_code: str = field(default="", repr=False)  # six digits, for roles with an `mfa_serial`
