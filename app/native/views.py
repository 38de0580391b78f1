"""HTTP of the room: who installs what."""

from __future__ import annotations

from typing import NoReturn

from flask import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.native import authorize_views, container, oidc_views, portal_views, sign_in_views
from app.native.flow import AwsTools
from app.native.sign_in_flow import AwsLogin
from app.web.guards import public

# AWS's CLI (2.35.13 and newer) takes a start address of ours only if it leads to a name of AWS's, and rewrites
# sso_region if that name holds a region. It is a label: nobody asks there for anything.
_AWS_NAME = "https://fedgate.awsapps.com/start"
_OFF = (
    "This gateway does not serve AWS's own sign-in. Use the fedgate command, or ask who runs the gateway to turn it on "
    "(aws_tools in gateway.toml)."
)
_ADDRESSES = (
    "/client/register",
    "/device_authorization",
    "/token",
    "/authorize",
    "/start",
    "/assignment/accounts",
    "/assignment/roles",
    "/federation/credentials",
    "/logout",
    f"{container.PATH}<account>/<name>",
    sign_in_views.AUTHORIZE,
    sign_in_views.TOKEN,
)


def blueprint(flow: AwsTools | None, login: AwsLogin | None) -> Blueprint:
    """None where the operator has turned it off: the addresses then say what to do instead."""
    room = Blueprint("native", __name__, template_folder="templates")
    if flow is None or login is None:
        _install_off(room)
        return room
    oidc_views.install(room, flow)
    authorize_views.install(room, flow)
    portal_views.install(room, flow)
    container.install(room, flow.credentials, flow.portal.role)
    sign_in_views.install(room, login)

    @room.get("/start")
    @public
    def start() -> Response:
        return redirect(_AWS_NAME, 302) if request.method == "HEAD" else redirect("/terminal", 303)

    return room


def _install_off(room: Blueprint) -> None:
    @public
    def off(**_named: str) -> NoReturn:
        raise NotFound(_OFF)

    for path in _ADDRESSES:
        room.add_url_rule(path, "off", off, methods=("GET", "POST"))
