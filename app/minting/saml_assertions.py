"""Responses for AssumeRoleWithSAML, and the metadata by which AWS knows us as a SAML provider.

Contents as in IAM User Guide, "Configure SAML assertions for the authentication response". Recipient and
Audience come from a fixed table, never from a request. XML is built as a tree, so no value can become
markup.
"""

from __future__ import annotations

import base64
import secrets
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree
from lxml.builder import ElementMaker  # type: ignore[import-not-found]  # not in lxml's stubs

from app.core.audiences import AWS_SIGN_IN, AwsSignIn
from app.minting.claims import LIFE, SKEW, SessionClaims
from app.minting.keys import SigningKeys
from app.minting.xml_signatures import sign_enveloped

_AWS = "https://aws.amazon.com/SAML/Attributes/"
_PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
_NAMESPACES: Final = {
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
_SAML = ElementMaker(namespace=_NAMESPACES["saml"], nsmap={"saml": _NAMESPACES["saml"]})
_SAMLP = ElementMaker(namespace=_NAMESPACES["samlp"], nsmap={k: _NAMESPACES[k] for k in ("samlp", "saml")})
_MD = ElementMaker(namespace=_NAMESPACES["md"], nsmap={k: _NAMESPACES[k] for k in ("md", "ds")})
_DS = ElementMaker(namespace=_NAMESPACES["ds"])


def entity_id(issuer: str) -> str:
    """The gateway's name as a SAML identity provider: the address of its metadata."""
    return f"{issuer}/issuer/saml-metadata.xml"


def mint_response(claims: SessionClaims, issuer: str, keys: SigningKeys, now: datetime) -> str:
    """A signed Response with one signed Assertion, base64. Not for anybody but STS."""
    service = AWS_SIGN_IN[claims.role.aws_partition]
    name = entity_id(issuer)
    assertion = _assertion(claims, name, service, now)
    response = _SAMLP.Response(
        _SAML.Issuer(name),
        _SAMLP.Status(_SAMLP.StatusCode(Value="urn:oasis:names:tc:SAML:2.0:status:Success")),
        assertion,
        ID=_new_id(),
        Version="2.0",
        IssueInstant=_instant(now),
        Destination=service.recipient,
    )
    sign_enveloped(assertion, keys.newest)
    sign_enveloped(response, keys.newest)
    return base64.b64encode(etree.tostring(response)).decode()


def metadata(issuer: str, keys: SigningKeys, sign_in_url: str) -> bytes:
    """For `aws iam create-saml-provider`. All keys are in it, so that a new one is known before it signs.

    `sign_in_url` is where a person would begin; the schema wants one, AWS does not use it for us.
    """
    described = [
        _MD.KeyDescriptor(_DS.KeyInfo(_DS.X509Data(_DS.X509Certificate(key.certificate_base64))), use="signing")
        for key in keys.keys
    ]
    sign_in = _MD.SingleSignOnService(
        Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect", Location=sign_in_url
    )
    descriptor = _MD.IDPSSODescriptor(
        *described,
        _MD.NameIDFormat(_PERSISTENT),
        sign_in,
        protocolSupportEnumeration=_NAMESPACES["samlp"],
        WantAuthnRequestsSigned="false",
    )
    entity = _MD.EntityDescriptor(descriptor, entityID=entity_id(issuer))
    return etree.tostring(entity, xml_declaration=True, encoding="UTF-8")


def _assertion(claims: SessionClaims, issuer: str, service: AwsSignIn, now: datetime) -> Any:
    end = _instant(now + LIFE)
    return _SAML.Assertion(
        _SAML.Issuer(issuer),
        _SAML.Subject(
            _SAML.NameID(claims.subject, Format=_PERSISTENT),
            _SAML.SubjectConfirmation(
                _SAML.SubjectConfirmationData(NotOnOrAfter=end, Recipient=service.recipient),
                Method="urn:oasis:names:tc:SAML:2.0:cm:bearer",
            ),
        ),
        _SAML.Conditions(
            _SAML.AudienceRestriction(_SAML.Audience(service.audience)),
            NotBefore=_instant(now - SKEW),
            NotOnOrAfter=end,
        ),
        _SAML.AuthnStatement(
            _SAML.AuthnContext(
                _SAML.AuthnContextClassRef("urn:oasis:names:tc:SAML:2.0:ac:classes:unspecified"),
            ),
            AuthnInstant=_instant(now),
        ),
        _SAML.AttributeStatement(*_attributes(claims)),
        ID=_new_id(),
        Version="2.0",
        IssueInstant=_instant(now),
    )


def _attributes(claims: SessionClaims) -> list[Any]:
    attributes = [
        _attribute("Role", f"{claims.role},{claims.provider}"),
        _attribute("RoleSessionName", claims.session_name),
    ]
    if claims.source_identity is not None:
        attributes.append(_attribute("SourceIdentity", claims.source_identity))
    attributes += [_attribute(f"PrincipalTag:{name}", value) for name, value in claims.tags.items()]
    if claims.transitive_tags:
        attributes.append(_attribute("TransitiveTagKeys", *claims.transitive_tags))
    return attributes


def _attribute(name: str, *values: str) -> Any:
    return _SAML.Attribute(*(_SAML.AttributeValue(str(value)) for value in values), Name=_AWS + name)


def _new_id() -> str:
    """An xs:ID must not begin with a digit; 128 bits."""
    return f"_{secrets.token_hex(16)}"


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
