"""Changes on their way, for programs: begun, looked at, joined with what others saved, saved, and decided about."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app.admin.catalog.answers import as_draft, as_version, as_weighed
from app.admin.catalog.asked import NUMBER, asked_number
from app.admin.catalog.bodies import Looked, ToResolve, Wanted, Word, body_of, wanted_entries
from app.admin.catalog.changes import origin
from app.admin.catalog.desk import Desk
from app.admin.catalog.history import LARGEST_IMPORT
from app.catalog.drafts import State
from app.catalog.entries import Entries
from app.errors import InvalidRequest
from app.web.guards import admin_terminal, larger
from app.web.visit import session

_PAGE = 50


def add_to(room: Blueprint, desk: Desk) -> None:
    _looking(room, desk)
    _writing(room, desk)
    _deciding(room, desk)


def asked_for(desk: Desk, body: Wanted) -> tuple[int, Entries]:
    """The version that a change begins with, and the catalog that it wants. Raises CatalogProblems, InvalidRequest,
    CatalogReadOnly, NotFound."""
    desk.check_writable()
    base = desk.versions.newest() if body.base is None else body.base
    wanted = wanted_entries(body, desk.at(base))
    desk.check(base, wanted)
    return base, wanted


def saved(desk: Desk, number: int, reason: str) -> tuple[Response, int]:
    """201 with the version; 202 where it waits for a second person."""
    version = desk.four_eyes.save(number, session().identity, reason, origin())
    if version is None:
        return jsonify(change=as_draft(desk.four_eyes.drafts.find(number))), 202
    return jsonify(version=as_version(version)), 201


def _looking(room: Blueprint, desk: Desk) -> None:
    @room.get("/changes")
    @admin_terminal
    def changes() -> Response:
        """Without drafts of other people."""
        desk.check_writable()
        me, before, state = session().identity.person, asked_number("before"), request.args.get("state", "")
        if state and state not in list(State):
            raise InvalidRequest(f"state: expected one of {', '.join(State)}.", reason="api.state")
        found = desk.four_eyes.drafts.latest([State(state)] if state else list(State), _PAGE, before, reader=me)
        return jsonify(changes=[as_draft(one) for one in found])

    @room.get(f"/changes/<{NUMBER}:number>")
    @admin_terminal
    def change(number: int) -> Response:
        desk.check_writable()
        return _shown(desk, number)


def _writing(room: Blueprint, desk: Desk) -> None:
    @room.post("/changes")
    @admin_terminal
    @larger(LARGEST_IMPORT)
    def begin() -> tuple[Response, int]:
        """A draft, as the forms make one: nothing of it counts yet."""
        base, wanted = asked_for(desk, body_of(Wanted))
        return _shown(desk, desk.begin(session().identity, base, wanted)), 201

    @room.post(f"/changes/<{NUMBER}:number>/resolve")
    @admin_terminal
    def resolve(number: int) -> Response:
        """What others saved since stays, but for what is decided here; the draft then begins with their version."""
        desk.check_writable()
        desk.resolve(number, session().identity, body_of(ToResolve).takes_mine())
        return _shown(desk, number)

    @room.post(f"/changes/<{NUMBER}:number>/save")
    @admin_terminal
    def save_draft(number: int) -> tuple[Response, int]:
        desk.check_writable()
        return saved(desk, number, body_of(Word).reason)


def _deciding(room: Blueprint, desk: Desk) -> None:
    four_eyes = desk.four_eyes

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


def _shown(desk: Desk, number: int) -> Response:
    who = session().identity
    draft = desk.found(number, who)
    own = draft.author.person == who.person
    return jsonify(**as_draft(draft), **as_weighed(desk.weigh(number, who if own else None)))
