"""One line of the journal, as it is searched for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Row, String

from app.audit.records import digest, number_in
from app.core.identity import Person
from app.database.tables import activity

_TEXTS = ("kind", "provider", "subject", "name", "address", "reference")  # beside each other in a line
_ACCOUNT = re.compile(r"(?:arn:[a-z-]+:(?:iam|sts)::)?(?P<account>[0-9]{12})[:/]", re.ASCII)
_LENGTHS = {column.name: column.type.length or 0 for column in activity.c if type(column.type) is String}


@dataclass(frozen=True, slots=True)
class Entry:
    """`line` is the SHA-256 of the journal's line, by which it is found there, and here."""

    line: str
    at: datetime
    kind: str
    provider: str
    subject: str
    name: str
    account: str
    role: str
    access_key_id: str
    address: str
    reference: str
    facts: Mapping[str, object] = field(default_factory=dict)

    @property
    def person(self) -> Person | None:
        """None where nobody was verified: what a forger claims to be is nobody's."""
        return Person(self.provider, self.subject) if self.provider and self.subject else None

    @property
    def session(self) -> str:
        """The handle of the browser or terminal; empty if the event has none."""
        return str(self.facts.get("session", ""))


def read_line(line: bytes) -> Entry | None:
    """None for what is not a record: the torn end of a line that a crash left."""
    if number_in(line) is None:
        return None
    found = json.loads(line)
    try:
        at, facts = datetime.fromisoformat(found["at"]), dict(found["facts"])
        texts = {name: str(found[name]) for name in _TEXTS}
    except (KeyError, TypeError, ValueError):
        return None
    if at.tzinfo is None:
        return None
    role = _text(facts, "role")
    told = _ACCOUNT.match(role)
    texts |= {"role": role, "account": told["account"] if told else "", "access_key_id": _text(facts, "access_key_id")}
    return Entry(line=digest(line), at=at, facts=facts, **{name: _fitting(name, text) for name, text in texts.items()})


def row_of(entry: Entry) -> dict[str, object]:
    names = ("line", "at", "provider", "subject", "name", "account", "role", "access_key_id", "kind")
    row = {name: getattr(entry, name) for name in (*names, "address", "reference")}
    return {**row, "facts": json.dumps(dict(entry.facts), ensure_ascii=True, separators=(",", ":"))}


def entry_of(row: Row[tuple[object, ...]]) -> Entry:
    found = dict(row._mapping)
    found.pop("id")
    return Entry(**{**found, "facts": json.loads(str(found["facts"]))})


def _text(facts: Mapping[str, object], name: str) -> str:
    found = facts.get(name, "")
    return found if isinstance(found, str) else ""


def _fitting(name: str, text: str) -> str:
    """What both databases take. A line that one of them refuses would be tried again for ever, and none after it."""
    plain = text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    return plain[: _LENGTHS[name]]
