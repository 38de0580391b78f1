"""HTTP of `aws login`: the page on which the person picks a role, and the address where the terminal gets its keys."""

from __future__ import annotations

import base64
import json
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.core.roles import RoleArn
from app.errors import GatewayError, InvalidRequest, StepUpRequired
from app.grants.redemption import Refused, Seen
from app.native.bodies import Body
from app.native.sign_in_flow import AwsLogin, Given, may_come_again, role_of
from app.native.sign_in_refusals import refused
from app.native.sign_in_requests import LoginRequest
from app.web.forms import single_values
from app.web.guards import public, signed_in
from app.web.pages import page
from app.web.visit import address, principal, session, visit

AUTHORIZE, TOKEN = "/v1/authorize", "/v1/token"
_LOOPBACK_ANSWER = "http://127.0.0.1:*"  # Chromium applies form-action to the redirect that answers a form, too


def install(room: Blueprint, flow: AwsLogin) -> None:
    @room.get(AUTHORIZE)
    @signed_in
    def login_page() -> Response:
        """Nothing is picked by the link alone; `role` is only where the page begins, after a stronger sign-in."""
        query = single_values(request.args)
        asked, wanted = LoginRequest.parse(query, flow.base_url), query.get("role", "")
        flow.check(principal(), asked, role_of(wanted) if wanted else None)
        visit().form_targets = _LOOPBACK_ANSWER
        roles, until = flow.roles(session()), flow.sign_in.until(session())
        return page("native/login.html", asked=asked, here=session(), roles=roles, wanted=wanted, until=until)

    @room.post(AUTHORIZE)
    @signed_in
    def login_picked() -> AnyResponse:
        visit().form_targets = _LOOPBACK_ANSWER
        form = single_values(request.form)
        asked = LoginRequest.parse(form, flow.base_url)
        if form.get("answer") == "yes":
            return _agreed(flow, asked, role_of(form.get("role", "")))
        if asked.elsewhere:
            return page("native/login_declined.html")
        return redirect(asked.answer(flow.base_url, error="access_denied"), 303)

    @room.post(TOKEN)
    @public
    def login_token() -> Response:
        """CreateOAuth2Token. AWS has more calls at this address, told apart by the query; they are not served."""
        if request.query_string:
            raise InvalidRequest("This call of AWS Sign-In is not served here.", reason="login.call")
        flow.spend(address())
        body = Body()
        proof = flow.proofs.take(request.headers.get("DPoP", ""), "POST", f"{flow.base_url}{TOKEN}")
        seen, client_id = Seen(address(), visit().reference), body.text("clientId")
        try:
            match body.text("grantType"):
                case "authorization_code":
                    sent = (client_id, body.text("redirectUri"))
                    return _answered(flow.redeem(body.text("code"), body.text("codeVerifier"), sent, proof, seen))
                case "refresh_token":
                    return _answered(flow.refresh(body.text("refreshToken"), client_id, proof, seen), again=True)
                case _:
                    raise InvalidRequest("grantType: expected authorization_code or refresh_token.")
        except GatewayError as error:
            if may_come_again(error):
                flow.proofs.forget(proof)
            raise


def _agreed(flow: AwsLogin, asked: LoginRequest, role: RoleArn) -> AnyResponse:
    try:
        code = flow.approve(principal(), asked, role)
    except StepUpRequired:
        # A form cannot be sent again behind the provider. The page can be opened again, and leads there.
        return redirect(f"{AUTHORIZE}?{urlencode({**asked.fields(), 'role': role})}", 303)
    if asked.elsewhere:
        return page("native/login_code.html", shown=asked.to_be_pasted(code), role=role)
    return redirect(asked.answer(flow.base_url, code=code), 303)


def _answered(answer: Given | Refused, *, again: bool = False) -> Response:
    if isinstance(answer, Refused):
        return refused(answer)
    given = answer.credentials
    keys = {
        "accessKeyId": given.access_key_id,
        "secretAccessKey": given.secret_access_key,
        "sessionToken": given.session_token,
    }
    return jsonify(
        accessToken=keys,
        tokenType="aws_sigv4",
        expiresIn=answer.expires_in,
        refreshToken=answer.refresh_token,
        **({} if again else {"idToken": _id_token(given.assumed_role_arn or answer.role)}),
    )


def _id_token(subject: str) -> str:
    """The CLI names the session after its subject, and verifies nothing. Not signed: a token under the key that AWS
    trusts, for anything but an issuing, is one too many."""
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": subject})
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts), ""])
