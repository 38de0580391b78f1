"""Rows 1, 2 and 8 to 13 of the SAML catalogue: documents of shapes that no honest provider sends."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from tests.catalogue.row import Row
from tests.catalogue.saml_recipes import admits, altered, assertion_of, evil, refuses
from tests.catalogue.visits import SamlVisit
from tests.forges.saml import DS, SAML, SAMLP, Signing, wrapped


def rows() -> Iterator[Row]:
    yield admits("control honest", lambda visit: visit.signed(), name="alice", groups=["aws-dev", "everyone"], mfa=0)
    yield admits("control both signed", lambda visit: visit.signed(response=Signing()))
    yield from _wrapping()
    yield from _texts()
    yield from _documents()


def _wrapping() -> Iterator[Row]:
    for variant in range(1, 9):
        yield refuses(f"01 XSW{variant}", "saml.structure saml.signature-structure", lambda v, n=variant: _xsw(v, n))
    for variant in range(3, 9):
        yield refuses(
            f"01 XSW{variant} under the honest id",
            "saml.structure saml.signature-structure saml.id",
            lambda v, n=variant: _xsw(v, n, same_id=True),
        )
    yield refuses("02 two assertions", "saml.structure", _two_assertions)
    yield refuses("02 the same id twice", "saml.id", _same_id)
    yield refuses("02 moved signature", "saml.signature-structure", _moved_signature)
    yield refuses("02 wrapped root", "saml.structure", _wrapped_root)


def _xsw(visit: SamlVisit, variant: int, same_id: bool = False) -> etree._Element:
    signed = visit.signed(response=Signing()) if variant < 3 else visit.signed()
    forged = evil(visit)
    if same_id:
        forged.set("ID", assertion_of(signed).get("ID") or "")
    return wrapped(signed, variant, forged)


def _two_assertions(visit: SamlVisit) -> etree._Element:
    root = visit.signed()
    root.append(evil(visit))
    return root


def _same_id(visit: SamlVisit) -> etree._Element:
    root = visit.signed()
    root.set("ID", assertion_of(root).get("ID") or "")
    return root


def _moved_signature(visit: SamlVisit) -> etree._Element:
    root = visit.signed()
    signature, subject = (
        assertion_of(root).find(f"{{{ns}}}{tag}") for ns, tag in ((DS, "Signature"), (SAML, "Subject"))
    )
    assert signature is not None
    assert subject is not None
    subject.append(signature)
    return root


def _wrapped_root(visit: SamlVisit) -> etree._Element:
    outer = etree.Element(f"{{{SAMLP}}}ArtifactResponse", ID="_outer")
    outer.append(visit.signed())
    return outer


def _texts() -> Iterator[Row]:
    for name, inside in (("comment", "<!-- -->"), ("instruction", "<?pi x?>")):
        yield refuses(
            f"08 {name} inside a name",
            "saml.structure",
            lambda v, x=inside: altered(v.signed(v.draft(subject="a.evil")), b">a.evil<", f">a{x}.evil<".encode()),
        )
    yield admits(
        "08 control character data is its full text",
        lambda v: altered(v.signed(v.draft(subject="alice.evil")), b">alice.evil<", b"><![CDATA[alice.]]>evil<"),
        subject="alice.evil",
    )
    yield refuses("09 element inside a value", "saml.text", lambda v: _element_inside(v, "AttributeValue"))
    yield refuses(
        "09 element inside the name", "saml.structure saml.text saml.subject", lambda v: _element_inside(v, "NameID")
    )


def _element_inside(visit: SamlVisit, where: str) -> etree._Element:
    """Signed by the provider itself: an attribute whose content its users may write."""
    root = visit.signed(assertion=None)
    value = root.find(f".//{{{SAML}}}{where}")
    assert value is not None
    value.text = "admin"
    etree.SubElement(value, f"{{{SAML}}}NameID").text = "istrators"
    visit.forge.sign(assertion_of(root))
    return root


def _documents() -> Iterator[Row]:
    subject = b"<saml:Subject>"
    # Row 10, two parsers with two opinions: what libxml2 and others are known to read in different ways.
    yield refuses("10 a second root", "saml.xml", lambda v: etree.tostring(v.signed()) + b"<evil/>")
    yield refuses(
        "10 an attribute twice", "saml.xml", lambda v: altered(v.signed(), subject, b"<saml:Subject a='1' a='2'>")
    )
    yield refuses(
        "10 a prefix without a namespace", "saml.xml", lambda v: altered(v.signed(), subject, b"<q:x/>" + subject)
    )
    yield refuses("11 larger than the limit", "saml.too-large", lambda v: b"A" * (200 * 1024))
    yield refuses("11 too many elements", "saml.too-large", _many_elements)
    for name, one in (("namespaces", 'xmlns:n{}="urn:x"'), ("attributes", 'n{}=""')):
        crowd = f"<saml:Subject {' '.join(one.format(number) for number in range(100))}>".encode()
        yield refuses(f"11 too many {name}", "saml.too-large", lambda v, c=crowd: altered(v.signed(), subject, c))
    for uri in ("relative", "../up", "1", "/a"):
        space = f'<saml:Subject xmlns:v="{uri}">'.encode()
        yield refuses(
            f"12 relative namespace {uri}",
            "saml.namespace saml.xml",
            lambda v, s=space: altered(v.signed(), subject, s),
        )
    for name in ("xml:id", "samlp:ID", "id", "Assertionid"):
        attribute = f'<saml:Subject {name}="_x">'.encode()
        yield refuses(f"12 an ID named {name}", "saml.id", lambda v, a=attribute: altered(v.signed(), subject, a))
    yield refuses("12 an assertion of another namespace", "saml.structure", _other_namespace)
    yield refuses("12 the default namespace is another", "saml.structure saml.signature", _default_namespace)
    for name, prolog in (
        ("entity", '<!DOCTYPE r [<!ENTITY a "aaaa">]>'),
        ("external DTD", '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/evil.dtd">'),
        ("external entity", '<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]>'),
        ("billion laughs", '<!DOCTYPE r [<!ENTITY a "a"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>'),
        ("parameter entity", '<!DOCTYPE r [<!ENTITY % p SYSTEM "http://127.0.0.1:1/p"> %p;]>'),
        ("in small letters", "<!doctype r>"),
    ):
        yield refuses(f"13 DTD, {name}", "saml.doctype", lambda v, p=prolog: p.encode() + etree.tostring(v.signed()))
    yield refuses(
        "13 very deep", "saml.xml", lambda v: altered(v.signed(), subject, b"<a>" * 300 + b"</a>" * 300 + subject)
    )


def _many_elements(visit: SamlVisit) -> bytes:
    many = (("groups", tuple("g" for _ in range(5200))),)
    return altered(
        visit.signed(visit.draft(attributes=many)), b"<saml:AttributeValue>g</saml:AttributeValue>", b"<saml:Advice/>"
    )


def _other_namespace(visit: SamlVisit) -> etree._Element:
    root = visit.signed()
    etree.SubElement(assertion_of(root), "{urn:other}Assertion", ID="_other")
    return root


def _default_namespace(visit: SamlVisit) -> bytes:
    return altered(visit.signed(), b"saml:Assertion", b"Assertion")
