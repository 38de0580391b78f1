"""For probes: `/healthz` says that the process answers, `/readyz` that it could issue credentials now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, Response, jsonify

from app.audit import Audit
from app.catalog import Catalog
from app.errors import GatewayError
from app.store.drawers import Drawers
from app.thirdparty.gate import ThirdParties
from app.web.guards import public


@dataclass(frozen=True, slots=True)
class Health:
    drawers: Drawers
    audit: Audit
    catalog: Catalog
    third_parties: ThirdParties

    def checks(self) -> dict[str, str]:
        """What is needed to issue, each `ok` or a reason. The catalog keeps working with its last good file; without
        the database, or with roles of third parties closed, everything else is still given out."""
        return {
            "store": _reason(self.drawers.ping),
            "audit": _reason(self.audit.ready),
            "catalog": "using the last good file; the log says why" if self.catalog.problems() else "ok",
            "database": _reason(self.third_parties.ids.database.ping),
            "third_parties": self._third_parties(),
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

    return room
