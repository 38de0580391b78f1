"""Pages of the admin room."""

from __future__ import annotations

import json

from flask import Blueprint, Response, request

from app.admin.flow import Admin
from app.awsside.documents import Document
from app.awsside.formats import FORMATS
from app.web.guards import admin
from app.web.pages import page


def blueprint(flow: Admin) -> Blueprint:
    room = Blueprint("admin", __name__, template_folder="templates", url_prefix="/admin")

    @room.get("")
    @admin
    def accounts() -> Response:
        return page("admin/accounts.html", listed=flow.accounts())

    @room.get("/aws/<account>")
    @admin
    def aws(account: str) -> Response:
        return page("admin/aws.html", side=flow.side(account), formats=FORMATS, pretty=_pretty)

    @room.get("/aws/<account>/<form>")
    @admin
    def file(account: str, form: str) -> Response:
        found = flow.file(account, form, request.args.get("role", ""))
        response = Response(found.text, mimetype="application/json")
        response.headers.set("Content-Disposition", "attachment", filename=found.name)
        return response

    return room


def _pretty(document: Document) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False)
