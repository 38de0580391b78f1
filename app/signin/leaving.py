"""HTTP of the sign-in room: the way out, asked for by the person or told by the provider."""

from __future__ import annotations

import secrets
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.errors import SignInRefused
from app.providers.saml.logout_incoming import Incoming
from app.signin.attempts import ATTEMPT_LIFE, From, Here
from app.signin.carrying import carried
from app.signin.departures import SignOut
from app.signin.endings import Endings
from app.web.cookies import Cookie
from app.web.forms import form_within
from app.web.guards import leaves, public, signed_in
from app.web.pages import page
from app.web.visit import address, seen, session, visit

# A LogoutRequest by POST with its signature and certificate in base64, or a logout token of at most 16 KiB.
_LARGEST_WORD = 48 * 1024


def blueprint(leaving: SignOut, endings: Endings, session_cookie: Cookie, attempt_cookie: Cookie) -> Blueprint:
    room = Blueprint("signout", __name__, template_folder="templates")

    def here() -> Here:
        return Here(attempt_cookie.read(), session_cookie.read(), seen())

    @room.post("/signout")
    @signed_in
    @leaves
    def sign_out() -> AnyResponse:
        binding = attempt_cookie.read() or secrets.token_urlsafe(32)
        browser = Here(binding, session_cookie.read(), seen())
        state = leaving.leave(session(), browser, _origin())
        visit().session = None  # or the page's header would show somebody who is no longer signed in
        farewell = leaving.waiting(state, browser)
        if farewell is not None and farewell.url:
            # A page, since `form-action` would hold the browser back (see `views.find_by_email`). It leads to our own
            # address, so that what the provider is told of the person stands in no page.
            onward = "/signout/onward?" + urlencode({"state": state})
            response: AnyResponse = page("signin/onward.html", onward=onward, label=farewell.label, doing="Sign out")
        else:
            response = redirect("/signout?" + urlencode({"state": state}), 303)
        session_cookie.clear(response)
        attempt_cookie.write(response, binding, ATTEMPT_LIFE)
        return response

    @room.get("/signout/onward")
    @public
    def onward() -> AnyResponse:
        farewell = leaving.waiting(request.args.get("state", ""), here())
        if farewell is None or not farewell.url:
            return redirect("/signout", 303)
        return carried(farewell, farewell.label)

    @room.get("/signout")
    @public
    def signed_out() -> Response:
        """A `state` that is missing, used or another browser's is no fault of anybody's: then less is said."""
        told = leaving.returned(request.args.get("state", ""), here())
        still = leaving.browsers.recognised(session_cookie.read(), seen())
        if told is None and still is not None:
            visit().session = still
            return page("signin/still_signed_in.html", here=still)
        return page("signin/signed_out.html", told=told)

    @room.get("/signin/<provider_id>/logout")
    @public
    def by_redirect(provider_id: str) -> AnyResponse:
        query = request.query_string.decode("ascii", "replace")
        return browser_brought(provider_id, Incoming("redirect", query=query))

    @room.post("/signin/<provider_id>/logout")
    @public
    def by_post(provider_id: str) -> AnyResponse:
        form = form_within(_LARGEST_WORD)
        if form is None:
            endings.too_large(provider_id, _origin())
        if "logout_token" in form or endings.hears_tokens_of(provider_id):
            return back_channel(provider_id, form.get("logout_token", ""))
        return browser_brought(provider_id, Incoming("post", form=form))

    def browser_brought(provider_id: str, message: Incoming) -> AnyResponse:
        """Single Logout (SAML profiles 4.4): the answer to our own farewell, or the provider's request."""
        if message.claims_to_answer:
            state = leaving.provider_answered(provider_id, message, _origin())
            return redirect("/signout?" + urlencode({"state": state} if state else {}), 303)
        answer, label = endings.asked_to_end(provider_id, message, _origin()), endings.registry.labels[provider_id]
        response: AnyResponse = carried(answer, label) if answer else page("signin/signed_out.html", told=None)
        cookie = session_cookie.read()  # none with a POST from the provider's page: then there is nothing to clear
        if cookie and leaving.browsers.find(cookie) is None:
            session_cookie.clear(response)
        return response

    def back_channel(provider_id: str, token: str) -> Response:
        """OpenID Connect Back-Channel Logout 1.0, 2.8: 200 if it is done, 400 with an error if it is not."""
        visit().program = True
        try:
            endings.back_channel(provider_id, token, _origin())
        except SignInRefused as refused:
            response = jsonify(error="invalid_request", error_description=refused.sentence)
            response.status_code = 400
            return response
        return jsonify({})

    return room


def _origin() -> From:
    return From(address(), visit().reference)
