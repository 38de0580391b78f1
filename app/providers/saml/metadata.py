"""Metadata: theirs, read with suspicion, and ours, written for their administrator. (SAML metadata 2.0)"""

from __future__ import annotations

import base64
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from app.errors import GatewayError
from app.providers.addresses import NotAdmitted, check_url, is_loopback_url
from app.providers.saml.driver import read_metadata
from app.providers.saml.names import ds, md
from app.providers.saml.peers import TrustedProvider
from app.providers.saml.prefilter import parse
from app.providers.settings import SamlSettings

MOST_BYTES = 1024 * 1024
FRESH_FOR = timedelta(hours=1)

_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_UNSPECIFIED = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified"


class UnusableMetadata(Exception):
    """The metadata cannot be used. The text says why, for the operator."""


def read(raw: bytes, settings: SamlSettings) -> TrustedProvider:
    """The provider of this metadata. Raises UnusableMetadata, and nothing else."""
    try:
        entity = _only_provider(raw)
        entity_id = entity.get("entityID") or ""
        if not entity_id or "'" in entity_id:  # the library writes it into an XPath expression
            raise UnusableMetadata("its entityID is missing or has a quotation mark")
        return _trusted(read_metadata(etree.tostring(entity, with_tail=False), entity_id), entity, settings)
    except UnusableMetadata:
        raise
    except GatewayError as refused:
        raise UnusableMetadata(f"it is not XML that can be read ({refused.reason})") from refused
    except Exception as unreadable:
        raise UnusableMetadata("it is not SAML metadata of an identity provider") from unreadable


def _only_provider(raw: bytes) -> etree._Element:
    """One identity provider: of a federation's list of hundreds, nobody could say which one is meant."""
    if len(raw) > MOST_BYTES:
        raise UnusableMetadata("it is larger than 1 MiB")
    root = parse(raw.removeprefix(b"\xef\xbb\xbf"))
    found = [entity for entity in root.iter(md("EntityDescriptor")) if entity.find(md("IDPSSODescriptor")) is not None]
    if len(found) != 1 or len(found[0].findall(md("IDPSSODescriptor"))) != 1:
        raise UnusableMetadata("it must describe exactly one identity provider")
    return found[0]


def _trusted(parsed: dict[str, object], entity: etree._Element, settings: SamlSettings) -> TrustedProvider:
    service = parsed.get("singleSignOnService")
    url = str(service.get("url", "")) if isinstance(service, dict) else ""
    if not url:
        raise UnusableMetadata("it has no SingleSignOnService with the HTTP-Redirect binding")
    _check_sso_url(url)
    return TrustedProvider(
        entity_id=str(parsed["entityId"]),
        sso_url=url,
        certificates=_certificates(parsed, entity),
        response_signed=settings.response_signed,
        max_validity=timedelta(minutes=settings.max_validity_minutes),
    )


def _check_sso_url(url: str) -> None:
    """Only the browser goes there; https, except for a provider on the same machine."""
    try:
        check_url(url, is_loopback_url(url) or url.startswith("https://"))
    except (NotAdmitted, ValueError) as bad:
        raise UnusableMetadata("its SingleSignOnService is not an https address") from bad


def _certificates(parsed: dict[str, object], entity: etree._Element) -> tuple[str, ...]:
    """The signing certificates. The library falls back to an encryption certificate; a key that others
    encrypt to has never promised not to sign what it is asked to.
    """
    keys = entity.findall(f"{md('IDPSSODescriptor')}/{md('KeyDescriptor')}")
    uses = [key.get("use") for key in keys if key.find(f".//{ds('X509Certificate')}") is not None]
    if all(use == "encryption" for use in uses):
        raise UnusableMetadata("it has no certificate for signing")
    multiple = parsed.get("x509certMulti")
    found = multiple.get("signing", []) if isinstance(multiple, dict) else [parsed.get("x509cert")]
    certificates = tuple(dict.fromkeys(str(one) for one in found))
    for certificate in certificates:
        _check_certificate(certificate)
    return certificates


def _check_certificate(text: str) -> None:
    key = x509.load_der_x509_certificate(base64.b64decode(text, validate=True)).public_key()
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        return
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise UnusableMetadata("its signing key must be RSA with 2048 bits or more, or an elliptic curve")
