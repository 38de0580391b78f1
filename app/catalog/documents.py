"""Whole catalogs as the database keeps them: packed, and read again."""

from __future__ import annotations

import hashlib
import json
import threading
import zlib
from collections import deque

from pydantic import ValidationError

from app.catalog.entries import Entries, document, entries
from app.catalog.shape import CatalogShape
from app.errors import DatabaseUnavailable

_KEPT = 4  # the one in force, the one before it, and two that are wanted


def packed(wanted: Entries) -> bytes:
    return zlib.compress(json.dumps(document(wanted), ensure_ascii=False).encode(), level=6)


def unpacked(found: bytes, what: str) -> Entries:
    """Raises DatabaseUnavailable, naming `what`."""
    try:
        return entries(CatalogShape.model_validate_json(zlib.decompress(found)))
    except (zlib.error, ValidationError) as unreadable:
        raise DatabaseUnavailable(
            f"{what} cannot be read. The people who run the gateway must look at it.", reason="catalog.unreadable"
        ) from unreadable


class Documents:
    """Those that were read a moment ago. What is the same in the database is the same object here, so that `Views`
    knows it again: ten thousand rules take half a second to read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: deque[tuple[bytes, Entries]] = deque(maxlen=_KEPT)

    def read(self, found: bytes, what: str) -> Entries:
        """As `unpacked`."""
        mark = hashlib.sha256(found).digest()
        with self._lock:
            known = next((one for one in self._kept if one[0] == mark), None)
            if known is not None:
                self._kept.remove(known)
                self._kept.append(known)
                return known[1]
        read = unpacked(found, what)
        with self._lock:
            self._kept.append((mark, read))
        return read
