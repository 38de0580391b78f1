"""SAML Single Logout over HTTP, by redirect, both ways."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, redirect, render_template, request
from lxml import etree
from werkzeug.wrappers import Response

from app.local.idp import logout_messages
from app.local.idp.given_sessions import GivenSessions
from app.local.idp.keys import SigningKey
from app.local.idp.logout_messages import Between
from app.local.idp.logout_queries import signed, verified
from app.local.idp.refusals import RefusedRequest
from app.local.idp.registration import Addresses, SamlApplication


@dataclass(frozen=True, slots=True)
class LogoutFlow:
    """All that signing out by SAML may touch."""

    application: SamlApplication
    addresses: Addresses
    key: SigningKey
    given: GivenSessions
    clock: Callable[[], datetime]

    @property
    def between(self) -> Between:
        return Between(self.application, self.addresses, self.clock())

    def asked(self, raw_query: str) -> str:
        """The application signs somebody out: the address with our answer."""
        xml, relay_state = verified(raw_query, "SAMLRequest", self.application.certificate_pem)
        asked = logout_messages.read_request(xml, self.between)
        self.given.end(asked.subject, asked.indexes)
        answer = logout_messages.response(self.between, asked.id)
        return signed(self.application.slo, "SAMLResponse", answer, relay_state, self.key)

    def ask(self, index: str) -> str:
        """We sign somebody out: the address with our request. The session is over here whatever the application says.

        The request's ID is the RelayState, so that nothing has to be remembered until the answer.
        """
        session = next((given for given in self.given.newest_first() if given.index == index), None)
        if session is None:
            raise RefusedRequest("That session is over already.", reason="session")
        message = logout_messages.request(self.between, session)
        self.given.end(session.member.subject, (session.index,))
        return signed(self.application.slo, "SAMLRequest", message, _id_of(message), self.key)

    def answered(self, raw_query: str) -> bool:
        xml, relay_state = verified(raw_query, "SAMLResponse", self.application.certificate_pem)
        return logout_messages.read_response(xml, self.between, relay_state)


def _id_of(message: bytes) -> str:
    return etree.fromstring(message).get("ID") or ""


def blueprint(flow: LogoutFlow) -> Blueprint:
    logout = Blueprint("logout", __name__)

    @logout.get("/saml/slo")
    def message() -> str | Response:
        raw_query = request.query_string.decode("ascii", "replace")
        if "SAMLResponse" in request.args:
            return render_template("left.html", said_done=flow.answered(raw_query), asked=True)
        return redirect(flow.asked(raw_query), 303)

    @logout.get("/saml/sessions")
    def sessions() -> str:
        return render_template("sessions.html", given=flow.given.newest_first(), protocol="SAML", how="Single Logout")

    @logout.post("/saml/sessions")
    def end() -> Response:
        return redirect(flow.ask(request.form.get("session", "")), 303)

    return logout
