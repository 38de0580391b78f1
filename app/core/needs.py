"""How somebody must have signed in for a role, and what of it is missing (RFC 9470 calls it step-up)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.identity import Identity

_SKEW = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Needs:
    """Both may be asked of a provider at a sign-in, and both must be seen in its answer."""

    mfa: bool = False
    max_age: timedelta | None = None  # since the provider last saw the person

    def __bool__(self) -> bool:
        return self.mfa or self.max_age is not None

    def missing(self, identity: Identity, now: datetime) -> Needs:
        """What this sign-in lacks of it; falsy if nothing."""
        too_old = self.max_age is not None and now - identity.authenticated_at > self.max_age
        return Needs(self.mfa and not identity.mfa, self.max_age if too_old else None)

    def met_on_arrival(self, identity: Identity, now: datetime) -> bool:
        """The same, for an answer that has just come: the two clocks may differ by a minute."""
        age = None if self.max_age is None else self.max_age + _SKEW
        return not Needs(self.mfa, age).missing(identity, now)
