"""The catalog, for programs: everything that the pages can do. Described by `openapi`."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.admin.catalog import changes_api, importing_api
from app.admin.catalog.answers import as_difference, as_entry, as_version, as_weighed
from app.admin.catalog.asked import NUMBER, asked_number
from app.admin.catalog.bodies import ToRestore, ToSave, Wanted, body_of
from app.admin.catalog.changes_api import asked_for, saved
from app.admin.catalog.desk import Desk
from app.admin.catalog.forms import known_groups
from app.admin.catalog.history import LARGEST_IMPORT
from app.admin.catalog.lookup import as_file, named
from app.admin.catalog.possible import as_possible, possible, roles_of
from app.catalog.differences import differences
from app.catalog.editing import check_reason
from app.catalog.entries import Kind
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
    changes_api.add_to(room, desk)
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
        key = named(desk, kind, request.args.get("name", ""))
        given = roles_of(key, here.entries, desk.groups)
        roles = [as_possible(one) for one in possible(given, desk.reach, here.entries)]
        return jsonify(version=here.number, **as_entry(key, here.entries), possible=roles)

    @room.get("/groups")
    @admin_terminal
    def groups() -> Response:
        """Those that people had lately and those that rules name: what the form of a rule offers."""
        words = request.args.get("q", "")[:200].casefold().split()
        known = known_groups(desk.reader.present().entries, desk.groups(""))
        return jsonify(groups=[group for group in known if all(word in group.casefold() for word in words)])

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
        base, wanted = asked_for(desk, body)
        return jsonify(as_weighed(desk.weighed(Proposal(base, wanted, Author.of(who), ""), who)))

    @room.post("/save")
    @admin_terminal
    @larger(LARGEST_IMPORT)
    def save() -> tuple[Response, int]:
        body = body_of(ToSave)
        check_reason(body.reason)  # before there is a draft that nobody asked for
        base, wanted = asked_for(desk, body)
        return saved(desk, desk.begin(session().identity, base, wanted), body.reason)

    @room.post("/restore")
    @admin_terminal
    def restore() -> tuple[Response, int]:
        desk.check_writable()
        body = body_of(ToRestore)
        check_reason(body.reason)
        newest, wanted = desk.versions.newest(), desk.versions.entries(body.version)
        desk.check(newest, wanted)
        return saved(desk, desk.begin(session().identity, newest, wanted, body.version), body.reason)


def _compared(desk: Desk, older: int, newer: int) -> list[dict[str, Any]]:
    found = differences(desk.at(older), desk.at(newer))
    return [as_difference(one) for one in found]
