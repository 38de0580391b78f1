"""A gateway whose library fails and tells all that it knows: `gunicorn tests.leaks.faulty:app`.

What an HTTP client, a parser or a template engine puts into an exception is not ours to choose; what reaches
the log is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Response, request

from app.server import create_app
from app.settings import Settings
from app.web.guards import terminal

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


@terminal
def talkative() -> Response:
    try:
        raise ConnectionError(f"POST /token?code={request.args['code']}&state={request.args['state']} failed")
    except ConnectionError as cause:
        headers = {"Authorization": request.headers["Authorization"]}
        raise RuntimeError(f"cannot send {headers} with {request.get_data(as_text=True)}") from cause


def broken(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Fails outside of Flask, where only gunicorn is left to catch it."""
    if environ["PATH_INFO"] == "/broken":
        raise RuntimeError(f"cannot read {environ['QUERY_STRING']}")
    return honest(environ, start_response)


app = create_app(Settings.from_environment())
honest, app.wsgi_app = app.wsgi_app, broken  # type: ignore[method-assign]  # as Flask's manual says to wrap it
app.view_functions["api.credentials"] = talkative
