"""The pages of what happened."""

from __future__ import annotations

from flask import Blueprint, Response, request

from app.admin.activity.asking import read
from app.admin.activity.export import FORMATS, csv_lines, json_lines
from app.admin.activity.flow import ActivityDesk, Found
from app.admin.activity.words import LABELS, called, choices
from app.admin.people.addresses import person_path
from app.errors import NotFound
from app.web.forms import single_values
from app.web.guards import auditor
from app.web.pages import page
from app.web.visit import principal


def blueprint(desk: ActivityDesk) -> Blueprint:
    room = Blueprint("activity", __name__, template_folder="../templates", url_prefix="/admin/activity")

    @room.get("")
    @auditor
    def search() -> Response:
        given = single_values(request.args)
        asked = read(given)
        found = Found((), "") if asked.problems else desk.search(asked.search, given.get("after", ""))
        return page(
            "admin/activity/search.html",
            asked=asked,
            found=found,
            labels=LABELS,
            kinds=choices(),
            formats=FORMATS,
            called=called,
            person_path=person_path,
            older="after" in given,
        )

    @room.get("/<string(length=64):line>")
    @auditor
    def event(line: str) -> Response:
        entry, beside = desk.event(line)
        return page("admin/activity/event.html", entry=entry, beside=beside, called=called, person_path=person_path)

    @room.get("/<form>")
    @auditor
    def export(form: str) -> Response:
        return exported(desk, form)

    return room


def exported(desk: ActivityDesk, form: str) -> Response:
    """Sent while it is read: an export has no size that is known before."""
    if form not in FORMATS:
        raise NotFound("There is no such export: choose csv or jsonl.")
    found = desk.export(read(single_values(request.args)), form, principal())
    lines = csv_lines(found) if form == "csv" else json_lines(found)
    response = Response(lines, mimetype=FORMATS[form][1])
    name = f"fedgate-activity-{desk.clock():%Y%m%dT%H%M%SZ}.{form}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
