"""The console's counter: which page, which cookie, and the line in the call log."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.wrappers import Request, Response

from app.local.aws.calls import Call, CallLog
from app.local.aws.console.federation import Federation, web_address
from app.local.aws.console.pages import Pages
from app.local.aws.console.tickets import Visitor
from app.local.aws.desk import Desk
from app.local.aws.refusals import Refusal
from app.local.aws.session import Session

COOKIE = "local-aws-console"
_LARGEST_FORM = 128 * 1024
# Nothing but our own style sheet may load or run; no page may frame this one; no address leaks onwards.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class ConsoleCounter:
    desk: Desk
    log: CallLog
    federation: Federation
    pages: Pages

    def respond(self, request: Request) -> Response:
        request.max_content_length = request.max_form_memory_size = _LARGEST_FORM
        response = self._route(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    def _route(self, request: Request) -> Response:
        if request.path == "/federation":
            return self._federation(request)
        if request.path == "/console/console.css":
            return self.pages.style_sheet()
        if request.path == "/console/signout":
            return self._sign_out(request)
        if not request.path.startswith("/console/"):
            raise NotFound("no such page")
        visitor = self._visitor(request)
        if visitor is None or self.desk.now() >= visitor.ends_at:
            return self.pages.ended(visitor)
        return self.pages.page(visitor, request)

    def _federation(self, request: Request) -> Response:
        if request.method not in ("GET", "POST"):
            raise MethodNotAllowed(["GET", "POST"])
        form = {**request.args.to_dict(), **request.form.to_dict()}
        action, region = form.get("Action", ""), request.root_path.rpartition("/")[2]
        try:
            match action:
                case "getSigninToken":
                    token, session = self.federation.signin_token(form, self.desk.now(), region)
                    self._write(action, session, None)
                    return Response(json.dumps({"SigninToken": token}), content_type="application/json")
                case "login":
                    return self._log_in(form)
                case _:
                    raise Refusal("InvalidRequest", "Action must be getSigninToken or login.")
        except Refusal as refusal:
            self._write(action, None, refusal)
            return self.pages.refused(refusal, web_address(form.get("Issuer", "")))

    def _log_in(self, form: dict[str, str]) -> Response:
        cookie, visitor = self.federation.log_in(form, self.desk.now())
        self._write("login", visitor.session, None)
        response = Response(status=302, headers={"Location": visitor.destination.local_path()})
        response.set_cookie(COOKIE, cookie, path="/console", httponly=True, samesite="Lax")
        return response

    def _visitor(self, request: Request) -> Visitor | None:
        return self.federation.tickets.visitor(request.cookies.get(COOKIE, ""))

    def _sign_out(self, request: Request) -> Response:
        """By POST, so that a picture on a foreign page cannot sign people out."""
        if request.method != "POST":
            raise MethodNotAllowed(["POST"])
        visitor = self.federation.tickets.leave(request.cookies.get(COOKIE, ""))
        response = self.pages.signed_out(visitor)
        response.delete_cookie(COOKIE, path="/console")
        return response

    def _write(self, action: str, session: Session | None, refusal: Refusal | None) -> None:
        self.log.add(
            Call(
                at=self.desk.now(),
                service="signin",
                action=action[:100],
                result=refusal.code if refusal else "ok",
                status=refusal.status if refusal else 200,
                request_id=str(uuid.uuid4()),
                caller=session.arn if session else "",
                message=refusal.message if refusal else "",
            )
        )
