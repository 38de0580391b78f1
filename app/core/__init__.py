"""Decisions. Standard library only; no clock and no I/O: both are passed in."""
