"""A shelf keeps documents of one kind, each under a key, each for a while."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from app.errors import StoreUnavailable
from app.store.drawers import Drawers
from app.store.sealing import Sealer

Doc = TypeVar("Doc")
_ATTEMPTS_TO_CHANGE = 20


class Shelf(Generic[Doc]):
    """Documents of the dataclass `kind`, written as JSON and sealed.

    `key` is itself part of the encryption key (`sealing.py`): make it the secret that the owner holds where
    there is one. What cannot be opened or read is as if it were not there.
    """

    def __init__(self, name: str, kind: type[Doc], drawers: Drawers, sealer: Sealer) -> None:
        self._name = name
        self._json = TypeAdapter(kind)
        self._drawers = drawers
        self._sealer = sealer

    def put(self, key: str, doc: Doc, ttl: timedelta) -> None:
        name = self._names(key)[0]
        self._drawers.put(name, self._sealed(key, name, doc), ttl)

    def add(self, key: str, doc: Doc, ttl: timedelta) -> bool:
        """Put only if the key is free, under any active sealing key. False if it is taken."""
        name, *older = self._names(key)
        if any(self._drawers.get(other) is not None for other in older):
            return False
        return self._drawers.add(name, self._sealed(key, name, doc), ttl)

    def get(self, key: str) -> Doc | None:
        for name in self._names(key):
            sealed = self._drawers.get(name)
            if sealed is not None:
                return self._opened(key, name, sealed)
        return None

    def take(self, key: str) -> Doc | None:
        """Once only: of two callers at the same time, one gets the document and the other nothing."""
        # Under every name, even if the first one had it: while sealing keys change, one document may stand under
        # two names, and must not be there for a second taking.
        taken = [(name, self._drawers.take(name)) for name in self._names(key)]
        found = [self._opened(key, name, sealed) for name, sealed in taken if sealed is not None]
        return found[0] if found else None

    def change(self, key: str, alter: Callable[[Doc], Doc | None], ttl: timedelta | None = None) -> Doc | None:
        """Replace the document by `alter(document)`; keeps its end unless `ttl` is given. Returns what is there
        afterwards.

        `alter` may run more than once, when another process changes the document in between; None from it
        leaves everything as it is. Returns None if there is no document.
        """
        for name in self._names(key):
            for attempt in range(_ATTEMPTS_TO_CHANGE):
                time.sleep(attempt * secrets.randbelow(1_000) / 1_000_000)  # or all would meet again
                sealed = self._drawers.get(name)
                if sealed is None:
                    break
                doc = self._opened(key, name, sealed)
                changed = None if doc is None else alter(doc)
                if changed is None:
                    return doc
                if self._drawers.swap(name, sealed, self._sealed(key, name, changed), ttl):
                    return changed
            else:
                raise StoreUnavailable("Too many changes at once; try again.", reason="store.contention", retry_after=1)
        return None

    def drop(self, key: str) -> None:
        for name in self._names(key):
            self._drawers.drop(name)

    def _names(self, key: str) -> list[str]:
        return self._sealer.names(self._name, key)

    def _sealed(self, key: str, name: str, doc: Doc) -> bytes:
        return self._sealer.seal(self._name, key, name, self._json.dump_json(doc))

    def _opened(self, key: str, name: str, sealed: bytes) -> Doc | None:
        plain = self._sealer.open(self._name, key, name, sealed)
        try:
            return None if plain is None else self._json.validate_json(plain, strict=True)
        except ValidationError:  # written by another version of the gateway
            return None
