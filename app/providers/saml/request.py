"""Asking a SAML provider to sign somebody in: the AuthnRequest by HTTP-Redirect (bindings 3.4)."""

from __future__ import annotations

import base64
import zlib
from datetime import datetime
from urllib.parse import urlencode

from lxml import etree

from app.providers.saml.instants import written
from app.providers.saml.names import HTTP_POST, SAML, SAMLP, saml, samlp
from app.providers.saml.peers import ServiceProvider, TrustedProvider


def redirect(us: ServiceProvider, them: TrustedProvider, request_id: str, state: str, now: datetime) -> str:
    """The address at the provider. `state` travels as RelayState: an opaque key, never an address."""
    xml = etree.tostring(_authn_request(us, them, request_id, now), encoding="utf-8")
    query = urlencode({"SAMLRequest": base64.b64encode(_deflate(xml)).decode(), "RelayState": state})
    return f"{them.sso_url}{'&' if '?' in them.sso_url else '?'}{query}"


def _authn_request(us: ServiceProvider, them: TrustedProvider, request_id: str, now: datetime) -> etree._Element:
    request = etree.Element(
        samlp("AuthnRequest"),
        {
            "ID": request_id,
            "Version": "2.0",
            "IssueInstant": written(now),
            "Destination": them.sso_url,
            "ProtocolBinding": HTTP_POST,
            "AssertionConsumerServiceURL": us.acs,
        },
        nsmap={"samlp": SAMLP, "saml": SAML},
    )
    etree.SubElement(request, saml("Issuer")).text = us.entity_id
    # No Format: providers that do not have the one that is asked for answer with an error instead of a person.
    etree.SubElement(request, samlp("NameIDPolicy"), {"AllowCreate": "true"})
    return request


def _deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(level=9, wbits=-15)  # RFC 1951 without a header, as the binding says
    return packer.compress(data) + packer.flush()
