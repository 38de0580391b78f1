"""What the doctor has to say: one sentence for a person for each thing that is wrong."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    BROKEN = "broken"  # our call is refused, or gives less than the catalog says
    OPEN = "open"  # somebody gets in whom nobody chose
    WEAK = "weak"  # worth closing: it keeps out less than it seems to
    UNCLEAR = "unclear"  # the doctor cannot tell


ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is stable, for programs and tests. `statement`: its number, 0 for the whole document.

    `in_the_document`: a change of the trust policy can end it.
    """

    code: str
    severity: Severity
    sentence: str
    statement: int = 0
    in_the_document: bool = True


def in_order(findings: list[Finding]) -> tuple[Finding, ...]:
    """The gravest first, each once."""
    return tuple(sorted(dict.fromkeys(findings), key=lambda found: (ORDER.index(found.severity), found.statement)))
