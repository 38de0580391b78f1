"""HTTP of the sign-in room."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.sessions import Browsers
from app.signin.flow import ATTEMPT_LIFE, From, SignedIn, SignIn
from app.web.cookies import Cookie
from app.web.forms import single_values
from app.web.guards import public, signed_in
from app.web.pages import page
from app.web.returns import own_path
from app.web.visit import address, session, visit

_LARGEST_ANSWER = 600 * 1024  # a SAML response of 256 KiB in base64, form-encoded


def blueprint(flow: SignIn, browsers: Browsers, session_cookie: Cookie, attempt_cookie: Cookie) -> Blueprint:
    room = Blueprint("signin", __name__, template_folder="templates")

    def opened(signed: SignedIn) -> AnyResponse:
        """A new session id at every sign-in; an old session of this browser ends."""
        browsers.end(session_cookie.read())
        response = redirect(signed.return_to, 303)
        session_cookie.write(response, signed.cookie, signed.session.expires_at - signed.session.opened_at)
        return response

    @room.get("/signin")
    @public
    def choose() -> AnyResponse:
        to = own_path(current_app, request.args.get("to", "/"))
        providers = list(flow.registry)
        if len(providers) == 1:
            return redirect(f"/signin/{providers[0].id}?" + urlencode({"to": to}), 303)
        return page("signin/choose.html", providers=providers, to=to)

    @room.get("/signin/<provider_id>")
    @public
    def start(provider_id: str) -> AnyResponse:
        # One binding for all tabs of a browser, so that a second tab does not break the first.
        binding = attempt_cookie.read() or secrets.token_urlsafe(32)
        to = own_path(current_app, request.args.get("to", "/"))
        response = redirect(flow.start(provider_id, binding, to, _origin()), 303)
        attempt_cookie.write(response, binding, ATTEMPT_LIFE)
        return response

    @room.get("/signin/<provider_id>/callback")
    @public
    def callback(provider_id: str) -> AnyResponse:
        return opened(flow.oidc_answer(provider_id, single_values(request.args), attempt_cookie.read(), _origin()))

    @room.post("/signin/<provider_id>/acs")
    @public
    def assertion_consumer(provider_id: str) -> AnyResponse:
        request.max_content_length = _LARGEST_ANSWER
        request.max_form_memory_size = _LARGEST_ANSWER
        form = single_values(request.form)
        ticket = flow.saml_answer(provider_id, form.get("SAMLResponse", ""), form.get("RelayState", ""), _origin())
        return redirect("/signin/resume?" + urlencode({"ticket": ticket}), 303)

    @room.get("/signin/resume")
    @public
    def resume() -> AnyResponse:
        return opened(flow.resume(request.args.get("ticket", ""), attempt_cookie.read(), _origin()))

    @room.get("/signin/<provider_id>/metadata")
    @public
    def metadata(provider_id: str) -> Response:
        return Response(flow.metadata(provider_id), mimetype="application/samlmetadata+xml")

    @room.post("/signout")
    @signed_in
    def sign_out() -> AnyResponse:
        flow.end(session_cookie.read(), session(), _origin())
        response = redirect("/signout", 303)
        session_cookie.clear(response)
        return response

    @room.get("/signout")
    @public
    def signed_out() -> Response:
        return page("signin/signed_out.html")

    return room


def _origin() -> From:
    return From(address(), visit().reference)
