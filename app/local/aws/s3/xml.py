"""S3's XML."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from lxml import etree

from app.local.aws.refusals import Refusal
from app.local.aws.replies import element, printable
from app.local.aws.things import Bucket

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"


def add(parent: etree._Element, **children: object) -> None:
    for name, value in children.items():
        etree.SubElement(parent, name).text = printable(str(value))


def document(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def failure(refusal: Refusal, request_id: str) -> bytes:
    """Without a namespace, unlike the errors of STS and IAM."""
    root = etree.Element("Error")
    add(root, Code=refusal.code, Message=refusal.message, RequestId=request_id, HostId="local")
    return document(root)


def bucket_list(buckets: Iterable[Bucket]) -> bytes:
    root = element("ListAllMyBucketsResult", NAMESPACE)
    parent = etree.SubElement(root, "Buckets")
    for bucket in buckets:
        add(etree.SubElement(parent, "Bucket"), Name=bucket.name, CreationDate=stamp(bucket.created))
    return document(root)
