"""The same provider, signing people out: honest messages of Single Logout, and a forger's variations.

    forge = LogoutForge()
    draft = forge.asks(slo, now)                       an honest LogoutRequest, as fields; None leaves one out
    forge.query(build(draft))                          the signed query of the redirect binding
    forge.form(build(draft))                           the signed form of the POST binding

Signed with its own code, as `tests.forges.saml` is, so that the gateway is not measured with its own ruler.
"""

from __future__ import annotations

import base64
import secrets
import zlib
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, unquote

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from lxml import etree

from tests.forges.saml import MD, PERSISTENT, RSA_SHA256, SAML, SAMLP, SIGNATURES, SUCCESS, SamlForge, Signing, stamp

STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
REQUEST, RESPONSE = "SAMLRequest", "SAMLResponse"
SLO = "https://idp.example.com/slo"
HONEST = Signing()


@dataclass(frozen=True)
class LogoutDraft:
    """The fields of a LogoutRequest, or of a LogoutResponse if there is a status. None leaves one out."""

    issuer: str | None
    destination: str | None
    issued: datetime | None
    id: str | None
    ends: datetime | None = None
    version: str = "2.0"
    name: str | None = "alice"
    name_attributes: tuple[tuple[str, str], ...] = (("Format", PERSISTENT),)
    indexes: tuple[str, ...] = ("_s1",)
    in_response_to: str | None = None
    status: str | None = None
    substatus: str | None = None
    issuer_format: str | None = None

    def but(self, **changes: Any) -> LogoutDraft:
        return replace(self, **changes)


class LogoutForge(SamlForge):
    def metadata(self, *args: Any, **kwargs: Any) -> str:
        """`slo`: endpoints of Single Logout as (binding, location, response location); one by redirect if absent."""
        endpoints = kwargs.pop("slo", ((REDIRECT, SLO, ""),))
        root = etree.fromstring(super().metadata(*args, **kwargs))
        role = root[0]
        service = role.find(f"{{{MD}}}SingleSignOnService")
        assert service is not None
        for binding, location, response in endpoints:
            found = {"Binding": binding, "Location": location} | ({"ResponseLocation": response} if response else {})
            service.addprevious(etree.Element(f"{{{MD}}}SingleLogoutService", found))
        return etree.tostring(root).decode()

    def asks(self, slo: str, now: datetime, /, **changes: Any) -> LogoutDraft:
        """The provider ends Alice's session."""
        made = LogoutDraft(self.entity_id, slo, now, f"_l{secrets.token_hex(12)}", now + timedelta(minutes=5))
        return made.but(**changes)

    def answers(self, slo: str, request_id: str, now: datetime, /, **changes: Any) -> LogoutDraft:
        """The provider has ended Alice's sessions, as it was asked."""
        made = LogoutDraft(self.entity_id, slo, now, f"_l{secrets.token_hex(12)}")
        return made.but(name=None, indexes=(), in_response_to=request_id, status=SUCCESS).but(**changes)

    def query(
        self,
        message: etree._Element | bytes,
        relay_state: str | None = "opaque-1",
        *,
        field: str = "",
        method: str = RSA_SHA256,
        key: Any = None,
    ) -> str:
        xml = message if isinstance(message, bytes) else etree.tostring(message)
        field = field or (RESPONSE if b"LogoutResponse" in xml[:120] else REQUEST)
        parts = [(field, base64.b64encode(deflated(xml)).decode())]
        parts += [] if relay_state is None else [("RelayState", relay_state)]
        octets = "&".join(f"{name}={quote(value, safe='')}" for name, value in [*parts, ("SigAlg", method)])
        return f"{octets}&Signature={quote(self._over(octets.encode(), method, key or self.key), safe='')}"

    def form(
        self, message: etree._Element, relay_state: str | None = "opaque-1", signing: Signing | None = HONEST
    ) -> dict[str, str]:
        if signing is not None:
            self.sign(message, signing)
        field = RESPONSE if message.tag.endswith("LogoutResponse") else REQUEST
        return {field: self.encode(message)} | ({} if relay_state is None else {"RelayState": relay_state})

    def _over(self, octets: bytes, method: str, key: Any) -> str:
        digest = SIGNATURES.get(method) or hashes.SHA256()
        if isinstance(key, ec.EllipticCurvePrivateKey):
            return base64.b64encode(key.sign(octets, ec.ECDSA(digest))).decode()  # DER, as Java and PHP write it
        return base64.b64encode(key.sign(octets, padding.PKCS1v15(), digest)).decode()


def build(draft: LogoutDraft) -> etree._Element:
    """The unsigned message."""
    kind = "LogoutRequest" if draft.status is None else "LogoutResponse"
    said = {
        "ID": draft.id,
        "Version": draft.version,
        "IssueInstant": stamp(draft.issued),
        "Destination": draft.destination,
        "NotOnOrAfter": stamp(draft.ends),
        "InResponseTo": draft.in_response_to,
    }
    present = {key: value for key, value in said.items() if value is not None}
    root = etree.Element(f"{{{SAMLP}}}{kind}", present, nsmap={"samlp": SAMLP, "saml": SAML})
    if draft.issuer is not None:
        issuer = etree.SubElement(
            root, f"{{{SAML}}}Issuer", {"Format": draft.issuer_format} if draft.issuer_format else {}
        )
        issuer.text = draft.issuer
    if draft.status is not None:
        code = etree.SubElement(
            etree.SubElement(root, f"{{{SAMLP}}}Status"), f"{{{SAMLP}}}StatusCode", Value=draft.status
        )
        if draft.substatus:
            etree.SubElement(code, f"{{{SAMLP}}}StatusCode", Value=draft.substatus)
    if draft.name is not None:
        etree.SubElement(root, f"{{{SAML}}}NameID", dict(draft.name_attributes)).text = draft.name
    for index in draft.indexes:
        etree.SubElement(root, f"{{{SAMLP}}}SessionIndex").text = index
    return root


def deflated(xml: bytes) -> bytes:
    packer = zlib.compressobj(level=9, wbits=-15)
    return packer.compress(xml) + packer.flush()


def inflated(query: dict[str, str], field: str) -> etree._Element:
    """The message of a query that the gateway made, read without any check."""
    return etree.fromstring(zlib.decompress(base64.b64decode(query[field]), -15))


def is_signed(raw_query: str, certificate: x509.Certificate) -> bool:
    """Does the query carry an RSA-SHA256 signature of this certificate's key, over itself as written?"""
    octets, _, signature = raw_query.rpartition("&Signature=")
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    assert f"SigAlg={quote(RSA_SHA256, safe='')}" in octets.split("&")
    key.verify(base64.b64decode(unquote(signature)), octets.encode(), padding.PKCS1v15(), hashes.SHA256())
    return True
