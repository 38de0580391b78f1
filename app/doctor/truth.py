"""Yes, no, or cannot tell. What cannot be told stays so through every conclusion that hangs on it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Truth(StrEnum):
    YES = "yes"
    NO = "no"
    UNCLEAR = "cannot tell"


def known(answer: bool) -> Truth:
    return Truth.YES if answer else Truth.NO


def opposite(truth: Truth) -> Truth:
    match truth:
        case Truth.YES:
            return Truth.NO
        case Truth.NO:
            return Truth.YES
        case Truth.UNCLEAR:
            return Truth.UNCLEAR


def every(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    if Truth.NO in found:
        return Truth.NO
    return Truth.UNCLEAR if Truth.UNCLEAR in found else Truth.YES


def some(truths: Iterable[Truth]) -> Truth:
    return opposite(every(opposite(truth) for truth in truths))
