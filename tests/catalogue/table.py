"""All rows, and what came of each."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tests.catalogue import (
    homes,
    oidc_endings,
    oidc_flow,
    oidc_groups,
    oidc_keys,
    oidc_refresh,
    oidc_tokens,
    saml_claims,
    saml_encrypted,
    saml_endings,
    saml_endings_by_post,
    saml_metadata,
    saml_shape,
    saml_signatures,
    saml_unasked,
    switches,
)
from tests.catalogue.row import Outcome, Row, Verdict
from tests.catalogue.stage import Stage
from tests.catalogue.visits import NoDeparture

MODULES = (
    saml_shape,
    saml_signatures,
    saml_claims,
    saml_encrypted,
    saml_unasked,
    saml_metadata,
    saml_endings,
    saml_endings_by_post,
    oidc_tokens,
    oidc_keys,
    oidc_flow,
    oidc_groups,
    oidc_endings,
    oidc_refresh,
    switches,
)
HOMES: homes.Homes = homes.HOMES | {
    name: home for module in MODULES for name, home in getattr(module, "HOMES", {}).items()
}


@dataclass(frozen=True, slots=True)
class Result:
    row: Row
    got: Outcome
    wrong: tuple[str, ...]

    @property
    def line(self) -> str:
        got = f"{self.got.verdict} {self.got.status or ''} {self.got.reason}".rstrip()
        mark = "" if not self.wrong else f"   <-- {'; '.join(self.wrong)}"
        return f"{self.row.id:<64.64} {self.row.expected:<8} {got:<44} {self.got.milliseconds:7.0f}{mark}"


def all_rows() -> tuple[Row, ...]:
    """Raises ValueError if two rows have one id."""
    rows = tuple(row for module in MODULES for row in module.rows())
    ids = [row.id for row in rows]
    if twice := {name for name in ids if ids.count(name) > 1}:
        raise ValueError(f"two rows of one id: {sorted(twice)}")
    return rows


def play(row: Row, stage: Stage) -> Result:
    """The row, played and judged. A gateway that does not send the browser away has answered too."""
    try:
        got = row.act(stage)
    except NoDeparture as stopped:
        got = stage.outcome(stopped.answer, stopped.milliseconds, stopped.person)
    return Result(row, got, tuple(row.judge(got, stage.uniform())))


def played(rows: Iterable[Row], stage: Stage) -> Iterator[Result]:
    yield from (play(row, stage) for row in rows)


def summary(results: Sequence[Result], started: float) -> str:
    wrong = sum(bool(result.wrong) for result in results)
    worst = max((result.got.status for result in results), default=0)
    families = {name: sum(result.row.expected is name for result in results) for name in Verdict}
    counted = ", ".join(f"{number} {name}" for name, number in families.items() if number)
    return (
        f"{len(results)} rows ({counted}): {len(results) - wrong} as expected, {wrong} not; "
        f"highest status {worst}; {time.perf_counter() - started:.1f} s"
    )
