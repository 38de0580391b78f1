"""The metadata document of a SAML provider: which issuers it names, and their signing keys.

AWS does not act on the expiry of certificates or metadata (IAM User Guide, "Create a SAML identity
provider"), so neither does this.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from functools import lru_cache

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from lxml import etree

from app.local.aws.refusals import Refusal
from app.local.aws.sts.xml import DS, MD, parsed, text_of

MIN_RSA_BITS = 1024
MOST_KEYS = 10


def unreadable() -> Refusal:
    return Refusal("InvalidInput", "Could not parse metadata")


@lru_cache(maxsize=64)
def issuers_of(metadata: str) -> Mapping[str, tuple[bytes, ...]]:
    """Entity id to PEM certificates. Raises InvalidInput when there is nothing to verify with."""
    try:
        root = parsed(metadata.encode())
    except ValueError:
        raise unreadable() from None
    found: dict[str, tuple[bytes, ...]] = {}
    for entity in root.iter(f"{MD}EntityDescriptor"):
        certificates = tuple(_pem(node) for node in entity.iterfind(f"{MD}IDPSSODescriptor/{MD}KeyDescriptor"))
        kept = tuple(pem for pem in certificates if pem)
        if kept and entity.get("entityID"):
            found[str(entity.get("entityID"))] = kept[:MOST_KEYS]
    if not found:
        raise unreadable()
    return found


def _pem(descriptor: etree._Element) -> bytes:
    """Empty for keys that are not for signing."""
    if descriptor.get("use", "signing") != "signing":
        return b""
    node = descriptor.find(f".//{DS}X509Certificate")
    if node is None:
        return b""
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode("".join(text_of(node).split()), validate=True))
    except (ValueError, binascii.Error):
        raise unreadable() from None
    key = certificate.public_key()
    if isinstance(key, RSAPublicKey) and key.key_size < MIN_RSA_BITS:
        raise Refusal("InvalidInput", f"The signing key must have at least {MIN_RSA_BITS} bits")
    return certificate.public_bytes(serialization.Encoding.PEM)
