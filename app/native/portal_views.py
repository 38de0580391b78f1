"""HTTP of the AWS SSO portal: accounts, roles, credentials, the end of a sign-in."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from flask import Blueprint, Response, jsonify, request

from app.core.roles import Account
from app.errors import InvalidRequest
from app.grants.redemption import Seen
from app.native.flow import AwsTools
from app.web.forms import single_values
from app.web.guards import TOOL_HEADER, aws_tool, public, tool_token
from app.web.visit import address, principal, session, visit

_MOST = 100  # on a page, as at AWS
_BROKER = "fedgate"  # where AWS has the address of an account's owner, which we do not know


def install(room: Blueprint, flow: AwsTools) -> None:
    @room.get("/assignment/accounts")
    @aws_tool
    def accounts() -> Response:
        found: dict[str, Account] = {one.account.id: one.account for one in flow.portal.roles(session().identity)}
        shown, onward = _paged(sorted(found))
        listed = [{"accountId": id_, "accountName": found[id_].name, "emailAddress": _BROKER} for id_ in shown]
        return jsonify(accountList=listed, **onward)

    @room.get("/assignment/roles")
    @aws_tool
    def roles() -> Response:
        account = _asked("account_id")
        if not account:  # required at AWS; an empty list would read as "no roles"
            raise InvalidRequest("Name an account_id.", reason="native.account_id")
        names = [one.name for one in flow.portal.roles(session().identity) if one.account.id == account]
        shown, onward = _paged(sorted(names))
        return jsonify(roleList=[{"accountId": account, "roleName": name} for name in shown], **onward)

    @room.get("/federation/credentials")
    @aws_tool
    def credentials() -> Response:
        found = flow.credentials(principal(), _asked("account_id"), _asked("role_name"))
        return jsonify(
            roleCredentials={
                "accessKeyId": found.access_key_id,
                "secretAccessKey": found.secret_access_key,
                "sessionToken": found.session_token,
                "expiration": int(found.expires_at.timestamp() * 1000),  # with seconds, tools think it long past
            }
        )

    @room.post("/logout")
    @aws_tool
    def logout() -> Response:
        """`aws sso logout` brings every token that it finds, those of other brokers too: the guard turns them away."""
        flow.sign_in.leave(tool_token(), session().client, Seen(address(), visit().reference))
        return Response(status=200)

    @room.get("/assignment/self-test")
    @public
    def self_test() -> Response:
        """Did the portal's header arrive? Many proxies and servers drop names with an underscore, silently."""
        return jsonify(arrived=TOOL_HEADER in request.headers)


def _asked(name: str) -> str:
    return single_values(request.args).get(name, "")


def _paged(names: Sequence[str]) -> tuple[Sequence[str], dict[str, str]]:
    """Those after the last one of the page before; so nobody is skipped when something before them disappears."""
    query = single_values(request.args)
    most, after = _most(query.get("max_result", "")), _after(query.get("next_token", ""))
    left = [name for name in names if name > after]
    shown = left[:most]
    return shown, {"nextToken": _written(shown[-1])} if len(left) > most else {}


def _most(said: str) -> int:
    if not said:
        return _MOST
    if not (said.isascii() and said.isdigit() and len(said) <= 3 and 1 <= int(said) <= _MOST):
        raise InvalidRequest(f"max_result: expected a number from 1 to {_MOST}.", reason="native.max_result")
    return int(said)


def _written(name: str) -> str:
    return base64.urlsafe_b64encode(name.encode()).decode().rstrip("=")


def _after(token: str) -> str:
    try:
        return base64.b64decode(token[:1_000] + "=" * (-len(token) % 4), altchars="-_", validate=True).decode()
    except (ValueError, binascii.Error):
        raise InvalidRequest("next_token: this is not one that the gateway gave.", reason="native.page") from None
