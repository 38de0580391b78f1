"""ListObjectsV2: prefixes, delimiters and pages."""

from __future__ import annotations

import base64
import binascii
import hashlib
from urllib.parse import quote

from lxml import etree

from app.local.aws.refusals import Refusal
from app.local.aws.replies import element
from app.local.aws.s3.xml import NAMESPACE, add, document, stamp
from app.local.aws.signing.request import Incoming
from app.local.aws.things import Bucket, StoredObject

MOST_KEYS = 1_000


def etag(data: bytes) -> str:
    """The ETag of an object that came in one piece is its MD5."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def page(bucket: Bucket, request: Incoming) -> bytes:
    prefix, delimiter = request.argument("prefix") or "", request.argument("delimiter") or ""
    size = _size(request.argument("max-keys"))
    entries = _entries(bucket, prefix, delimiter)
    start = _start(request)
    left = [name for name in sorted(entries) if name > start]
    shown = left[:size]
    root = element("ListBucketResult", NAMESPACE)
    encode = quote if request.argument("encoding-type") == "url" else str
    add(root, Name=bucket.name, Prefix=encode(prefix), KeyCount=len(shown), MaxKeys=size)
    add(root, IsTruncated=str(len(left) > size).lower())
    if delimiter:
        add(root, Delimiter=encode(delimiter))
    if request.argument("encoding-type"):
        add(root, EncodingType="url")
    if len(left) > size and shown:
        add(root, NextContinuationToken=base64.urlsafe_b64encode(shown[-1].encode()).decode())
    for name in shown:
        _entry(root, encode(name), entries[name])
    return document(root)


def _entries(bucket: Bucket, prefix: str, delimiter: str) -> dict[str, StoredObject | None]:
    """Keys, and None for common prefixes."""
    found: dict[str, StoredObject | None] = {}
    for key, value in bucket.objects.items():
        if not key.startswith(prefix):
            continue
        rest = key[len(prefix) :]
        if delimiter and delimiter in rest:
            found[prefix + rest.split(delimiter, 1)[0] + delimiter] = None
        else:
            found[key] = value
    return found


def _entry(root: etree._Element, name: str, value: StoredObject | None) -> None:
    if value is None:
        add(etree.SubElement(root, "CommonPrefixes"), Prefix=name)
        return
    node = etree.SubElement(root, "Contents")
    add(node, Key=name, LastModified=stamp(value.modified), ETag=f'"{value.etag}"')
    add(node, Size=len(value.body), StorageClass="STANDARD")


def _size(text: str | None) -> int:
    if text is None:
        return MOST_KEYS
    if not text.isdigit() or len(text) > 9:
        raise Refusal("InvalidArgument", "Provided max-keys not an integer or within integer range")
    return min(int(text), MOST_KEYS)


def _start(request: Incoming) -> str:
    token = request.argument("continuation-token")
    if token is None:
        return request.argument("start-after") or ""
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, ValueError):
        raise Refusal("InvalidArgument", "The continuation token provided is incorrect") from None
