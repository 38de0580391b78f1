"""The body of an upload: checked against what the signature says about it, and against its checksums."""

from __future__ import annotations

import base64
import hashlib
import hmac
import zlib
from collections.abc import Callable, Mapping

from app.local.aws.refusals import Refusal
from app.local.aws.signing import chunks
from app.local.aws.signing.claims import Claims
from app.local.aws.signing.request import Incoming
from app.local.aws.signing.sigv4 import signing_key

_CHECKSUMS: Mapping[str, Callable[[bytes], bytes]] = {
    "x-amz-checksum-crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
    "x-amz-checksum-sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
    "x-amz-checksum-sha256": lambda data: hashlib.sha256(data).digest(),
}


def received(request: Incoming, claims: Claims, secret: str) -> bytes:
    """The decoded body. Raises when it is not what was signed or announced."""
    mode = request.headers.get("x-amz-content-sha256", "UNSIGNED-PAYLOAD" if claims.presigned else "")
    trailer: dict[str, str] = {}
    match mode:
        case "":
            raise Refusal("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
        case "UNSIGNED-PAYLOAD":
            body = request.body
        case chunks.SIGNED | chunks.SIGNED_TRAILER | chunks.UNSIGNED_TRAILER:
            body, trailer = chunks.Chunks(
                claims, signing_key(claims, secret), mode, request.body, claims.signature
            ).read()
            _same_length(request, body)
        case _:
            body = request.body
            if not hmac.compare_digest(hashlib.sha256(body).hexdigest().encode(), mode.encode()):
                text = "The provided 'x-amz-content-sha256' header does not match what was computed."
                raise Refusal("XAmzContentSHA256Mismatch", text)
    _check_sums({**request.headers, **trailer}, body)
    return body


def _same_length(request: Incoming, body: bytes) -> None:
    if request.headers.get("x-amz-decoded-content-length", "") != str(len(body)):
        wanted = "You did not provide the number of bytes specified by the Content-Length HTTP header."
        raise Refusal("IncompleteBody", wanted)


def _check_sums(headers: Mapping[str, str], body: bytes) -> None:
    for name, computed in _CHECKSUMS.items():
        if name in headers and headers[name] != base64.b64encode(computed(body)).decode():
            kind = name.removeprefix("x-amz-checksum-").upper()
            raise Refusal("BadDigest", f"The {kind} you specified did not match the calculated checksum.")
    md5 = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
    if headers.get("content-md5", md5) != md5:
        raise Refusal("BadDigest", "The Content-MD5 you specified did not match what we received.")
