"""The trust doctor for programs: everything that the pages can do."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from app.admin.doctor.desk import DoctorDesk, Row
from app.core.credentials import as_zulu
from app.doctor.judging import Report
from app.doctor.telling import as_dictionary
from app.errors import InvalidRequest
from app.web.forms import json_body, single_values
from app.web.guards import admin_terminal


def blueprint(desk: DoctorDesk) -> Blueprint:
    room = Blueprint("doctor_api", __name__, url_prefix="/api/v1/admin/doctor")

    @room.get("")
    @admin_terminal
    def roles() -> Response:
        """`q`: a part of the name; `state`: one mark; `page`: from 1."""
        given = single_values(request.args)
        number = given.get("page", "1")
        if not (number.isascii() and number.isdigit() and len(number) < 7):
            raise InvalidRequest("page: expected a number from 1.", reason="doctor.page")
        listed = desk.listed(given.get("q", "").strip()[:100], given.get("standing", ""), int(number))
        return jsonify(
            roles=[_row(row) for row in listed.rows],
            found=listed.found,
            page=listed.number,
            pages=listed.pages,
            counts=listed.counts,
        )

    @room.get("/<account>/<name>")
    @admin_terminal
    def role(account: str, name: str) -> Response:
        return _told(desk.ward.report(desk.ward.find(account, name)))

    @room.post("/<account>/<name>/look")
    @admin_terminal
    def look(account: str, name: str) -> Response:
        return _told(desk.ward.look(desk.ward.find(account, name)))

    @room.post("/<account>/<name>/examine")
    @admin_terminal
    def examine(account: str, name: str) -> Response:
        """`{"document": "<a trust policy, as text>"}`"""
        return _told(desk.ward.examine(desk.ward.find(account, name), _document()))

    return room


def _document() -> str:
    match json_body():
        case {"document": str(text), **rest} if text.strip() and not rest:
            return text
    raise InvalidRequest('Send a JSON object: {"document": "<a trust policy, as text>"}.', reason="doctor.document")


def _row(row: Row) -> dict[str, object]:
    line = row.line
    return {
        "arn": row.role.arn,
        "account_id": row.account.id,
        "name": row.role.arn.name,
        "state": row.mark,
        "findings": line.findings if line else 0,
        "possible_escalations": len(line.reach) if line else 0,
        "looked_at": as_zulu(line.looked_at) if line else None,
        "worse_at": as_zulu(line.worse_at) if line and line.worse_at else None,
    }


def _told(report: Report) -> Response:
    return jsonify(as_dictionary(report))
