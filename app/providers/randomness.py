"""Randomness, passed in: `secrets.token_bytes` in the program, something repeatable in a test."""

from __future__ import annotations

from collections.abc import Callable

Random = Callable[[int], bytes]
