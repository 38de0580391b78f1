"""What somebody searches for, from the parameters of an address: checked, and each fault told at its field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from app.activity import Search
from app.admin.activity.words import FAMILIES
from app.core.events import Kind
from app.core.identity import Person
from app.errors import InvalidRequest

FIELDS = (
    "name", "provider", "subject", "role", "account", "kind", "from", "to", "address", "access_key_id", "reference",
)  # fmt: skip
_LONGEST = 600  # characters
_KINDS = frozenset([*map(str, Kind), *FAMILIES])
_PART = {"access_key_id": "[A-Za-z0-9_]*", "address": "[0-9A-Fa-f:.%A-Za-z]*"}


@dataclass(frozen=True, slots=True)
class Asked:
    """`texts` as they were typed, `problems` by field: a search with problems finds nothing."""

    texts: Mapping[str, str]
    problems: Mapping[str, str]
    search: Search

    @property
    def query(self) -> str:
        """For links to the same search."""
        return urlencode(self.texts)

    def require(self) -> Search:
        """Raises InvalidRequest with the first problem."""
        for name, problem in self.problems.items():
            raise InvalidRequest(f"{name}: {problem}", reason="activity.search")
        return self.search


def read(given: Mapping[str, str]) -> Asked:
    # PostgreSQL has no NUL in its texts, and neither has anything that could be found.
    texts = {name: text for name in FIELDS if (text := given.get(name, "").replace("\0", "").strip())}
    problems: dict[str, str] = {}

    def checked(name: str, read_one: Callable[[str], str]) -> str:
        text = texts.get(name, "")
        try:
            return read_one(text) if text else ""
        except ValueError as problem:
            problems[name] = str(problem)
            return ""

    def when(name: str, later: timedelta) -> datetime | None:
        told = checked(name, lambda text: _moment(text, later).isoformat())
        return datetime.fromisoformat(told) if told else None

    search = Search(
        checked("name", _short),
        _person(texts, problems),
        checked("role", _short),
        checked("account", _account),
        checked("kind", _kind),
        when("from", timedelta(0)),
        when("to", timedelta(days=1)),
        checked("address", lambda text: _begins("address", text)),
        checked("access_key_id", lambda text: _begins("access_key_id", text).upper()),
        checked("reference", lambda text: _short(text).upper()),
    )
    return Asked(texts, problems, search)


def _person(texts: Mapping[str, str], problems: dict[str, str]) -> Person | None:
    provider, subject = texts.get("provider", ""), texts.get("subject", "")
    if bool(provider) != bool(subject):
        problems["subject" if provider else "provider"] = "a subject and its provider belong together; give both."
        return None
    return Person(provider, subject) if subject else None


def _short(text: str) -> str:
    if len(text) > _LONGEST:
        raise ValueError(f"at most {_LONGEST} characters.")
    return text


def _account(text: str) -> str:
    plain = text.replace("-", "").replace(" ", "")  # as AWS's own pages show it: 1111-1111-1111
    if not re.fullmatch("[0-9]{12}", plain):
        raise ValueError("expected the twelve digits of an account.")
    return plain


def _kind(text: str) -> str:
    if text not in _KINDS:
        raise ValueError("there is no such kind of event; choose one of the list.")
    return text


def _begins(name: str, text: str) -> str:
    if not re.fullmatch(_PART[name] + r"\*?", text) or len(text) > 128:
        raise ValueError("expected a whole one, or its beginning and a * at the end.")
    return text


def _moment(text: str, later: timedelta) -> datetime:
    """A day or a moment; without a zone it is UTC. A day that ends something is meant as a whole."""
    try:
        found = datetime.fromisoformat(text)
        moment = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        return moment.astimezone(UTC) + (later if len(text) == len("2026-11-22") else timedelta(0))
    except (ValueError, OverflowError):
        raise ValueError("expected a day or a time (UTC), such as 2026-11-22 or 2026-11-22T14:30.") from None
