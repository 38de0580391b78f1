"""gateway.toml in use: looked at again and again, and the last good one kept when a change cannot be used.

Looked at are also the files that it names (metadata, secrets, keys), at most once a second in each worker, and by what
is in them: a file that was put in place of another, in a mounted volume or by a copy that kept its time, counts too.

Only the `[[provider]]` tables take effect without a restart. Everything else was built into the gateway at its start.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

from app.errors import ConfigurationProblems
from app.gateway_file import Check, Gateway, load_gateway
from app.providers.settings import ProviderSettings
from app.toml_files import read_text

_LOG = logging.getLogger("fedgate.gateway")
_EVERY = 1.0  # seconds
_PATIENCE = 1.0  # seconds that others wait for the one who looks: a mounted volume may hang, and people must go on


class WatchedGateway:
    """`check` says what is wrong with providers beyond their shape: all of a change is taken, or nothing of it."""

    def __init__(
        self,
        path: Path,
        check: Check,
        clock: Callable[[], float] = time.monotonic,
        every: float = _EVERY,
    ) -> None:
        """Raises ConfigurationProblems if the file cannot be used."""
        self._path, self._check, self._clock, self._every = path, check, clock, every
        self._lock = threading.Lock()
        self._looked_at = clock()
        self._seen: dict[Path, str] = {}
        self._problems: tuple[str, ...] = ()
        self._gateway = self._at_start = self._load()

    def gateway(self) -> Gateway:
        """Costs nothing but for the one caller in a second who looks at the disk, and for those who come meanwhile:
        what changed longer ago than that second is seen by all of them."""
        if self._is_due() and self._lock.acquire(timeout=_PATIENCE):
            try:
                if self._is_due():
                    began = self._clock()
                    self._look()
                    self._looked_at = began
            finally:
                self._lock.release()
        return self._gateway

    def _is_due(self) -> bool:
        return self._clock() - self._looked_at >= self._every

    def providers(self) -> tuple[ProviderSettings, ...]:
        """The same object for as long as nothing has changed."""
        return self.gateway().providers

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the files on the disk, if the last good configuration is in use instead."""
        self.gateway()
        return self._problems

    def waiting(self) -> tuple[str, ...]:
        """What was changed in the file and counts only after a restart."""
        now, begun = self.gateway(), self._at_start
        names = [field.name for field in fields(Gateway) if field.name != "providers"]
        return tuple(name for name in names if getattr(now, name) != getattr(begun, name))

    def _look(self) -> None:
        if all(_digest(path) == digest for path, digest in self._seen.items()):
            return
        try:
            self._gateway, self._problems = self._load(), ()
            _LOG.info("gateway file read again")
        except ConfigurationProblems as found:
            self._problems = tuple(found.problems)
            _LOG.error("gateway file not used: %s", "; ".join(found.problems))

    def _load(self) -> Gateway:
        self._seen = {}
        return load_gateway(self._path, self._noted, self._check)

    def _noted(self, path: Path) -> str:
        """The text, whose digest is kept: of what was read, not of what may lie there a moment later."""
        self._seen[path] = ""
        text = read_text(path)
        self._seen[path] = _digest_of(text)
        return text


def _digest(path: Path) -> str:
    """Empty if it cannot be read."""
    try:
        return _digest_of(read_text(path))
    except ConfigurationProblems:
        return ""


def _digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
