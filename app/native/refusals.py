"""Every failure in the shape that shows our sentence to the person who typed `aws`.

AWS's tools take the kind of an error from `x-amzn-ErrorType`. At the portal they show `message`, except for
UnauthorizedException, for which they have words of their own ("run aws sso login"); so that one means exactly this, and
a refusal is ForbiddenException. What may work again in a moment has a status of 5xx or 429: tools try it three times.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, jsonify

from app.errors import (
    AwsRefused,
    GatewayError,
    InvalidRequest,
    MfaCodeRequired,
    NotFound,
    RoleDenied,
    SignInRequired,
    StepUpRequired,
    TooManyRequests,
)
from app.grants.redemption import Refused
from app.native import container, sign_in_refusals
from app.native.onward import in_words_of, is_over, way_onward
from app.web.errors import Rendering
from app.web.visit import visit

_OIDC = ("/client/register", "/device_authorization", "/token")
_PORTAL = ("/assignment/", "/federation/", "/logout")
_SIGN_IN = "/v1/token"
_LOGIN = "aws sso login"


def renderings(base_url: str) -> Mapping[str, Rendering]:
    """By the beginning of the path, for `web.errors`."""

    def portal(error: GatewayError) -> Response:
        return portal_refusal(error, base_url)

    def of_container(error: GatewayError) -> Response:
        return container.refusal(error, base_url)

    return {
        **dict.fromkeys(_OIDC, oidc_failure),
        **dict.fromkeys(_PORTAL, portal),
        container.PATH: of_container,
        _SIGN_IN: sign_in_refusals.failure,
    }


def oidc_refusal(refused: Refused, status: int = 0) -> Response:
    """RFC 6749 section 5.2, under AWS's name of the same: `invalid_grant` is InvalidGrantException there."""
    kind = "".join(word.title() for word in refused.error.split("_"))
    sentence = in_words_of(_LOGIN, refused.description)
    # In `message`, which all of them show. With `error_description` as well, newer CLIs say everything twice.
    return _shaped(
        f"{kind}Exception",
        {"error": refused.error, "message": sentence},
        status or (401 if refused.error == "invalid_client" else 400),
    )


def oidc_failure(error: GatewayError) -> Response:
    match error:
        case TooManyRequests():
            kind = "too_many_requests"
        case InvalidRequest() | NotFound():
            kind = "invalid_request"
        case SignInRequired():
            kind = "invalid_grant"
        case _:
            kind = "internal_server"
    return oidc_refusal(Refused(kind, _said(error)), error.status)


def portal_refusal(error: GatewayError, base_url: str) -> Response:
    match error:
        case SignInRequired() if is_over(error):
            kind, status = "UnauthorizedException", 401
        case StepUpRequired() | SignInRequired() | RoleDenied() | MfaCodeRequired() | AwsRefused():
            kind, status = "ForbiddenException", 403
        case NotFound():
            kind, status = "ResourceNotFoundException", 404
        case TooManyRequests():
            kind, status = "TooManyRequestsException", 429
        case _ if error.status >= 500:
            kind, status = "ServiceUnavailableException", error.status
        case _:
            kind, status = "InvalidRequestException", error.status
    return _shaped(kind, {"message": _said(error, way_onward(error, base_url, _LOGIN))}, status)


def _said(error: GatewayError, onward: str = "") -> str:
    return f"{in_words_of(_LOGIN, error.sentence)}{onward} (reference {visit().reference})"


def _shaped(kind: str, body: Mapping[str, str], status: int) -> Response:
    response = jsonify(body)
    response.status_code = status
    response.headers["x-amzn-ErrorType"] = kind
    response.headers["x-amzn-RequestId"] = visit().reference  # what AWS's tools print with --debug
    return response
