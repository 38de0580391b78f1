"""What every service needs at its counter: the world, the time, randomness, the outside, the knobs."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.local.aws.knobs import Knobs, Panel
from app.local.aws.outside import Outside
from app.local.aws.policy.permissions import Permissions
from app.local.aws.replies import zulu
from app.local.aws.signing.caller import Caller, Context
from app.local.aws.world import World


@dataclass(frozen=True, slots=True)
class Desk:
    """`clock` returns aware UTC; `random_bytes` must be fit for secrets; `save` keeps the world, if anywhere."""

    world: World
    panel: Panel
    clock: Callable[[], datetime]
    random_bytes: Callable[[int], bytes]
    outside: Outside
    save: Callable[[], None] = lambda: None

    @property
    def knobs(self) -> Knobs:
        return self.panel.knobs

    def now(self) -> datetime:
        return self.clock() + self.knobs.clock_offset

    def permissions(self) -> Permissions:
        return Permissions(self.world, self.now() - timedelta(seconds=self.knobs.propagation_seconds))

    def key_id(self, prefix: str) -> str:
        """AKIA (a user's key), ASIA (temporary): 20 characters (IAM identifiers, "Unique identifiers")."""
        return prefix + base64.b32encode(self.random_bytes(10)).decode()

    def unique_id(self, prefix: str) -> str:
        """AROA, AIDA: 21 characters."""
        return prefix + base64.b32encode(self.random_bytes(15)).decode()[:17]

    def secret(self) -> str:
        """40 characters with `+` and `/` among them, as AWS's have: whoever forgets to encode them must fail here."""
        return base64.b64encode(self.random_bytes(30)).decode()


@dataclass(frozen=True, slots=True)
class Visit:
    """One call at a counter. `caller` is None for the two calls that nobody signs."""

    desk: Desk
    action: str
    parameters: Mapping[str, Any] = field(repr=False)
    caller: Caller | None
    region: str
    now: datetime

    def text(self, name: str) -> str:
        return str(self.parameters.get(name, ""))

    def number(self, name: str) -> int | None:
        value = self.parameters.get(name)
        return None if value is None else int(value)

    @property
    def signer(self) -> Caller:
        assert self.caller is not None  # the front door turned unsigned calls away
        return self.caller

    def surroundings(self) -> Context:
        """Condition keys that every request has."""
        return {
            "aws:currenttime": (zulu(self.now),),
            "aws:epochtime": (str(int(self.now.timestamp())),),
            "aws:requestedregion": (self.region,),
            "aws:securetransport": ("true",),
            "aws:sourceip": ("127.0.0.1",),
        }
