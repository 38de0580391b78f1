"""How a row about SAML is written: what comes back from the provider, and what the gateway should make of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lxml import etree

from tests.catalogue.row import Outcome, Row, goes_in, refused
from tests.catalogue.stage import Stage
from tests.catalogue.visits import SamlVisit, arrived
from tests.forges.saml import SAML, build_assertion

Document = etree._Element | bytes | str
Make = Callable[[SamlVisit], Document]


def refuses(name: str, reasons: str, make: Make, at: str = "corp") -> Row:
    """The document that `make` makes, brought back by a person who did leave for this provider."""

    def act(stage: Stage) -> Outcome:
        visit = SamlVisit.begin(stage, at)
        return visit.post(make(visit))

    return refused(f"1.3-{name}", reasons, act)


def admits(row: str, make: Make, at: str = "corp", **facts: object) -> Row:
    def act(stage: Stage) -> Outcome:
        visit = SamlVisit.begin(stage, at)
        return arrived(visit, visit.post(make(visit)), **{"subject": "alice", **facts})

    return goes_in(f"1.3-{row}", act)


def assertion_of(root: etree._Element) -> etree._Element:
    found = root.find(f"{{{SAML}}}Assertion")
    assert found is not None
    return found


def evil(visit: SamlVisit, **changes: Any) -> etree._Element:
    return build_assertion(visit.draft(subject="mallory", assertion_id="_evil_assertion", **changes))


def altered(document: etree._Element, old: bytes, new: bytes) -> bytes:
    """The octets with something else in them; never silently the same."""
    text = etree.tostring(document)
    assert old in text, old
    return text.replace(old, new)


def claims(name: str, reasons: str, at: str = "corp", **changes: Any) -> Row:
    """An honest answer with these changes, signed by the provider itself. Functions are asked with the visit."""
    return refuses(name, reasons, lambda visit: visit.signed(changed(visit, changes)), at)


def allows(row: str, at: str = "corp", *, facts: dict[str, object] | None = None, **changes: Any) -> Row:
    return admits(row, lambda visit: visit.signed(changed(visit, changes)), at, **(facts or {}))


def changed(visit: SamlVisit, changes: dict[str, Any]) -> Any:
    return visit.draft(**{name: value(visit) if callable(value) else value for name, value in changes.items()})
