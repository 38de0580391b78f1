"""What happened, for programs: the same search, the same events, the same exports."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app.admin.activity.asking import FIELDS, read
from app.admin.activity.export import as_json
from app.admin.activity.flow import ActivityDesk
from app.admin.activity.views import exported
from app.errors import InvalidRequest
from app.web.forms import single_values
from app.web.guards import auditor_terminal

_KNOWN = frozenset([*FIELDS, "after"])


def blueprint(desk: ActivityDesk) -> Blueprint:
    room = Blueprint("activity_api", __name__, url_prefix="/api/v1/admin/activity")

    @room.get("")
    @auditor_terminal
    def search() -> Response:
        given = _only_known()
        found = desk.search(read(given).require(), given.get("after", ""))
        return jsonify(events=[as_json(entry) for entry in found.entries], after=found.after)

    @room.get("/<string(length=64):line>")
    @auditor_terminal
    def event(line: str) -> Response:
        entry, beside = desk.event(line)
        return jsonify(event=as_json(entry), beside=[as_json(one) for one in beside])

    @room.get("/<form>")
    @auditor_terminal
    def export(form: str) -> Response:
        _only_known()
        return exported(desk, form)

    return room


def _only_known() -> dict[str, str]:
    """A condition that is misspelt or said twice would silently find more than was meant."""
    for name, values in request.args.lists():
        if name not in _KNOWN:
            known = ", ".join(sorted(_KNOWN))
            raise InvalidRequest(f"{name[:40]}: there is no such parameter; known are {known}.", reason="api.parameter")
        if len(values) != 1:
            raise InvalidRequest(f"{name}: is said twice.", reason="api.parameter")
    return single_values(request.args)
