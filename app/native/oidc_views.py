"""HTTP of AWS SSO OIDC: registration, the beginning of a device sign-in, tokens."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify

from app.grants import user_codes
from app.grants.device import CODE_LIFE
from app.grants.device_documents import INTERVAL_OF_AWS_TOOLS, Codes
from app.grants.redemption import Refused, Seen
from app.native.bodies import Body
from app.native.clients import Registered
from app.native.flow import AwsTools
from app.native.refusals import oidc_refusal
from app.sessions import Tokens
from app.web.guards import public
from app.web.visit import address, visit

_TOKEN_KEYS = (
    "grantType",
    "clientId",
    "clientSecret",
    "deviceCode",
    "code",
    "codeVerifier",
    "redirectUri",
    "refreshToken",
)


def install(room: Blueprint, flow: AwsTools) -> None:
    @room.post("/client/register")
    @public
    def register() -> Response:
        body = Body()
        return _answered(
            flow.register(body.text("clientName"), body.text("clientType"), body.texts("redirectUris"), _seen())
        )

    @room.post("/device_authorization")
    @public
    def begin() -> Response:
        """`startUrl` is a label (see views.py): nothing is looked up by it."""
        body = Body()
        answer = flow.begin(body.text("clientId"), body.text("clientSecret"), _seen())
        return oidc_refusal(answer) if isinstance(answer, Refused) else _begun(answer)

    @room.post("/token")
    @public
    def token() -> Response:
        body = Body()
        return _answered(flow.token({key: body.text(key) for key in _TOKEN_KEYS}, _seen()))

    def _begun(codes: Codes) -> Response:
        shown, page = user_codes.shown(codes.user), f"{flow.base_url}/device"
        return jsonify(
            deviceCode=codes.device,
            userCode=shown,
            verificationUri=page,
            verificationUriComplete=f"{page}?{urlencode({'user_code': shown})}",
            expiresIn=int(CODE_LIFE.total_seconds()),
            interval=INTERVAL_OF_AWS_TOOLS,
        )


def _answered(answer: Registered | Tokens | Refused) -> Response:
    match answer:
        case Refused():
            return oidc_refusal(answer)
        case Registered():
            return jsonify(
                clientId=answer.client_id,
                clientSecret=answer.client_secret,
                clientIdIssuedAt=answer.issued_at,
                clientSecretExpiresAt=answer.expires_at,
            )
        case Tokens():
            return jsonify(
                accessToken=answer.access_token,
                tokenType="Bearer",
                expiresIn=answer.expires_in,
                refreshToken=answer.refresh_token,
            )


def _seen() -> Seen:
    return Seen(address(), visit().reference)
