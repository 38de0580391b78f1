"""`/_local/...`: what tests read and turn. No secret is ever shown, and no page of a browser gets in:
a write must be JSON (which a foreign page cannot send without asking first) and the host must be loopback
(which a rebound name is not)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from werkzeug.exceptions import BadRequest, Forbidden, NotFound, UnsupportedMediaType
from werkzeug.wrappers import Request, Response

from app.local.aws.calls import CallLog
from app.local.aws.desk import Desk
from app.local.aws.replies import zulu

_LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True, slots=True)
class Levers:
    desk: Desk
    log: CallLog

    def respond(self, request: Request) -> Response:
        if request.host.rsplit(":", 1)[0] not in _LOOPBACK:
            raise Forbidden("only by a loopback name")
        match request.method, request.path:
            case "GET", "/_local/health":
                return _json({"status": "ok", "time": zulu(self.desk.now())})
            case "GET", "/_local/calls":
                return _json({"calls": self.log.entries()})
            case "POST", "/_local/reset-calls":
                self.log.clear()
                return _json({})
            case "POST", "/_local/expire":
                return self._expire(request)
            case "GET", "/_local/knobs":
                return _json(self.desk.knobs.as_json())
            case "POST", "/_local/knobs":
                return self._turn(request)
        raise NotFound("no such lever")

    def _expire(self, request: Request) -> Response:
        """End temporary credentials before their time: what still works afterwards was got anew."""
        if not request.is_json:
            raise UnsupportedMediaType("send application/json")
        wanted, sessions = set(request.get_json()["access_key_ids"]), self.desk.world.sessions
        ended = [key for key in list(sessions) if key in wanted]
        for key in ended:
            sessions[key] = replace(sessions[key], expires_at=self.desk.now())
        return _json({"ended": ended})

    def _turn(self, request: Request) -> Response:
        if not request.is_json:
            raise UnsupportedMediaType("send application/json")
        try:
            return _json(self.desk.panel.turn(request.get_json()).as_json())
        except (ValueError, AttributeError, TypeError) as problem:
            raise BadRequest(str(problem)) from None


def _json(value: object) -> Response:
    return Response(json.dumps(value, indent=1), content_type="application/json")
