"""HTTP of device sign-in: the page on which a person answers, and the address at which a terminal begins."""

from __future__ import annotations

from datetime import timedelta
from typing import NoReturn
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.core.needs import Needs
from app.errors import InvalidRequest, NotFound, StepUpRequired
from app.grants import user_codes
from app.grants.device import CODE_LIFE, DeviceSignIn
from app.grants.device_documents import INTERVAL, Begun
from app.grants.redemption import Seen
from app.grants.requests import CLIENT_ID, DeviceRequest, asked_of, needs_of
from app.web.forms import single_values
from app.web.guards import public, signed_in
from app.web.pages import page
from app.web.visit import address, principal, session, visit

_OFF = (
    "This gateway does not sign terminals in by a code. On a computer with a browser, run `fedgate login`. Who runs "
    "the gateway can turn it on (device_sign_in in gateway.toml)."
)
_LONGEST_TYPED = 64  # characters of a code, with whatever somebody puts between the letters
_NONE = "There is no such code. It may be mistyped, answered already, or more than five minutes old."


def install(room: Blueprint, flow: DeviceSignIn, issuer: str) -> None:
    @room.post("/oauth/device_authorization")
    @public
    def begin() -> Response:
        form = single_values(request.form)
        if form.get("client_id") != CLIENT_ID:
            return _oauth_error("invalid_client", "There is no such client here.", 401)
        try:
            wanted = DeviceRequest.parse(form)
        except InvalidRequest as refused:
            return _oauth_error("invalid_request", refused.sentence, 400)
        codes = flow.begin(wanted, Seen(address(), visit().reference))
        shown = user_codes.shown(codes.user)
        return jsonify(
            device_code=codes.device,
            user_code=shown,
            verification_uri=f"{issuer}/device",
            verification_uri_complete=f"{issuer}/device?" + urlencode({"user_code": shown}),
            expires_in=int(CODE_LIFE.total_seconds()),
            interval=INTERVAL,
        )

    @room.get("/device")
    @signed_in
    def enter() -> Response:
        """Whatever the address says only fills the field in: a link must never be an answer, nor a guess."""
        query = single_values(request.args)
        flow.check(session(), needs_of(query))
        return _form(query.get("user_code", "")[:_LONGEST_TYPED])

    @room.post("/device")
    @signed_in
    def answer() -> AnyResponse:
        form = single_values(request.form)
        typed = form.get("user_code", "")[:_LONGEST_TYPED]
        try:
            return _answered(flow, typed, form.get("answer", ""))
        except StepUpRequired as missing:
            # A form cannot be sent again behind the provider. The page can be opened again, with what was typed.
            needs = Needs(missing.mfa, None if missing.max_age is None else timedelta(seconds=missing.max_age))
            return redirect("/device?" + urlencode({"user_code": typed, **asked_of(needs)}), 303)


def install_off(room: Blueprint) -> None:
    """The addresses say what to do instead."""

    @room.post("/oauth/device_authorization")
    @public
    def begin() -> NoReturn:
        raise NotFound(_OFF)

    @room.get("/device")
    @public
    def enter() -> NoReturn:
        raise NotFound(_OFF)


def _answered(flow: DeviceSignIn, typed: str, answer: str) -> Response:
    here = principal()
    match answer:
        case "yes":
            begun = flow.approve(here, typed)
        case "no":
            begun = flow.decline(here, typed)
        case _:
            begun = flow.look(here, typed)
    if begun is None:
        return _form(typed, _NONE)
    if answer in ("yes", "no"):
        return page("terminal/device_done.html", begun=begun, agreed=answer == "yes")
    return _question(flow, begun, typed)


def _form(typed: str, problem: str = "") -> Response:
    response = page("terminal/device_code.html", here=session(), typed=typed, problem=problem)
    response.status_code = 400 if problem else 200
    return response


def _question(flow: DeviceSignIn, begun: Begun, typed: str) -> Response:
    return page(
        "terminal/device_question.html",
        here=session(),
        begun=begun,
        typed=user_codes.shown(user_codes.read(typed)),
        ago=flow.clock() - begun.began_at,
        same_address=begun.address == address(),
        address=address(),
        until=flow.until(session()),
    )


def _oauth_error(error: str, description: str, status: int) -> Response:
    response = jsonify(error=error, error_description=description)
    response.status_code = status
    return response
