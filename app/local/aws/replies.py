"""XML replies of the query protocol, in the order and with the names of the service model."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from botocore.model import ListShape, OperationModel, Shape, StructureShape
from lxml import etree

from app.local.aws.refusals import Refusal

NAMESPACES = {
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
}


def success(service: str, wanted: OperationModel, result: Mapping[str, Any], request_id: str) -> bytes:
    root = element(f"{wanted.name}Response", NAMESPACES[service])
    shape = wanted.output_shape
    if shape is not None:
        wrapper = shape.serialization.get("resultWrapper", f"{wanted.name}Result")
        _structure(etree.SubElement(root, wrapper), shape, result)
    metadata = etree.SubElement(root, "ResponseMetadata")
    etree.SubElement(metadata, "RequestId").text = request_id
    return _bytes(root)


def failure(service: str, refusal: Refusal, request_id: str) -> bytes:
    root = element("ErrorResponse", NAMESPACES[service])
    error = etree.SubElement(root, "Error")
    etree.SubElement(error, "Type").text = refusal.fault
    etree.SubElement(error, "Code").text = refusal.code
    etree.SubElement(error, "Message").text = printable(refusal.message)
    etree.SubElement(root, "RequestId").text = request_id
    return _bytes(root)


def element(name: str, namespace: str) -> etree._Element:
    """A root whose namespace is the default one, as in AWS's replies."""
    unprefixed: Any = {None: namespace}  # the stubs of lxml do not know that a prefix may be None
    return etree.Element(name, nsmap=unprefixed)


def zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def printable(text: str) -> str:
    """Refusals quote the request; a control character would make the XML invalid and hide the refusal."""
    return "".join(c if _is_xml(c) else "?" for c in text)


def _is_xml(c: str) -> bool:
    return c in "\t\n" or c >= " " and c not in "\x7f\ufffe\uffff" and not "\ud800" <= c <= "\udfff"


def _structure(parent: etree._Element, shape: Shape, value: Mapping[str, Any]) -> None:
    assert isinstance(shape, StructureShape)
    if unknown := set(value) - set(shape.members):
        raise ValueError(f"not in the model of {shape.name}: {sorted(unknown)}")
    for name, member in shape.members.items():
        if (inner := value.get(name)) is not None:
            _value(etree.SubElement(parent, name), member, inner)


def _value(node: etree._Element, shape: Shape, value: Any) -> None:
    if isinstance(shape, StructureShape):
        _structure(node, shape, value)
    elif isinstance(shape, ListShape):
        for item in value:
            _value(etree.SubElement(node, "member"), shape.member, item)
    elif isinstance(value, datetime):
        node.text = zulu(value)
    elif isinstance(value, bytes):
        node.text = base64.b64encode(value).decode()
    elif isinstance(value, bool):
        node.text = "true" if value else "false"
    else:
        node.text = printable(str(value))


def _bytes(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=False, encoding="utf-8")
