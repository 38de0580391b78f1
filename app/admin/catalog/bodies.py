"""What programs send to the API of the catalog."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal, TypeVar

from flask import request
from pydantic import Field, ValidationError

from app.admin.catalog.altering import with_entries, without
from app.admin.catalog.history import read_toml
from app.catalog.entries import NAMED_BY, Entries, Fields, Key, Kind, fields_of
from app.catalog.merging import Conflict
from app.catalog.shape import AccountEntry, RoleEntry, RuleEntry
from app.errors import CatalogProblems, ConfigurationProblems, InvalidRequest
from app.toml_files import Table, expected

SHAPES: dict[Kind, type[Table]] = {Kind.ACCOUNT: AccountEntry, Kind.ROLE: RoleEntry, Kind.RULE: RuleEntry}
MOST_CHANGES = 10_000


class EntryChange(Table):
    """An entry as it is to be; null instead of `fields` removes it, and what leans on it. `was`: its name so far, where
    it gets another one; what leans on it comes along."""

    kind: Literal["account", "role", "rule"]
    name: str = Field(min_length=1, max_length=700)
    fields: dict[str, Any] | None
    was: str | None = Field(default=None, min_length=1, max_length=700)


class Wanted(Table):
    """What the catalog is to say, beginning with version `base` (the newest, if it is left out): the entries that
    change, or the whole as the text of a catalog.toml."""

    base: int | None = Field(default=None, ge=0, le=999_999_999)
    changes: list[EntryChange] = Field(default_factory=list, max_length=MOST_CHANGES)
    catalog: str = ""


class ToSave(Wanted):
    reason: str


class ToRestore(Table):
    version: int = Field(ge=0, le=999_999_999)
    reason: str


class ToImport(Table):
    """A file of another tool, for the people of one provider. `groups`: the company's groups by name, for `adfs`.
    `method`: how roles of new accounts are taken, if not as that tool did."""

    format: Literal["consoleme", "adfs", "keycloak", "aws-auth", "csv"]
    provider: str
    text: str
    groups: list[str] = Field(default_factory=list)
    method: Literal["saml", "assume_role"] | None = None


class Word(Table):
    """Why a change is refused, or cannot wait; or what its review found. Withdrawing needs none."""

    reason: str = ""


class Decided(Table):
    """Of one conflict, as `GET .../changes/<number>` names it: what stands in the end."""

    kind: Literal["account", "role", "rule"]
    name: str = Field(min_length=1, max_length=700)
    field: str = Field(default="", max_length=200)
    take: Literal["mine", "theirs"]


class ToResolve(Table):
    """A decision about every conflict: one that is left open would be decided by us."""

    decisions: list[Decided] = Field(max_length=MOST_CHANGES)

    def takes_mine(self) -> Callable[[Conflict], bool]:
        """Whether the author's own stands. It raises InvalidRequest for a conflict that is not decided, or twice."""
        said: dict[tuple[str, str, str], list[str]] = {}
        for one in self.decisions:
            said.setdefault((one.kind, one.name, one.field), []).append(one.take)

        def mine(conflict: Conflict) -> bool:
            key, field = conflict.key, conflict.field
            taken = said.get((key.kind.value, key.name, field), [])
            if len(taken) != 1:
                place = f"{key} ({field})" if field else str(key)
                sentence = f"decisions: say once of {place} whether `mine` or `theirs` is to stand."
                raise InvalidRequest(sentence, reason="catalog.undecided")
            return taken[0] == "mine"

        return mine


class Looked(Table):
    """What was looked at, as `GET .../changes/<number>` said: approving means that, and not what it became since."""

    base: int | None = None
    newest: int | None = None

    @property
    def mark(self) -> str:
        """As `FourEyes.mark` writes it. Raises InvalidRequest for who has not looked."""
        if self.base is None or self.newest is None:
            sentence = "Say what you looked at: `base` and `newest` of the change, as a GET of it answers them."
            raise InvalidRequest(sentence, reason="catalog.unseen")
        return f"{self.base}-{self.newest}"


Body = TypeVar("Body", bound=Table)
_Asked = tuple[Key, Key, EntryChange]  # what is asked for, and how it was called so far


def body_of(shape: type[Body]) -> Body:
    """Raises InvalidRequest, naming what does not fit. A key that we do not know is refused: it may be a limit that
    somebody relies on."""
    if request.mimetype != "application/json":
        raise InvalidRequest("Send the request as application/json.", reason="api.content_type")
    try:
        return shape.model_validate_json(request.get_data(cache=False))
    except ValidationError as error:
        one = error.errors(include_url=False)[0]
        key = ".".join(str(part)[:40] for part in one["loc"]) or "the body"
        what = "is not JSON" if one["type"] == "json_invalid" else expected(one, shape)
        raise InvalidRequest(f"{key}: {what}.", reason="api.body") from None


def wanted_entries(body: Wanted, base: Entries) -> Entries:
    """Raises CatalogProblems, InvalidRequest."""
    if bool(body.changes) == bool(body.catalog):
        raise InvalidRequest("Send either `changes` or `catalog`.", reason="api.body")
    if body.catalog:
        try:
            return read_toml(body.catalog)
        except ConfigurationProblems as wrong:
            raise CatalogProblems(wrong.problems) from None
    found = base
    for run in _runs(body.changes):
        for key, was, change in run:
            _check(found, key, was, change)
        gone = {was for _, was, change in run if change.fields is None}
        found = without(found, gone) if gone else found
        written = {was: (key, _fields(key, said.fields)) for key, was, said in run if said.fields is not None}
        found = with_entries(found, written) if written else found
    return found


def _runs(changes: Sequence[EntryChange]) -> Iterator[list[_Asked]]:
    """Changes that are made in one go: all write or all remove, and none touches what another one has touched, or gives
    a role by a name that another one takes from it: that name may become a new role's. One by one, ten thousand new
    names would go through ten thousand entries each. To remove a rule goes with either: nothing leans on one."""
    run: list[_Asked] = []
    removes: bool | None = None  # None while there are only such in the run
    touched: set[Key] = set()
    left: set[str] = set()  # the ARNs of roles that get others
    for change in changes:
        key = Key(Kind(change.kind), change.name)
        was = key if change.was is None else Key(key.kind, change.was)
        sort = None if change.fields is None and key.kind is Kind.RULE else change.fields is None
        alike = sort is None or removes in (None, sort)
        if not (alike and touched.isdisjoint((key, was)) and left.isdisjoint(_given(change))):
            yield run
            run, touched, left, removes = [], set(), set(), None
        removes = sort if removes is None else removes
        run.append((key, was, change))
        touched |= {key, was}
        if key.kind is Kind.ROLE and key != was:
            left.add(was.name)
    if run:
        yield run


def _given(change: EntryChange) -> list[str]:
    """The roles of a rule that is written, as far as they can be read before they are checked."""
    roles = (change.fields or {}).get("roles")
    return [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []


def _check(found: Entries, key: Key, was: Key, change: EntryChange) -> None:
    if was not in found and (change.was is not None or change.fields is None):
        raise CatalogProblems([f"{was}: is not in the catalog"])
    if change.fields is not None and was != key and key in found:
        raise CatalogProblems([f"{key}: is in the catalog already"])


def _fields(key: Key, given: dict[str, Any]) -> Fields:
    shape = SHAPES[key.kind]
    try:
        fields = fields_of(shape.model_validate_json(json.dumps(given)))
    except ValidationError as error:
        problems = error.errors(include_url=False)
        raise CatalogProblems(
            [f"{key}: {'.'.join(str(part) for part in one['loc'])}: {expected(one, shape)}" for one in problems]
        ) from None
    name = NAMED_BY[key.kind]
    if fields.get(name) != key.name:
        raise CatalogProblems(
            [f"{key}: {name}: expected the entry's name; to rename it, say in `was` how it was called"]
        )
    return fields
