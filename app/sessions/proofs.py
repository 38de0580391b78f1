"""What providers said of people, word for word, for roles that pass it through to AWS; for as long as AWS takes it.

Kept under the verification that it came with, so that a terminal that was approved from a browser session finds it
too, and a later or earlier sign-in of the same person does not. Only providers with `passthrough` hand one over.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta

from app.core.identity import Identity
from app.core.proof import Proof
from app.store.shelf import Shelf


class Proofs:
    def __init__(self, shelf: Shelf[Proof], clock: Callable[[], datetime]) -> None:
        self._shelf = shelf
        self._clock = clock

    def keep(self, identity: Identity, proof: Proof) -> None:
        left = proof.expires_at - self._clock()
        if left > timedelta(0):
            self._shelf.put(_key(identity), proof, left)

    def of(self, identity: Identity) -> Proof | None:
        """What is still good; None also where there never was one."""
        proof = self._shelf.get(_key(identity))
        return proof if proof is not None and self._clock() < proof.expires_at else None

    def forget(self, identity: Identity) -> None:
        self._shelf.drop(_key(identity))


def _key(identity: Identity) -> str:
    return json.dumps([identity.provider, identity.subject, identity.verified_at.isoformat()])
