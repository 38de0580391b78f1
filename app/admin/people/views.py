"""The pages of people."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.admin.activity.words import called
from app.admin.people.addresses import encoded, person_at, person_path
from app.admin.people.flow import PeopleDesk
from app.errors import InvalidRequest
from app.web.forms import single_values
from app.web.guards import admin, auditor
from app.web.pages import page
from app.web.visit import principal, session


def blueprint(desk: PeopleDesk) -> Blueprint:
    room = Blueprint("people", __name__, template_folder="../templates", url_prefix="/admin/people")

    @room.get("")
    @auditor
    def find() -> Response:
        """Everybody whose name fits; without one, who is signed in now."""
        given = single_values(request.args)
        text, everybody, after = (
            given.get("q", "").replace("\0", "").strip()[:100],
            "everybody" in given,
            given.get("after", ""),
        )
        listed = desk.find(text, after) if text or everybody else desk.signed_in(after)
        return page(
            "admin/people/people.html",
            listed=listed,
            text=text,
            everybody=everybody,
            person_path=person_path,
            older=bool(after),
        )

    @room.get("/<provider>/<code>")
    @auditor
    def person(provider: str, code: str) -> Response:
        who = person_at(provider, code)
        ended = request.args.get("ended", "")
        return page(
            "admin/people/person.html",
            here=desk.page(who),
            code=encoded(who.subject),
            path=person_path(who),
            called=called,
            ended=int(ended) if ended.isascii() and ended.isdigit() and len(ended) < 5 else None,
        )

    @room.get("/<provider>/<code>/end")
    @admin
    def ask(provider: str, code: str) -> Response:
        who, handle = person_at(provider, code), _chosen(request.args)
        found = desk.page(who)
        chosen = [one for one in found.sessions if handle in ("", one.session.handle)]
        return page(
            "admin/people/end.html",
            here=found,
            chosen=chosen,
            handle=handle,
            path=person_path(who),
            csrf=session().csrf,
        )

    @room.post("/<provider>/<code>/end")
    @admin
    def end(provider: str, code: str) -> AnyResponse:
        who = person_at(provider, code)
        ended = desk.end(who, _chosen(request.form), principal())
        return redirect(f"{person_path(who)}?ended={len(ended)}", 303)

    return room


def _chosen(said: Mapping[str, str]) -> str:
    """The handle of one session, or empty for `everything=yes`: nobody ends everything by leaving something out."""
    handle, everything = said.get("session", ""), said.get("everything") == "yes"
    if bool(handle) == everything:
        raise InvalidRequest("It is not said what to end. Go back to the person's page.", reason="people.end")
    return handle
