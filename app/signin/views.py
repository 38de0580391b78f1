"""HTTP of the sign-in room: the way in. The way out is in `leaving.py`."""

from __future__ import annotations

import secrets
from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, Response, current_app, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.providers.arrival import Asked
from app.signin.arrivals import Question, SignedIn, SignIn
from app.signin.attempts import ATTEMPT_LIFE, From, Here
from app.signin.choice import Choice, login_hint
from app.web.browser_session import SENTENCES
from app.web.cookies import Cookie
from app.web.forms import form_within, single_values
from app.web.guards import check_same_site, public
from app.web.pages import page
from app.web.returns import own_path
from app.web.step_up import needs_of
from app.web.visit import address, seen, visit

_LARGEST_ANSWER = 600 * 1024  # a SAML response of 256 KiB in base64, form-encoded


def blueprint(flow: SignIn, choice: Choice, session_cookie: Cookie, attempt_cookie: Cookie, origin: str) -> Blueprint:
    """`origin`: ours, as browsers write it."""
    room = Blueprint("signin", __name__, template_folder="templates")

    def here() -> Here:
        return Here(attempt_cookie.read(), session_cookie.read(), seen())

    def opened(signed: SignedIn) -> AnyResponse:
        response = redirect(signed.return_to, 303)
        session_cookie.write(response, signed.cookie, signed.session.expires_at - signed.session.opened_at)
        choice.remember(response, signed.session.identity.provider)
        return response

    @room.get("/signin")
    @public
    def choose() -> AnyResponse:
        to = _own_page(request.args.get("to", "/"))
        only, ended = choice.only(), SENTENCES.get(request.args.get("ended", ""), "")
        if only and not ended:
            return redirect(f"/signin/{only}?" + urlencode({"to": to}), 303)
        return page("signin/choose.html", offers=choice.offers(), to=to, by_email=choice.by_email, ended=ended)

    @room.post("/signin")
    @public
    def find_by_email() -> AnyResponse:
        """Whose domain is it? Nothing is changed by the answer, so nobody's form needs to be kept out."""
        form = single_values(request.form)
        to, typed = _own_page(form.get("to", "/")), login_hint(form.get("email", ""))
        found = choice.home_of(typed, _origin())
        if not found:
            return page(
                "signin/choose.html", offers=choice.offers(), to=to, by_email=True, typed=typed, domain=_domain(typed)
            )
        # By a page and not by a redirect: Chromium holds `form-action` against every address that follows a form, and
        # where the provider sends people next nobody knows.
        onward = f"/signin/{found.id}?" + urlencode({"to": to, "login_hint": typed})
        return page("signin/onward.html", onward=onward, label=found.label, doing="Sign in")

    @room.get("/signin/<provider_id>")
    @public
    def start(provider_id: str) -> AnyResponse:
        # One binding for all tabs of a browser, so that a second tab does not break the first.
        binding = attempt_cookie.read() or secrets.token_urlsafe(32)
        query = single_values(request.args)
        asked = Asked(needs_of(query), login_hint(query.get("login_hint", "")))
        browser = Here(binding, session_cookie.read(), seen())
        response = redirect(flow.start(provider_id, browser, _own_page(query.get("to", "/")), _origin(), asked), 303)
        attempt_cookie.write(response, binding, ATTEMPT_LIFE)
        return response

    @room.get("/signin/<provider_id>/callback")
    @public
    def callback(provider_id: str) -> AnyResponse:
        return opened(flow.oidc_answer(provider_id, single_values(request.args), here(), _origin()))

    @room.post("/signin/<provider_id>/acs")
    @public
    def assertion_consumer(provider_id: str) -> AnyResponse:
        form = form_within(_LARGEST_ANSWER)
        if form is None:
            flow.too_large(provider_id, _origin())
        response, relay_state = form.get("SAMLResponse", ""), form.get("RelayState", "")
        ticket = flow.saml_answer(provider_id, response, relay_state, _origin(), partial(own_path, current_app))
        return redirect("/signin/resume?" + urlencode({"ticket": ticket}), 303)

    @room.get("/signin/resume")
    @public
    def resume() -> AnyResponse:
        binding = attempt_cookie.read() or secrets.token_urlsafe(32)
        found = flow.resume(request.args.get("ticket", ""), Here(binding, session_cookie.read(), seen()), _origin())
        if not isinstance(found, Question):
            return opened(found)
        response = page("signin/question.html", question=found)
        attempt_cookie.write(response, binding, ATTEMPT_LIFE)
        return response

    @room.post("/signin/resume")
    @public
    def answer() -> AnyResponse:
        """Login CSRF ends here: another site can bring its own answer to our address, but not press our button."""
        check_same_site(origin)
        form = single_values(request.form)
        if form.get("answer") == "yes":
            return opened(flow.agree(form.get("ticket", ""), here(), _origin()))
        flow.decline(form.get("ticket", ""), here())
        return redirect("/", 303)

    @room.get("/signin/<provider_id>/metadata")
    @public
    def metadata(provider_id: str) -> Response:
        return Response(flow.metadata(provider_id), mimetype="application/samlmetadata+xml")

    return room


def _own_page(wish: str) -> str:
    return own_path(current_app, wish)


def _domain(typed: str) -> str:
    return typed.rpartition("@")[2]


def _origin() -> From:
    return From(address(), visit().reference)
