"""The catalog, for programs: everything that the pages can do. Described by `openapi`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.admin.catalog import importing_api
from app.admin.catalog.answers import as_difference, as_draft, as_entry, as_version, as_weighed
from app.admin.catalog.asked import NUMBER, asked_number
from app.admin.catalog.bodies import Looked, ToRestore, ToSave, Wanted, Word, body_of, wanted_entries
from app.admin.catalog.changes import origin
from app.admin.catalog.desk import Desk
from app.admin.catalog.history import LARGEST_IMPORT
from app.admin.catalog.lookup import as_file, named
from app.catalog.differences import differences
from app.catalog.drafts import State
from app.catalog.entries import Entries, Kind
from app.catalog.toml_writing import as_toml
from app.catalog.versions import Author, Proposal
from app.errors import InvalidRequest
from app.web.guards import admin_terminal, larger
from app.web.visit import session

_PAGE = 50


def blueprint(desk: Desk) -> Blueprint:
    room = Blueprint("catalog_api", __name__, url_prefix="/api/v1/admin/catalog")
    _reading(room, desk)
    _history(room, desk)
    _saving(room, desk)
    _deciding(room, desk)
    importing_api.add_to(room, desk)
    return room


def _reading(room: Blueprint, desk: Desk) -> None:
    @room.get("")
    @admin_terminal
    def find() -> Response:
        here, kind = desk.reader.present(), request.args.get("kind", "")
        if kind and kind not in list(Kind):
            raise InvalidRequest("kind: expected account, role or rule.", reason="api.kind")
        found = here.find(request.args.get("q", "")[:200], Kind(kind) if kind else None, asked_number("page", 1) or 1)
        entries = [as_entry(key, here.entries) for key in found.keys]
        return jsonify(version=here.number, entries=entries, total=found.total, page=found.page, pages=found.pages)

    @room.get("/entry")
    @admin_terminal
    def entry() -> Response:
        kind = request.args.get("kind", "")
        if kind not in list(Kind):
            raise InvalidRequest("kind: expected account, role or rule.", reason="api.kind")
        here = desk.reader.present()
        return jsonify(version=here.number, **as_entry(named(desk, kind, request.args.get("name", "")), here.entries))

    @room.get("/export")
    @admin_terminal
    def export() -> Response:
        number = asked_number("version")
        found = desk.reader.present().entries if number is None else desk.versions.entries(number)
        return as_file(as_toml(found), "catalog.toml")


def _history(room: Blueprint, desk: Desk) -> None:
    @room.get("/versions")
    @admin_terminal
    def versions() -> Response:
        desk.check_writable()
        return jsonify(versions=[as_version(one) for one in desk.versions.latest(_PAGE, asked_number("before"))])

    @room.get(f"/versions/<{NUMBER}:number>")
    @admin_terminal
    def version(number: int) -> Response:
        desk.check_writable()
        found = desk.versions.version(number)
        return jsonify(**as_version(found), differences=_compared(desk, number - 1, number))

    @room.get("/differences")
    @admin_terminal
    def compare() -> Response:
        desk.check_writable()
        older, newer = asked_number("from", 0) or 0, asked_number("to", desk.versions.newest()) or 0
        return jsonify({"from": older, "to": newer, "differences": _compared(desk, older, newer)})


def _saving(room: Blueprint, desk: Desk) -> None:
    @room.post("/plan")
    @admin_terminal
    @larger(LARGEST_IMPORT)
    def plan() -> Response:
        """Nothing is kept of it."""
        body, who = body_of(Wanted), session().identity
        base, wanted = _wanted(desk, body)
        desk.check(base, wanted)
        return jsonify(as_weighed(desk.weighed(Proposal(base, wanted, Author(who.name, who.person), ""), who)))

    @room.post("/save")
    @admin_terminal
    @larger(LARGEST_IMPORT)
    def save() -> tuple[Response, int]:
        body = body_of(ToSave)
        base, wanted = _wanted(desk, body)
        desk.check(base, wanted)
        return _saved(desk, desk.begin(session().identity, base, wanted), body.reason)

    @room.post("/restore")
    @admin_terminal
    def restore() -> tuple[Response, int]:
        desk.check_writable()
        body = body_of(ToRestore)
        newest, wanted = desk.versions.newest(), desk.versions.entries(body.version)
        desk.check(newest, wanted)
        return _saved(desk, desk.begin(session().identity, newest, wanted, body.version), body.reason)


def _deciding(room: Blueprint, desk: Desk) -> None:
    four_eyes = desk.four_eyes

    @room.get("/changes")
    @admin_terminal
    def changes() -> Response:
        """Without drafts of other people."""
        desk.check_writable()
        me, before = session().identity.person, asked_number("before")
        found = four_eyes.drafts.latest(list(State), _PAGE, before)
        seen = [one for one in found if one.state is not State.DRAFT or one.author.person == me]
        return jsonify(changes=[as_draft(one) for one in seen])

    @room.get(f"/changes/<{NUMBER}:number>")
    @admin_terminal
    def change(number: int) -> Response:
        desk.check_writable()
        draft, who = four_eyes.drafts.find(number), session().identity
        own = draft.author.person == who.person
        if draft.state is State.DRAFT and not own:
            raise InvalidRequest(f"{draft.author.name} is still writing this change.", reason="catalog.draft")
        return jsonify(**as_draft(draft), **as_weighed(desk.weigh(number, who if own else None)))

    @room.post(f"/changes/<{NUMBER}:number>/approve")
    @admin_terminal
    def approve(number: int) -> Response:
        desk.check_writable()
        four_eyes.approve(number, session().identity, origin(), body_of(Looked).mark)
        return jsonify(as_draft(four_eyes.drafts.find(number)))

    @room.post(f"/changes/<{NUMBER}:number>/<any(refuse,withdraw,review):what>")
    @admin_terminal
    def decide(number: int, what: str) -> Response:
        desk.check_writable()
        reason, who = body_of(Word).reason, session().identity
        match what:
            case "refuse":
                four_eyes.refuse(number, who, reason, origin())
            case "review":
                four_eyes.review(number, who, reason, origin())
            case _:
                four_eyes.withdraw(number, who, origin())
        return jsonify(as_draft(four_eyes.drafts.find(number)))

    @room.post(f"/changes/<{NUMBER}:number>/break-glass")
    @admin_terminal
    def break_glass(number: int) -> Response:
        desk.check_writable()
        four_eyes.break_glass(number, session().identity, body_of(Word).reason, origin())
        return jsonify(as_draft(four_eyes.drafts.find(number)))


def _wanted(desk: Desk, body: Wanted) -> tuple[int, Entries]:
    desk.check_writable()
    base = desk.versions.newest() if body.base is None else body.base
    return base, wanted_entries(body, desk.at(base))


def _saved(desk: Desk, number: int, reason: str) -> tuple[Response, int]:
    """201 with the version; 202 where it waits for a second person."""
    version = desk.four_eyes.save(number, session().identity, reason, origin())
    if version is None:
        return jsonify(change=as_draft(desk.four_eyes.drafts.find(number))), 202
    return jsonify(version=as_version(version)), 201


def _compared(desk: Desk, older: int, newer: int) -> list[dict[str, Any]]:
    found = differences(desk.at(older), desk.at(newer))
    return [as_difference(one) for one in found]
