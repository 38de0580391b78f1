"""The page to which `aws sso login` leads the browser: the person is asked, and the answer goes to the loopback."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.errors import StepUpRequired
from app.native.flow import AwsTools
from app.native.requests import Asked
from app.web.forms import single_values
from app.web.guards import signed_in
from app.web.pages import page
from app.web.visit import principal, session, visit

_LOOPBACK_ANSWER = "http://127.0.0.1:*"  # Chromium applies form-action to the redirect that answers a form, too


def install(room: Blueprint, flow: AwsTools) -> None:
    @room.get("/authorize")
    @signed_in
    def ask() -> Response:
        """The person is asked every time: otherwise any page could sign a terminal in by a link."""
        asked = Asked.parse(single_values(request.args))
        flow.sign_in.check(session(), asked.wanted)
        visit().form_targets = _LOOPBACK_ANSWER
        return page("native/authorize.html", asked=asked, here=session(), until=flow.sign_in.until(session()))

    @room.post("/authorize")
    @signed_in
    def decide() -> AnyResponse:
        visit().form_targets = _LOOPBACK_ANSWER
        form = single_values(request.form)
        asked = Asked.parse(form)
        if form.get("answer") != "yes":
            return redirect(flow.sign_in.decline(asked.wanted), 303)
        try:
            return redirect(flow.sign_in.approve(principal(), asked.wanted), 303)
        except StepUpRequired:  # the page stood open for too long; asked anew, it leads to the provider and back
            return redirect(f"/authorize?{urlencode(asked.fields())}", 303)
