"""The first page of the admin room, and what each account must be told."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.admin.desks import DESKS, Notice
from app.admin.flow import Admin
from app.awsside.documents import Document
from app.awsside.formats import FORMATS
from app.web.guards import admin
from app.web.pages import page


def blueprint(flow: Admin, notices: Callable[[], Sequence[Notice]] = tuple) -> Blueprint:
    """`notices` are asked for at every view of the first page."""
    room = Blueprint("admin", __name__, template_folder="templates", url_prefix="/admin")

    @room.get("")
    @admin
    def start() -> Response:
        return page("admin/start.html", desks=DESKS, notices=notices())

    @room.get("/")
    @admin
    def start_with_a_slash() -> AnyResponse:
        """As many type it."""
        return redirect("/admin", 303)

    @room.get("/aws")
    @admin
    def accounts() -> Response:
        words = request.args.get("q", "").strip()[:100]
        return page("admin/accounts.html", listed=flow.accounts(words), words=words)

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
