"""Forms in which accounts, roles and rules are written. Sent off, a form becomes a draft: nothing is saved by it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.admin.catalog.altering import with_entry, without
from app.admin.catalog.asked import asked_number
from app.admin.catalog.desk import Desk
from app.admin.catalog.fields import FIELDS
from app.admin.catalog.lookup import KINDS, named
from app.admin.catalog.possible import possible
from app.admin.catalog.typed import Problems, Typed, as_typed, by_field, read
from app.catalog.entries import NAMED_BY, Entries, Key, Kind
from app.errors import CatalogProblems, InvalidRequest
from app.web.guards import admin, larger
from app.web.pages import page
from app.web.visit import session

_SPARE = 2  # empty lines at the end of a list
_LARGEST_FORM = 512 * 1024  # bytes: a rule with some thousand groups


@dataclass(frozen=True, slots=True)
class Form:
    """`was` is the entry's name so far, empty for a new one."""

    kind: Kind
    was: str
    base: int
    typed: Typed
    problems: Mapping[str, Sequence[str]]
    spare: int = _SPARE


def add_to(room: Blueprint, desk: Desk) -> None:
    forms = _Forms(desk)

    @room.get(f"/<{KINDS}:kind>/form")
    @admin
    def form(kind: str) -> Response:
        """`name`: of an entry; `draft`: of a change that is taken up again; any field's name: filled in beforehand."""
        desk.check_writable()
        here, which, name = desk.reader.present(), Kind(kind), request.args.get("name", "")
        number = asked_number("draft")
        if number:
            return forms.shown(forms.of_draft(number, which))
        if name:
            fields = here.entries[named(desk, kind, name)]
            return forms.shown(Form(which, name, here.number, as_typed(which, fields), {}))
        return forms.shown(Form(which, "", here.number, _begun(which, request.args.to_dict(flat=False)), {}))

    @room.post(f"/<{KINDS}:kind>/form")
    @admin
    @larger(_LARGEST_FORM)
    def send(kind: str) -> AnyResponse:
        desk.check_writable()
        which = Kind(kind)
        typed = {field.name: request.form.getlist(field.name) for field in FIELDS[which]}
        sent = Form(which, request.form.get("was", ""), _base(), typed, {})
        if "more" in request.form:
            return forms.shown(Form(which, sent.was, sent.base, typed, {}, spare=12))
        try:
            number = forms.drafted(sent)
        except _Wrong as found:
            return forms.shown(Form(which, sent.was, sent.base, typed, found.problems), 422)
        return redirect(f"/admin/catalog/changes/{number}", 303)

    @room.post(f"/<{KINDS}:kind>/remove")
    @admin
    def remove(kind: str) -> AnyResponse:
        desk.check_writable()
        here = desk.reader.present()
        wanted = without(here.entries, {named(desk, kind, request.form.get("name", ""))})
        desk.check(here.number, wanted)
        return redirect(f"/admin/catalog/changes/{desk.begin(session().identity, here.number, wanted)}", 303)


@dataclass(frozen=True, slots=True)
class _Forms:
    desk: Desk

    def shown(self, form: Form, status: int = 200) -> Response:
        here = self.desk.reader.present()
        response = page(
            "admin/catalog/form.html",
            form=form,
            fields=FIELDS[form.kind],
            labels=self.desk.labels,
            accounts={key.name: said for key, said in here.entries.items() if key.kind is Kind.ACCOUNT},
            roles={key.name: said for key, said in here.entries.items() if key.kind is Kind.ROLE},
            possible=possible(filter(None, form.typed.get("roles", ())), self.desk.reach, here.entries),
            groups=known_groups(here.entries, self.desk.groups("")),
        )
        response.status_code = status
        return response

    def drafted(self, sent: Form) -> int:
        """The number of the draft that it became. Raises _Wrong."""
        base = self.desk.at(sent.base)
        was = Key(sent.kind, sent.was) if sent.was else None
        if was is not None and was not in base:
            raise InvalidRequest(f"There is no {was} in version {sent.base}.", reason="catalog.entry")
        fields, problems = read(sent.kind, sent.typed, base[was] if was else {})
        if problems:
            raise _Wrong(problems)
        name = str(fields[NAMED_BY[sent.kind]])
        key = Key(sent.kind, name)
        if key != was and key in self.desk.reader.present().entries:
            raise _Wrong({NAMED_BY[sent.kind]: [f"there is {'an' if key.kind == 'account' else 'a'} {key} already"]})
        wanted = with_entry(base, key, fields, was)
        try:
            self.desk.check(sent.base, wanted)
        except CatalogProblems as found:
            raise _Wrong(by_field(sent.kind, name, found.problems)) from None
        return self.desk.begin(session().identity, sent.base, wanted)

    def of_draft(self, number: int, kind: Kind) -> Form:
        """What was typed, once more. Raises InvalidRequest."""
        self.desk.found(number, session().identity)
        weighed = self.desk.weigh(number, None)
        name = request.args.get("entry", "")
        proposal = self.desk.four_eyes.drafts.proposal(number)
        fields = proposal.entries.get(Key(kind, name))
        if fields is None or weighed.draft is None:
            raise InvalidRequest("This change does not write that entry.", reason="catalog.entry")
        base = self.desk.at(proposal.base)
        return Form(kind, _was(base, proposal.entries, Key(kind, name)), proposal.base, as_typed(kind, fields), {})


class _Wrong(Exception):
    def __init__(self, problems: Problems) -> None:
        super().__init__()
        self.problems = problems


def _was(base: Entries, wanted: Entries, key: Key) -> str:
    """The name of the entry before it was renamed, if it was."""
    if key in base:
        return key.name
    gone = [one.name for one in base if one.kind is key.kind and one not in wanted]
    return gone[0] if len(gone) == 1 else ""


def _base() -> int:
    text = request.form.get("base", "")
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidRequest("This form is not complete. Open it again.", reason="catalog.base")
    return int(text)


def _begun(kind: Kind, given: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """A new entry, with what the link knows of it. Only the names of fields; the values are shown, and sent by hand."""
    return {field.name: [text[:700] for text in given.get(field.name, ())][:20] for field in FIELDS[kind]}


def known_groups(found: Entries, seen: Sequence[str]) -> list[str]:
    """What can be offered while somebody types a group: those that people had, and those of other rules."""
    named = {group for fields in found.values() for group in fields.get("groups", ())}
    return sorted({*seen, *named})[:2000]
