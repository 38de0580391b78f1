"""Regions that are dead, slow, or silent: what a client's timeouts, deadline and failover are for.

A region is what the address says (`/_region/eu-west-1/`), or the credential scope of a signed call.
"""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass

from app.local.aws.knobs import Panel

_LONGEST_SILENCE = 600  # seconds; then the line is cut, so that a forgotten client keeps no thread for ever


class HungUpError(ConnectionError):
    """Ends the connection without an answer: the server above swallows it as a dropped connection."""


@dataclass(frozen=True, slots=True)
class Outages:
    panel: Panel

    def strike(self, region: str, line: socket.socket | None) -> None:
        """Returns, late perhaps, when the region works. Raises HungUpError when there will be no answer."""
        knobs = self.panel.knobs
        if region in knobs.hanging_regions:
            self._be_silent(region, line)
            hang_up(line)
        if region in knobs.dead_regions:
            hang_up(line)
        time.sleep(knobs.slow_regions.get(region, 0) / 1000)

    def _be_silent(self, region: str, line: socket.socket | None) -> None:
        """Until the client goes away, or the knob is turned back."""
        ends = time.monotonic() + _LONGEST_SILENCE
        while region in self.panel.knobs.hanging_regions and time.monotonic() < ends and not _has_left(line):
            time.sleep(0.05)


def _has_left(line: socket.socket | None) -> bool:
    if line is None:
        return False
    readable, _, _ = select.select([line], [], [], 0)
    return bool(readable) and not line.recv(1, socket.MSG_PEEK)


def hang_up(line: socket.socket | None) -> None:
    if line is not None:
        line.shutdown(socket.SHUT_RDWR)
    raise HungUpError
