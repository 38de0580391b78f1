"""HTTP of the terminal room."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.errors import SignInRequired, StepUpRequired
from app.grants.device import GRANT
from app.grants.flow import TerminalSignIn
from app.grants.redemption import Refused, Seen
from app.grants.requests import MFA, AuthorizationRequest
from app.sessions import Tokens
from app.terminal import device_views
from app.web.forms import single_values
from app.web.guards import public, signed_in
from app.web.pages import page
from app.web.visit import address, principal, session, visit

_LOOPBACK_ANSWER = "http://127.0.0.1:*"


def blueprint(flow: TerminalSignIn, zipapp: bytes) -> Blueprint:
    room = Blueprint("terminal", __name__, template_folder="templates")
    device = flow.device
    if device is None:
        device_views.install_off(room)
    else:
        device_views.install(room, device, flow.issuer)

    @room.get("/.well-known/oauth-authorization-server")
    @public
    def metadata() -> Response:
        return jsonify(
            issuer=flow.issuer,
            authorization_endpoint=f"{flow.issuer}/oauth/authorize",
            token_endpoint=f"{flow.issuer}/oauth/token",
            revocation_endpoint=f"{flow.issuer}/oauth/revoke",
            response_types_supported=["code"],
            grant_types_supported=["authorization_code", "refresh_token", *([GRANT] if device else [])],
            acr_values_supported=[MFA],
            code_challenge_methods_supported=["S256"],
            token_endpoint_auth_methods_supported=["none"],
            authorization_response_iss_parameter_supported=True,
            **({"device_authorization_endpoint": f"{flow.issuer}/oauth/device_authorization"} if device else {}),
        )

    @room.get("/oauth/authorize")
    @signed_in
    def ask() -> Response:
        """The person is asked every time: otherwise any page could sign a terminal in by a link."""
        wanted = AuthorizationRequest.parse(single_values(request.args))
        flow.check(session(), wanted)
        # Chromium applies form-action to the redirect that answers a form, too.
        visit().form_targets = _LOOPBACK_ANSWER
        return page("terminal/authorize.html", wanted=wanted, here=session(), until=flow.until(session()))

    @room.post("/oauth/authorize")
    @signed_in
    def decide() -> AnyResponse:
        visit().form_targets = _LOOPBACK_ANSWER
        form = single_values(request.form)
        wanted = AuthorizationRequest.parse(form)
        if form.get("answer") != "yes":
            return redirect(flow.decline(wanted), 303)
        try:
            return redirect(flow.approve(principal(), wanted), 303)
        except StepUpRequired:
            # The page stood open for too long. Asked anew, it leads to the provider and back.
            return redirect(f"/oauth/authorize?{urlencode(wanted.fields())}", 303)

    @room.post("/oauth/token")
    @public
    def token() -> Response:
        try:
            answer = flow.token(single_values(request.form), address(), visit().reference)
        except SignInRequired as ended:
            answer = Refused("invalid_grant", ended.sentence)
        return _oauth(answer)

    @room.post("/oauth/revoke")
    @public
    def revoke() -> Response:
        refused = flow.revoke(single_values(request.form), Seen(address(), visit().reference))
        return jsonify({}) if refused is None else _oauth(refused)

    @room.get("/cli/fedgate.pyz")
    @public
    def cli() -> Response:
        headers = {"Content-Disposition": "attachment; filename=fedgate.pyz", "Cache-Control": "public, max-age=300"}
        return Response(zipapp, mimetype="application/octet-stream", headers=headers)

    return room


def _oauth(answer: Tokens | Refused) -> Response:
    match answer:
        case Tokens():
            return jsonify(
                access_token=answer.access_token,
                token_type="Bearer",  # noqa: S106 - the type's name
                expires_in=answer.expires_in,
                refresh_token=answer.refresh_token,
                refresh_expires_in=answer.refresh_expires_in,
            )
        case Refused():
            response = jsonify(error=answer.error, error_description=answer.description)
            response.status_code = 401 if answer.error == "invalid_client" else 400
            return response
