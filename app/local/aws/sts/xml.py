"""XML from strangers: no DTD, no entities, no network, no huge trees."""

from __future__ import annotations

from lxml import etree

SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"
MD = "{urn:oasis:names:tc:SAML:2.0:metadata}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"


def parsed(document: bytes) -> etree._Element:
    """Raises ValueError. A DTD is refused as such: nobody needs one, and entities and `ID` types hide in it."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as problem:
        raise ValueError("not well-formed XML") from problem
    if root.getroottree().docinfo.internalDTD is not None or any(
        isinstance(node, etree._Entity) for node in root.iter()
    ):
        raise ValueError("a document type or an entity reference")
    return root


def text_of(node: etree._Element | None) -> str:
    """All the text, also behind a comment: `alice<!-- -->.evil` must not read as `alice`. Raises ValueError
    when there are elements inside."""
    if node is None:
        return ""
    if any(isinstance(child.tag, str) for child in node):
        raise ValueError("text was expected, an element was found")
    return (node.text or "") + "".join(child.tail or "" for child in node)
