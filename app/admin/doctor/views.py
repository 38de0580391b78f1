"""The pages of the trust doctor. Looking again asks AWS, so it is a form."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.admin.doctor.desk import WORDS, DoctorDesk
from app.doctor.charts import State
from app.doctor.judging import Report
from app.doctor.reach import told
from app.errors import InvalidRequest
from app.web.forms import single_values
from app.web.guards import admin
from app.web.pages import page
from app.web.visit import session


def blueprint(desk: DoctorDesk) -> Blueprint:
    room = Blueprint("doctor", __name__, template_folder="../templates", url_prefix="/admin/doctor")

    @room.get("")
    @admin
    def roles() -> Response:
        given = single_values(request.args)
        text, mark, number = given.get("q", "").strip()[:100], given.get("standing", ""), given.get("page", "1")[:6]
        listed = desk.listed(text, mark, int(number) if number.isascii() and number.isdigit() else 1)
        return page("admin/doctor/roles.html", listed=listed, text=text, mark=mark, words=WORDS)

    @room.get("/<account>/<name>")
    @admin
    def role(account: str, name: str) -> Response:
        return _shown(desk.ward.report(desk.ward.find(account, name)))

    @room.post("/<account>/<name>/look")
    @admin
    def look(account: str, name: str) -> AnyResponse:
        desk.ward.look(desk.ward.find(account, name))
        return redirect(f"/admin/doctor/{account}/{name}", 303)

    @room.post("/<account>/<name>/examine")
    @admin
    def examine(account: str, name: str) -> Response:
        text = request.form.get("document", "").strip()
        if not text:
            raise InvalidRequest(
                "Nothing was pasted. Go back and paste the role's trust policy.", reason="doctor.empty"
            )
        return _shown(desk.ward.examine(desk.ward.find(account, name), text), text)

    return room


def _shown(report: Report, pasted: str = "") -> Response:
    return page(
        "admin/doctor/role.html",
        report=report,
        pasted=pasted,
        words=WORDS,
        State=State,
        reach=told(report.chart.reach) if report.chart else (),
        path=f"/admin/doctor/{report.role.arn.account}/{report.role.arn.name}",
        csrf=session().csrf,
    )
