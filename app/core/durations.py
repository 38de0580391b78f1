"""Lengths of time, as people say them."""

from __future__ import annotations


def spoken(seconds: int) -> str:
    """`7 h 12 min`, `12 min`, `less than a minute`."""
    hours, minutes = divmod(seconds // 60, 60)
    parts = (f"{hours} h" * bool(hours), f"{minutes} min" * bool(minutes))
    return " ".join(part for part in parts if part) or "less than a minute"
