"""A provider's metadata, read with suspicion. (SAML metadata 2.0)

    size -> XML -> its signature, if a certificate for that is configured -> the one provider in it -> what we believe

What is believed is read from the octets that were signed, where there is a signature to ask for.
"""

from __future__ import annotations

import base64
from datetime import timedelta

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from app.errors import GatewayError
from app.providers.addresses import NotAdmitted, check_url, is_loopback_url
from app.providers.saml.driver import read_metadata
from app.providers.saml.metadata_limits import cache_for, valid_until
from app.providers.saml.names import HTTP_POST, HTTP_REDIRECT, ds, md
from app.providers.saml.peers import TrustedProvider
from app.providers.saml.prefilter import parse
from app.providers.saml.signatures import check_signature
from app.providers.saml.signed import signed_element
from app.providers.settings import SamlSettings

MOST_BYTES = 1024 * 1024
FRESH_FOR = timedelta(hours=1)


class UnusableMetadata(Exception):
    """The metadata cannot be used. The text says why, for the operator; `reason` in one word, for log and audit."""

    def __init__(self, text: str, reason: str = "saml.metadata") -> None:
        super().__init__(text)
        self.reason = reason


def read(raw: bytes, settings: SamlSettings) -> TrustedProvider:
    """The provider of this metadata. Raises UnusableMetadata, and nothing else."""
    try:
        root = _document(raw)
        if settings.metadata_certificates:
            root = _signed(root, pinned(settings.metadata_certificates))
        entity = _only_provider(root)
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


def _document(raw: bytes) -> etree._Element:
    if len(raw) > MOST_BYTES:
        raise UnusableMetadata("it is larger than 1 MiB")
    return parse(raw.removeprefix(b"\xef\xbb\xbf"))


def pinned(texts: tuple[str, ...]) -> tuple[str, ...]:
    """The certificates of these PEM texts, base64 of DER. Raises UnusableMetadata, also for a key that is too weak."""
    found = [one for text in texts for one in x509.load_pem_x509_certificates(text.encode())]
    certificates = tuple(base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in found)
    for certificate in certificates:
        _check_certificate(certificate)
    return certificates


def _signed(root: etree._Element, certificates: tuple[str, ...]) -> etree._Element:
    """The whole document as one of these certificates signed it: a signature on a part of it vouches for no address
    outside, and a certificate that comes along (KeyInfo) for nothing at all (X15)."""
    signatures = root.findall(ds("Signature"))
    try:
        if len(signatures) != 1:
            raise UnusableMetadata("it is not signed as a whole", "saml.metadata-signature")
        check_signature(signatures[0], root)
        return signed_element(root, certificates)
    except GatewayError as refused:
        said = f"its signature is not of metadata_certificate_files ({refused.reason})"
        raise UnusableMetadata(said, "saml.metadata-signature") from refused


def _only_provider(root: etree._Element) -> etree._Element:
    """One identity provider: of a federation's list of hundreds, nobody could say which one is meant."""
    found = [entity for entity in root.iter(md("EntityDescriptor")) if entity.find(md("IDPSSODescriptor")) is not None]
    if len(found) != 1 or len(found[0].findall(md("IDPSSODescriptor"))) != 1:
        raise UnusableMetadata("it must describe exactly one identity provider")
    return found[0]


def _trusted(parsed: dict[str, object], entity: etree._Element, settings: SamlSettings) -> TrustedProvider:
    service = parsed.get("singleSignOnService")
    url = str(service.get("url", "")) if isinstance(service, dict) else ""
    if not url:
        raise UnusableMetadata("it has no SingleSignOnService with the HTTP-Redirect binding")
    if not _may_send_browser_to(url):
        raise UnusableMetadata("its SingleSignOnService is not an https address")
    slo_url, slo_response_url, slo_binding = _logout(entity)
    return TrustedProvider(
        entity_id=str(parsed["entityId"]),
        sso_url=url,
        certificates=_certificates(parsed, entity),
        response_signed=settings.response_signed,
        max_validity=timedelta(minutes=settings.max_validity_minutes),
        slo_url=slo_url,
        slo_response_url=slo_response_url,
        slo_binding=slo_binding,
        valid_until=valid_until(entity),
        cache_for=cache_for(entity),
    )


def _logout(entity: etree._Element) -> tuple[str, str, str]:
    """Where logout requests and their answers go, and by which binding; by redirect if it offers that.

    An address where no browser may be sent is none: sign-in does not suffer for it.
    """
    found = {
        service.get("Binding"): service
        for service in entity.iterfind(f"{md('IDPSSODescriptor')}/{md('SingleLogoutService')}")
    }
    for binding, word in ((HTTP_REDIRECT, "redirect"), (HTTP_POST, "post")):
        if binding in found:
            url = found[binding].get("Location") or ""
            response_url = found[binding].get("ResponseLocation") or url
            if _may_send_browser_to(url) and _may_send_browser_to(response_url):
                return url, response_url, word
    return "", "", ""


def _may_send_browser_to(url: str) -> bool:
    """Https, except for a provider on the same machine."""
    try:
        check_url(url, is_loopback_url(url) or url.startswith("https://"))
    except (NotAdmitted, ValueError):
        return False
    return True


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
    try:
        key = x509.load_der_x509_certificate(base64.b64decode(text, validate=True)).public_key()
    except UnsupportedAlgorithm as unknown:  # a curve that nobody here can compute with; no ValueError
        raise UnusableMetadata("its signing key is of a kind that is not known here") from unknown
    if isinstance(key, rsa.RSAPublicKey) and key.key_size >= 2048:
        return
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise UnusableMetadata("its signing key must be RSA with 2048 bits or more, or an elliptic curve")
