"""The company's own statement about a person, as it came: what `passthrough` roles show to AWS.

Whoever holds one can call STS with it (both calls are unsigned), for every role that trusts the company's
provider. So it is kept sealed, for as long as AWS would take it and no longer, and is in no log and no `repr`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from app.core.roles import Method, Partition


@dataclass(frozen=True, slots=True)
class Proof:
    """`method` says which STS call takes it: `saml` (a base64 Response) or `web_identity` (a compact ID token)."""

    method: Method
    text: str = field(repr=False)
    expires_at: datetime  # when AWS stops taking it, UTC


@dataclass(frozen=True, slots=True)
class Passing:
    """What a provider with `passthrough` hands over: for which call, and a SAML answer for which partition's AWS."""

    method: Method
    partition: Partition | None = None  # None: an ID token names none

    def serves(self, method: Method, partition: Partition) -> bool:
        return self.method is method and self.partition in (None, partition)
