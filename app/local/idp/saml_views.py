"""SAML over HTTP: metadata, the page, and the form that carries the answer to the application."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, render_template, request
from lxml import etree

from app.local.cast import CAST
from app.local.idp import authn_request, picking, saml_metadata, saml_response
from app.local.idp.given_sessions import GivenSessions
from app.local.idp.keys import SigningKey
from app.local.idp.registration import Addresses, SamlApplication
from app.local.idp.saml_signature import sign_response


@dataclass(frozen=True, slots=True)
class SamlFlow:
    """All that the SAML side may touch."""

    application: SamlApplication
    addresses: Addresses
    key: SigningKey
    given: GivenSessions
    clock: Callable[[], datetime]

    def asked(self) -> authn_request.AuthnRequest:
        query = request.args
        return authn_request.read(
            query.get("SAMLRequest", ""), query.get("RelayState", ""), self.application, self.addresses, self.clock()
        )

    def answer(self, asked: authn_request.AuthnRequest, pick: picking.Pick | None) -> str:
        """The page with the signed Response about `pick`, or with a signed refusal."""
        session = self.given.begin(pick.member, pick.at) if pick else ""
        envelope = saml_response.Envelope(asked, self.application, self.addresses, self.clock(), session)
        made = saml_response.accepted(envelope, pick) if pick else saml_response.refused(envelope, "AuthnFailed")
        return self.carry(made, asked.relay_state)

    def carry(self, response: etree._Element, relay_state: str) -> str:
        """The HTTP-POST binding (SAML Bindings 3.5.4)."""
        encoded = base64.b64encode(sign_response(response, self.key)).decode("ascii")
        return render_template("carry.html", acs=self.application.acs, saml_response=encoded, relay_state=relay_state)


def blueprint(flow: SamlFlow) -> Blueprint:
    saml = Blueprint("saml", __name__)

    @saml.get("/saml/metadata")
    def metadata() -> Response:
        response = make_response(saml_metadata.document(flow.addresses, flow.key, logs_out=flow.application.logs_out))
        response.mimetype = "application/samlmetadata+xml"
        return response

    @saml.get("/saml/sso")
    def ask() -> str:
        asked = flow.asked()
        if asked.is_passive:
            envelope = saml_response.Envelope(asked, flow.application, flow.addresses, flow.clock())
            return flow.carry(saml_response.refused(envelope, "NoPassive"), asked.relay_state)
        return render_template(
            "pick.html",
            cast=CAST,
            application=urlsplit(flow.application.acs).netloc,
            protocol="SAML",
            wants_mfa=picking.MFA_CONTEXT in asked.contexts,
        )

    @saml.post("/saml/sso")
    def answer() -> str:
        return flow.answer(flow.asked(), picking.read(request.form, flow.clock()))

    return saml
