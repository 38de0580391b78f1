"""For probes: `/healthz` says that the process answers, `/readyz` that it could issue credentials now; and `/metrics`,
for Prometheus, which is nobody else's business.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import urlsplit

from flask import Blueprint, Response, jsonify, request

from app.audit import Audit
from app.catalog import Catalog
from app.errors import GatewayError, NotFound
from app.ops.metrics import Metrics
from app.store.drawers import Drawers
from app.thirdparty.gate import ThirdParties
from app.web.guards import public
from app.web.standing import Standing

_HOST = re.compile(r"[A-Za-z0-9.-]+(:[0-9]+)?|\[[0-9A-Fa-f:.]+\](:[0-9]+)?")
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Health:
    drawers: Drawers
    audit: Audit
    catalog: Catalog
    third_parties: ThirdParties
    standing: Standing
    metrics: Metrics
    metrics_token: str = field(repr=False)
    aws_tools: Callable[[], str]  # does the header of AWS's tools arrive?
    signing: Callable[[], str]  # could the key that signs for AWS sign the last time?

    def checks(self) -> dict[str, str]:
        """What is needed to issue, each `ok` or a reason. Both files keep working as they were when they were last
        good; without the database, with roles of third parties closed, when a certificate ends, or while AWS KMS does
        not sign, everything else is still given out; and where AWS's tools are not heard, our own CLI is."""
        return {
            "store": _reason(self.drawers.ping),
            "audit": _reason(self.audit.ready),
            "catalog": "using the last good file; the log says why" if self.catalog.problems() else "ok",
            "database": _reason(self.third_parties.ids.database.ping),
            "third_parties": self._third_parties(),
            "gateway_file": self.standing.gateway_file(),
            "certificates": "; ".join(self.standing.ending()) or "ok",
            "aws_tools": self.aws_tools(),
            "issuer_keys": self.signing(),
        }

    def _third_parties(self) -> str:
        try:
            closed = self.third_parties.closed()
        except GatewayError as error:
            return error.reason
        return f"{closed} of their roles closed; the log says why" if closed else "ok"


def _reason(check: Callable[[], None]) -> str:
    try:
        check()
    except GatewayError as error:
        return error.reason
    return "ok"


def blueprint(health: Health) -> Blueprint:
    room = Blueprint("health", __name__)

    @room.get("/healthz")
    @public
    def alive() -> Response:
        return jsonify(status="ok")

    @room.get("/readyz")
    @public
    def ready() -> Response:
        checks = health.checks()
        able = all(checks[name] == "ok" for name in ("store", "audit"))
        response = jsonify(status="ok" if able else "unable", checks=checks)
        response.status_code = 200 if able else 503
        return response

    @room.get("/metrics")
    @public
    def metrics() -> Response:
        if not _may_read(health.metrics_token):
            raise NotFound("There is nothing at this address. Check it, or go to your roles.")
        return Response(health.metrics.text(), content_type=_TEXT)

    return room


def _may_read(token: str) -> bool:
    """Who shows the token, or who asks from this machine without a proxy in between: behind one, everybody seems to."""
    if token:
        shown = request.headers.get("Authorization", "")
        return hmac.compare_digest(shown.encode(), f"Bearer {token}".encode())
    passed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"))
    # Not every proxy says that it is one, but most pass the name on that was asked for. So does a browser on this
    # machine to which a stranger's page says that its own name is 127.0.0.1 now (DNS rebinding).
    return not passed_on and _is_loopback(request.environ.get("REMOTE_ADDR", "")) and _names_this_machine()


def _names_this_machine() -> bool:
    try:
        name = urlsplit(f"//{request.host}").hostname if _HOST.fullmatch(request.host) else None
    except ValueError:  # `[:::]` has an address's characters and is none
        return False
    return name == "localhost" or _is_loopback(name)


def _is_loopback(address: object) -> bool:
    try:
        return ip_address(str(address)).is_loopback
    except ValueError:  # a Unix socket has none
        return False
