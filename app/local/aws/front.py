"""The front door: one request in, the right counter, one reply out.

Signed requests say in their credential scope which service they are for. Unsigned ones are the calls
that nobody signs, a browser on its way to the console, or a test. `/_region/eu-west-1` before any path
plays the regional endpoint, `sts.eu-west-1.amazonaws.com` and its like; without it an unsigned call is at
the legacy global endpoint.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from app.local.aws.cognito.counter import CognitoCounter
from app.local.aws.console.counter import ConsoleCounter
from app.local.aws.levers import Levers
from app.local.aws.outages import HungUpError, Outages
from app.local.aws.query import QueryCounter
from app.local.aws.refusals import Refusal
from app.local.aws.s3.counter import BucketCounter
from app.local.aws.signing.claims import claims_of
from app.local.aws.signing.request import Incoming, incoming, split_region

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

log = logging.getLogger(__name__)
_CONSOLE = ("/federation", "/console")


@dataclass(frozen=True, slots=True)
class Front:
    """A WSGI application."""

    query: QueryCounter
    cognito: CognitoCounter
    buckets: BucketCounter
    console: ConsoleCounter
    levers: Levers
    outages: Outages

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        prefix, path = split_region(environ.get("PATH_INFO", ""))
        request = Request({**environ, "SCRIPT_NAME": prefix, "PATH_INFO": path})
        try:
            response = self.respond(request)
        except HTTPException as problem:
            response = Response(problem.description or problem.name, problem.code or 400, content_type="text/plain")
        except HungUpError:
            raise
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
        self.outages.strike(
            received.region or (claims.region if claims else ""), request.environ.get("werkzeug.socket")
        )
        if claims is None and request.path.startswith(_CONSOLE):
            return self.console.respond(request)
        if _is_cognito(received) or claims is not None and claims.service == "cognito-identity":
            return self.cognito.respond(received, claims)
        if claims is not None and claims.service == "s3" or claims is None and request.path != "/":
            return self.buckets.respond(received, claims)
        return self.query.respond(received, claims)


def _is_cognito(request: Incoming) -> bool:
    return request.headers.get("x-amz-target", "").startswith("AWSCognitoIdentityService.")
