"""The one handler of failures: code to status, to a page or to problem+json (RFC 9457), and one log line.

Programs are told apart by the address they ask (`/api/`, `/oauth/`) or by not accepting HTML.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask import Flask, Response, jsonify, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.exceptions import NotFound as NoRoute

from app.errors import CatalogConflict, CatalogProblems, GatewayError, InvalidRequest, NotFound, StepUpRequired
from app.web import step_up
from app.web.pages import page
from app.web.visit import visit

_LOG = logging.getLogger("fedgate.web")
_OAUTH = ("/oauth/token", "/oauth/revoke", "/oauth/device_authorization")
Rendering = Callable[[GatewayError], Response]  # with its status; `Retry-After` is added here
_FOR_PROGRAMS = ("/api/", "/.well-known/", "/issuer/", *_OAUTH)


class _TooLarge(InvalidRequest):
    code, status, title = "too_large", 413, "That is too large"


class _WrongMethod(InvalidRequest):
    code, status, title = "method_not_allowed", 405, "That cannot be done here"


class _Unexpected(GatewayError):
    """Ours, not the person's: the log has the trace under the reference."""


def install(app: Flask, labels: Mapping[str, str], renderings: Mapping[str, Rendering] = MappingProxyType({})) -> None:
    """`labels`: what people call the providers, by id. `renderings`: by the beginning of a path, for protocols that say
    their failures in shapes of their own."""

    def answered(error: GatewayError) -> Response:
        visit().refused = error
        for beginning, rendering in renderings.items():
            if request.path.startswith(beginning):
                return _waiting(rendering(error), error)
        return _finished(_problem(error) if _for_a_program() else _page(error, labels), error)

    @app.errorhandler(GatewayError)
    def expected(error: GatewayError) -> Response:
        facts = {"reference": visit().reference, "code": error.code, "reason": error.reason, "route": _route()}
        # The cause is where a library's own words are (AWS's message, a parser's): for the log only.
        cause = f": {error.__cause__}" if error.__cause__ is not None else ""
        _LOG.log(logging.ERROR if error.status >= 500 else logging.INFO, "refused%s", cause, extra={"facts": facts})
        return answered(error)

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        response = expected(_as_ours(error))
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            response.headers["Allow"] = ", ".join(sorted(error.valid_methods))  # RFC 9110, 15.5.6: must be there
        return response

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        _LOG.error(
            "unexpected failure", exc_info=error, extra={"facts": {"reference": visit().reference, "route": _route()}}
        )
        sentence = "Something in the gateway broke. Show the reference below to the people who run it."
        return answered(_Unexpected(sentence))


def _as_ours(error: HTTPException) -> GatewayError:
    match error:
        case NoRoute():
            return NotFound("There is nothing at this address. Check it, or go to your roles.")
        case RequestEntityTooLarge():
            return _TooLarge("The request is larger than the gateway takes.")
        case MethodNotAllowed():
            return _WrongMethod(f"{request.method} is not possible at this address.")
        case HTTPException(code=int(code)) if 400 <= code < 500:
            return InvalidRequest("The request cannot be read. Go back and try again.", reason=f"http.{code}")
        case _:
            return _Unexpected("Something in the gateway broke. Show the reference below to the people who run it.")


def _page(error: GatewayError, labels: Mapping[str, str]) -> Response:
    here = visit().session
    if not isinstance(error, StepUpRequired) or here is None:
        return page("error.html", error=error, status=error.status)
    who = here.identity
    onward = step_up.step_up_path(who.provider, step_up.this_page(), step_up.needs_in(error))
    return page("step_up.html", error=error, who=who, onward=onward, label=labels.get(who.provider, who.provider))


def _finished(response: Response, error: GatewayError) -> Response:
    response.status_code = error.status
    if error.status == 401:
        response.headers["WWW-Authenticate"] = _challenge(error)
    return _waiting(response, error)


def _waiting(response: Response, error: GatewayError) -> Response:
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _challenge(error: GatewayError) -> str:
    if isinstance(error, StepUpRequired):
        return step_up.challenge(step_up.needs_in(error))
    brought = ', error="invalid_token"' if "Authorization" in request.headers else ""  # RFC 6750, 3.1
    return f'Bearer realm="fedgate"{brought}'


def _problem(error: GatewayError) -> Response:
    response = jsonify(
        type="about:blank",
        title=error.title,
        status=error.status,
        code=error.code,
        detail=error.sentence,
        reference=visit().reference,
        **_more(error),
    )
    response.mimetype = "application/problem+json"
    return response


def _more(error: GatewayError) -> Mapping[str, object]:
    """What a program can go on with (RFC 9457, 3.2)."""
    match error:
        case StepUpRequired():
            return step_up.asked(step_up.needs_in(error))
        case CatalogProblems():
            return {"problems": error.problems}
        case CatalogConflict():
            return {"newest": error.newest, "change": error.change}
        case _:
            return {}


def _for_a_program() -> bool:
    if visit().program or request.path.startswith(_FOR_PROGRAMS):
        return True
    return not request.accept_mimetypes.accept_html


def _route() -> str:
    """The route's pattern, not the path: a path can hold what somebody pasted there."""
    return str(request.url_rule) if request.url_rule is not None else "none"
