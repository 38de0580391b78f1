"""People and their sessions, for programs. Whose address ends how: `addresses`."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app.admin.activity.export import as_json
from app.admin.people.addresses import encoded, person_at, person_path
from app.admin.people.flow import Here, Listed, OpenSession, PeopleDesk
from app.core.credentials import as_zulu
from app.core.identity import Person
from app.errors import InvalidRequest
from app.sessions import LiveSession
from app.web.forms import json_body, single_values
from app.web.guards import admin_terminal, auditor_terminal
from app.web.visit import principal

_UNDER = "/api/v1/admin/people"


def blueprint(desk: PeopleDesk) -> Blueprint:
    room = Blueprint("people_api", __name__, url_prefix=_UNDER)

    @room.get("")
    @auditor_terminal
    def find() -> Response:
        """`q`: a part of the name; `signed_in=true`: only who is signed in now; `after`: where the list goes on."""
        given = single_values(request.args)
        text, after = given.get("q", "").replace("\0", "").strip()[:100], given.get("after", "")
        if given.get("signed_in", "false") not in ("true", "false"):
            raise InvalidRequest("signed_in: expected true or false.", reason="people.signed_in")
        now = given.get("signed_in") == "true"
        if now and text:
            raise InvalidRequest("Give q or signed_in, not both.", reason="people.signed_in")
        return jsonify(_listed(desk.signed_in(after) if now else desk.find(text, after)))

    @room.get("/<provider>/<code>")
    @auditor_terminal
    def person(provider: str, code: str) -> Response:
        here = desk.page(person_at(provider, code))
        known = here.known
        return jsonify(
            **_named(known.person, known.name),
            groups=None if known.groups is None else list(known.groups),
            seen_at=as_zulu(known.seen_at) if known.seen_at is not None else None,
            sessions=[_session(one) for one in here.sessions],
            took=[as_json(entry) for entry in here.took],
            credentials_until=as_zulu(here.given_until) if here.given_until is not None else None,
        )

    @room.post("/<provider>/<code>/end")
    @admin_terminal
    def end(provider: str, code: str) -> Response:
        ended = desk.end(person_at(provider, code), _what_to_end(), principal())
        return jsonify(ended=[_alive(one) for one in ended])

    return room


def _what_to_end() -> str:
    """`{"session": "<its handle>"}` or `{"everything": true}`: nobody ends everything by leaving something out."""
    match json_body():
        case {"session": str(handle), **rest} if handle and not rest:
            return handle
        case {"everything": True, **rest} if not rest:
            return ""
    raise InvalidRequest(
        'Send a JSON object: {"session": "<its handle>"} or {"everything": true}.', reason="people.end"
    )


def _listed(listed: Listed) -> dict[str, object]:
    return {"people": [_here(one) for one in listed.people], "after": listed.after}


def _here(one: Here) -> dict[str, object]:
    said = {"seen_at": as_zulu(one.seen.at), "sessions": [_alive(each) for each in one.sessions]}
    return {**_named(one.seen.person, one.seen.name), **said}


def _named(person: Person, name: str) -> dict[str, object]:
    return {
        "provider": person.provider,
        "subject": person.subject,
        "code": encoded(person.subject),
        "path": person_path(person, _UNDER),
        "name": name,
    }


def _session(one: OpenSession) -> dict[str, object]:
    return {**_alive(one.session), "address": one.address}


def _alive(one: LiveSession) -> dict[str, object]:
    return {
        "handle": one.handle,
        "device": one.device,
        "opened_at": as_zulu(one.opened_at),
        "used_at": as_zulu(one.used_at),
        "ends_at": as_zulu(min(one.expires_at, one.used_at + one.idle)),
    }
