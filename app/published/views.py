"""The three documents. They change only with the gateway's keys, so they are made once."""

from __future__ import annotations

import json

from flask import Blueprint, Response

from app.minting.keys import SigningKeys
from app.minting.oidc_tokens import discovery
from app.minting.saml_assertions import metadata
from app.web.guards import public


def blueprint(issuer_url: str, base_url: str, keys: SigningKeys) -> Blueprint:
    room = Blueprint("published", __name__)
    configuration = json.dumps(discovery(issuer_url))
    jwks = json.dumps(keys.jwks())
    saml = metadata(issuer_url, keys, f"{base_url}/")

    def document(text: str | bytes, mimetype: str) -> Response:
        return Response(text, mimetype=mimetype, headers={"Cache-Control": "public, max-age=300"})

    @room.get("/.well-known/openid-configuration")
    @public
    def openid_configuration() -> Response:
        return document(configuration, "application/json")

    @room.get("/issuer/jwks.json")
    @public
    def key_set() -> Response:
        return document(jwks, "application/json")

    @room.get("/issuer/saml-metadata.xml")
    @public
    def saml_metadata() -> Response:
        return document(saml, "application/samlmetadata+xml")

    return room
