"""The names of SAML and XML Signature that this package uses: namespaces, elements, allowed algorithms."""

from __future__ import annotations

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
EXC_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = DS + "enveloped-signature"

BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
HTTP_POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
HTTP_REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"

_MORE = "http://www.w3.org/2001/04/xmldsig-more#"

RSA_SHA256, SHA256 = _MORE + "rsa-sha256", XENC + "sha256"  # what we sign with
# An allow-list: python3-saml's own list forbids SHA-1 only and lets MD5, RIPEMD160 and SHA-224 pass.
SIGNATURE_METHODS = frozenset(_MORE + name for name in ("rsa-sha256", "rsa-sha384", "rsa-sha512"))
SIGNATURE_METHODS |= frozenset(_MORE + name for name in ("ecdsa-sha256", "ecdsa-sha384", "ecdsa-sha512"))
DIGEST_METHODS = {SHA256: "sha256", _MORE + "sha384": "sha384", XENC + "sha512": "sha512"}

RSA_1_5 = XENC + "rsa-1_5"
RSA_OAEP_MGF1P = XENC + "rsa-oaep-mgf1p"
RSA_OAEP = XENC11 + "rsa-oaep"


def saml(name: str) -> str:
    return f"{{{SAML}}}{name}"


def samlp(name: str) -> str:
    return f"{{{SAMLP}}}{name}"


def ds(name: str) -> str:
    return f"{{{DS}}}{name}"


def md(name: str) -> str:
    return f"{{{MD}}}{name}"


def xenc(name: str) -> str:
    return f"{{{XENC}}}{name}"


def xenc11(name: str) -> str:
    return f"{{{XENC11}}}{name}"
