"""What `aws login` and its refreshes are told when they get nothing.

For AccessDeniedException AWS's tools have sentences of their own, by its `error`: right for a sign-in that is over, and
misleading for a policy (they name permissions of AWS's own). So a policy speaks as ForbiddenException, which is in no
model: its message is shown as it is.
"""

from __future__ import annotations

from flask import Response, jsonify

from app.errors import (
    AwsRefused,
    GatewayError,
    MfaCodeRequired,
    RoleDenied,
    SignInRequired,
    StepUpRequired,
    TooManyRequests,
)
from app.grants.redemption import Refused
from app.native.onward import in_words_of, is_over
from app.web.visit import visit


def refused(answer: Refused) -> Response:
    return _shaped("AccessDeniedException", answer.error, answer.description, 400)


def failure(error: GatewayError) -> Response:
    said = f"{in_words_of('aws login', error.sentence)} (reference {visit().reference})"
    match error:
        case SignInRequired() if is_over(error):
            return _shaped("AccessDeniedException", "TOKEN_EXPIRED", said, 400)
        case StepUpRequired():  # the page of the next one leads to the provider, once the role is picked there
            return _shaped("ForbiddenException", "access_denied", f"{said} Run: aws login", 403)
        case SignInRequired() | RoleDenied() | MfaCodeRequired() | AwsRefused():
            return _shaped("ForbiddenException", "access_denied", said, 403)
        case TooManyRequests():
            return _shaped("TooManyRequestsError", "rate_exceeded", said, 429)
        case _ if error.status >= 500:
            return _shaped("InternalServerException", "server_error", said, error.status)
        case _:
            return _shaped("ValidationException", "INVALID_REQUEST", said, 400)


def _shaped(kind: str, error: str, message: str, status: int) -> Response:
    response = jsonify(error=error, message=message)
    response.status_code = status
    response.headers["x-amzn-ErrorType"] = kind
    response.headers["x-amzn-RequestId"] = visit().reference
    return response
