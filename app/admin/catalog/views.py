"""The pages of this desk, joined: one blueprint."""

from __future__ import annotations

from flask import Blueprint

from app.admin.catalog import changes, forms, history, importing, lookup
from app.admin.catalog.desk import Desk


def blueprint(desk: Desk) -> Blueprint:
    room = Blueprint("catalog", __name__, template_folder="../templates", url_prefix="/admin/catalog")
    lookup.add_to(room, desk)
    forms.add_to(room, desk)
    changes.add_to(room, desk)
    history.add_to(room, desk)
    importing.add_to(room, desk)
    return room
