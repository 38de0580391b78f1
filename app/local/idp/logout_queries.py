"""Signed queries of the HTTP-Redirect binding (SAML Bindings 3.4.4.1), RSA-SHA256 and nothing else."""

from __future__ import annotations

import base64
import binascii
import zlib
from urllib.parse import quote, unquote

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from app.local.idp.authn_request import inflate
from app.local.idp.keys import SigningKey
from app.local.idp.refusals import RefusedRequest

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"


def signed(address: str, name: str, xml: bytes, relay_state: str, key: SigningKey) -> str:
    """The address with the message as its parameter `name`."""
    packer = zlib.compressobj(wbits=-15)
    said = {name: base64.b64encode(packer.compress(xml) + packer.flush()).decode("ascii")}
    if relay_state:
        said["RelayState"] = relay_state
    said["SigAlg"] = RSA_SHA256
    query = "&".join(f"{part}={quote(value, safe='')}" for part, value in said.items())
    private = serialization.load_pem_private_key(key.private_pem, None)
    assert isinstance(private, rsa.RSAPrivateKey), "`keys` makes no others"
    signature = private.sign(query.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{address}?{query}&Signature={quote(base64.b64encode(signature), safe='')}"


def verified(raw_query: str, name: str, certificate_pem: bytes) -> tuple[bytes, str]:
    """The message and the RelayState of a query as it came. Raises RefusedRequest for one that is not signed so."""
    raw = dict(part.partition("=")[::2] for part in raw_query.split("&"))
    octets = "&".join(f"{part}={raw[part]}" for part in (name, "RelayState", "SigAlg") if part in raw)
    if len(raw) != raw_query.count("&") + 1 or unquote(raw.get("SigAlg", "")) != RSA_SHA256:
        raise _refused()
    key = x509.load_pem_x509_certificate(certificate_pem).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise _refused()
    try:
        signature = base64.b64decode(unquote(raw.get("Signature", "")), validate=True)
        key.verify(signature, octets.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        raise _refused() from None
    return inflate(unquote(raw.get(name, "")), name), unquote(raw.get("RelayState", ""))


def _refused() -> RefusedRequest:
    return RefusedRequest("The message is not signed by the application that is registered here.", reason="signature")
