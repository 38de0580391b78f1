"""The front door: one request in, the right counter, one reply out.

Signed requests say in their credential scope which service they are for. Unsigned ones are the two calls
of STS that nobody signs, a browser on its way to the console, or a test.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from app.local.aws.console.counter import ConsoleCounter
from app.local.aws.levers import Levers
from app.local.aws.query import QueryCounter
from app.local.aws.refusals import Refusal
from app.local.aws.s3.counter import BucketCounter
from app.local.aws.signing.claims import claims_of
from app.local.aws.signing.request import incoming

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)
_CONSOLE = ("/federation", "/console")


@dataclass(frozen=True, slots=True)
class Front:
    """A WSGI application."""

    query: QueryCounter
    buckets: BucketCounter
    console: ConsoleCounter
    levers: Levers

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        try:
            response = self.respond(request)
        except HTTPException as problem:
            response = Response(problem.description or problem.name, problem.code or 400, content_type="text/plain")
        except Exception:
            log.exception("the local AWS failed at %s %s", request.method, request.path)
            response = self.query.refuse("sts", Refusal("InternalFailure", "An internal error has occurred.", 500))
        return response(environ, start_response)

    def respond(self, request: Request) -> Response:
        if request.path.startswith("/_local/"):
            return self.levers.respond(request)
        received = incoming(request)
        try:
            claims = claims_of(received)
        except Refusal as refusal:
            return self.query.refuse("sts", refusal)
        if claims is None and request.path.startswith(_CONSOLE):
            return self.console.respond(request)
        if claims is not None and claims.service == "s3" or claims is None and request.path != "/":
            return self.buckets.respond(received, claims)
        return self.query.respond(received, claims)
