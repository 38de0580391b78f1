"""The Flask application: both protocols, the headers that every page carries, and the error page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

from flask import Blueprint, Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from app.local.idp import keys, logout_views, oidc_views, saml_views
from app.local.idp.codes import ACCESS_LIFE, CODE_LIFE, REFRESH_LIFE, CodeGrant, Keepsakes
from app.local.idp.given_sessions import GivenSessions
from app.local.idp.refusals import RefusedRequest
from app.local.idp.registration import Addresses, Registration
from app.local.idp.tokens import IdTokens

MAX_FORM = 32 * 1024  # bytes


def create(
    registration: Registration, addresses: Addresses, state_dir: Path | None, clock: Callable[[], datetime]
) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_FORM
    for saml in _saml(registration, addresses, state_dir, clock):
        app.register_blueprint(saml)
    app.register_blueprint(_oidc(registration, addresses, state_dir, clock))
    _manners(app, registration, addresses)
    return app


def policy(registration: Registration) -> str:
    """The Content-Security-Policy.

    Chromium holds `form-action` against every redirect that follows a submitted form, and a sign-in that began
    with a console link ends on another port of this machine; hence all of loopback beside the application.
    """
    destinations = " ".join(("'self'", *registration.origins, "http://127.0.0.1:*", "http://localhost:*"))
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
        f"frame-ancestors 'none'; form-action {destinations}"
    )


def _saml(
    registration: Registration, addresses: Addresses, state_dir: Path | None, clock: Callable[[], datetime]
) -> Iterator[Blueprint]:
    key, given = keys.load_or_make(state_dir, "saml", clock), GivenSessions()
    yield saml_views.blueprint(saml_views.SamlFlow(registration.saml, addresses, key, given, clock))
    if registration.saml.logs_out:
        yield logout_views.blueprint(logout_views.LogoutFlow(registration.saml, addresses, key, given, clock))


def _oidc(
    registration: Registration, addresses: Addresses, state_dir: Path | None, clock: Callable[[], datetime]
) -> Blueprint:
    client = registration.oidc
    tokens = IdTokens(addresses.issuer, client.client_id, keys.load_or_make(state_dir, "oidc", clock))
    codes: Keepsakes[CodeGrant] = Keepsakes(CODE_LIFE, clock)
    access: Keepsakes[CodeGrant] = Keepsakes(ACCESS_LIFE, clock)
    refresh: Keepsakes[CodeGrant] = Keepsakes(REFRESH_LIFE, clock)
    given = GivenSessions(most=1000)  # more than people look at: a refresh token lives as long as its session
    return oidc_views.blueprint(oidc_views.OidcFlow(client, addresses, tokens, codes, access, refresh, given, clock))


def _manners(app: Flask, registration: Registration, addresses: Addresses) -> None:
    content_security_policy = policy(registration)

    @app.get("/")
    def home() -> str:
        return render_template("home.html", addresses=addresses, logs_out=registration.saml.logs_out)

    @app.before_request
    def only_by_our_name() -> None:
        # A foreign name that resolves to 127.0.0.1 would make a stranger's page same-origin with us (DNS rebinding).
        if request.host != addresses.host:
            raise RefusedRequest(f"This server answers as {addresses.host} only.", reason="host")

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = content_security_policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    @app.errorhandler(RefusedRequest)
    def refused(error: RefusedRequest) -> tuple[str, int]:
        return render_template("refused.html", title=error.title, sentence=error.sentence), error.status

    @app.errorhandler(HTTPException)
    def http_problem(error: HTTPException) -> tuple[str, int]:
        title, sentence = error.name, error.description or error.name
        return render_template("refused.html", title=title, sentence=sentence), error.code or 500
