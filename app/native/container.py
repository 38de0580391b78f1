"""The container credentials endpoint: keys for one role at an address that every AWS SDK knows how to ask.

    export AWS_CONTAINER_CREDENTIALS_FULL_URI=https://aws.example.com/aws/container/111111111111/Developer
    export AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=...      the token, without a newline at its end

AWS SDKs and Tools Reference Guide, "Container credential provider". SDKs wait two seconds and ask three times: what AWS
takes longer for is ready when they ask again. With `?format=process` the answer is that of a `credential_process`, so
that `credential_process = curl ...` works, and a refusal is a line of text, because it goes to the person's terminal.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, jsonify, request

from app.core.credentials import Credentials, as_zulu
from app.core.roles import RoleArn
from app.errors import GatewayError, InvalidRequest, SignInRequired
from app.issuance import Principal
from app.native.onward import in_words_of, way_onward
from app.sessions.session import AWS_TOOLS
from app.web.guards import aws_tool
from app.web.visit import principal, visit

PATH = "/aws/container/"
_CONTAINER, _PROCESS = "container", "process"
_NO_TOKEN = ("bearer.missing", "bearer.aws")  # the guard's; of such a token nobody knows where it came from
_WHERE_FROM = (
    "The token (Authorization, AWS_CONTAINER_AUTHORIZATION_TOKEN) is missing, has ended, or is none of this gateway. "
    "Sign in again where it came from: fedgate login, or aws sso login."
)


def install(
    room: Blueprint,
    credentials: Callable[[Principal, str, str], Credentials],
    role: Callable[[str, str], RoleArn | None],
) -> None:
    """`credentials` and `role` take an account's id and a role's name (`portal`); the first raises all refusals."""

    @room.get(f"{PATH}<account>/<name>")
    @aws_tool
    def container(account: str, name: str) -> Response:
        way = request.args.get("format", _CONTAINER)
        if way not in (_CONTAINER, _PROCESS):
            raise InvalidRequest("format: expected container or process.", reason="native.format")
        here = principal()
        given = credentials(here, account, name)
        if way == _PROCESS:
            return jsonify(given.as_process_json())
        return jsonify(as_container_json(given, role(account, name)))


def as_container_json(given: Credentials, role: RoleArn | None) -> dict[str, str]:
    """SDKs need the first four; the others tell programs where they are."""
    return {
        "AccessKeyId": given.access_key_id,
        "SecretAccessKey": given.secret_access_key,
        "Token": given.session_token,
        "Expiration": as_zulu(given.expires_at),
        "AccountId": str(given.account),
        "RoleArn": str(role or given.assumed_role_arn),
    }


def refusal(error: GatewayError, base_url: str) -> Response:
    """As SDKs read it: botocore shows the body as it is, the SDKs for Go and Java its `message`."""
    if error.reason in _NO_TOKEN:
        error = SignInRequired(_WHERE_FROM, reason=error.reason)
    sentence = f"{_sentence(error, base_url)} (reference {visit().reference})"
    if request.args.get("format") == _PROCESS:
        response = Response(f"{sentence}\n", mimetype="text/plain")
    else:
        response = jsonify(code=error.code, message=sentence)
    response.status_code = error.status
    return response


def _sentence(error: GatewayError, base_url: str) -> str:
    here = visit().session
    if here is None:
        return error.sentence
    login = "aws sso login" if here.client == AWS_TOOLS else "fedgate login"
    return in_words_of(login, error.sentence) + way_onward(error, base_url, login)
