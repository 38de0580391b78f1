"""Rendering: every page is a template of its room inside the shared layout."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from flask import Blueprint, Flask, Response, make_response, render_template, request, send_from_directory, url_for

from app.core.durations import spoken
from app.web.guards import public
from app.web.visit import visit

_STATIC = Path(__file__).parent / "static"


def install(app: Flask) -> None:
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["static"] = _static
    app.jinja_env.filters["span"] = span
    app.jinja_env.filters["clock"] = clock
    app.jinja_env.filters["spoken"] = spoken


def page(template: str, **values: object) -> Response:
    """`values` plus `visit`: the reference, the CSP nonce and the session, if there is one."""
    return make_response(render_template(template, visit=visit(), **values))


def span(length: timedelta) -> str:
    return spoken(int(length.total_seconds()))


def clock(moment: datetime) -> str:
    """`20:28 UTC`. The page's script writes it in the reader's own time."""
    return f"{moment:%H:%M} UTC"


def blueprint() -> Blueprint:
    """The stylesheet, the script and the icon."""
    room = Blueprint("static", __name__)

    @room.get("/static/<path:name>")
    @public
    def file(name: str) -> Response:
        # Sent whole, whatever is asked: werkzeug fails on an If-Modified-Since of the year 99999999999, and an address
        # that names its content's hash is asked once.
        response = send_from_directory(_STATIC, name, conditional=False)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if "v" in request.args else "no-cache"
        return response

    return room


def _static(name: str) -> str:
    """The address of a static file, with its content's hash: a new version is fetched at once, an old one never."""
    return url_for("static.file", name=name, v=_versions()[name])


@cache
def _versions() -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:10] for path in _STATIC.iterdir()}
