"""S3 bodies sent as `aws-chunked`, signed piece by piece or not, with or without trailers.

Source: S3 API Reference, "Signature calculations ... transferring payload in multiple chunks" and
"... including trailing headers". Each chunk signature covers the one before, so chunks cannot be dropped,
repeated or put in another order.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from app.local.aws.refusals import Refusal
from app.local.aws.signing.claims import Claims
from app.local.aws.signing.sigv4 import mismatch

SIGNED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"
SIGNED_TRAILER = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED_TRAILER = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(slots=True)
class Chunks:
    """Reads one body. `key` is the SigV4 signing key, `previous` begins as the signature of the headers."""

    claims: Claims
    key: bytes = field(repr=False)
    mode: str
    rest: bytes = field(repr=False)
    previous: str

    def read(self) -> tuple[bytes, dict[str, str]]:
        """The body and its trailing headers. Raises SignatureDoesNotMatch or IncompleteBody."""
        body = bytearray()
        while piece := self._piece():
            body += piece
        return bytes(body), self._trailer()

    def _piece(self) -> bytes:
        head = self._line()
        size_text, _, extension = head.partition(";")
        try:
            size = int(size_text, 16)
        except ValueError:
            raise _incomplete() from None
        if size < 0 or size > len(self.rest):
            raise _incomplete()
        data = self.rest[:size]
        if self.mode != UNSIGNED_TRAILER:
            self._check_piece(data, extension.removeprefix("chunk-signature="))
        self.rest = self.rest[size:]
        if size:
            self._line()
        return data

    def _check_piece(self, data: bytes, claimed: str) -> None:
        lines = ("AWS4-HMAC-SHA256-PAYLOAD", self._scope(), self.previous, _EMPTY, hashlib.sha256(data).hexdigest())
        self._compare("\n".join(lines), claimed)

    def _trailer(self) -> dict[str, str]:
        pairs = (line.partition(":") for line in self.rest.decode("latin-1").split("\r\n") if line)
        found = {name.strip().lower(): value.strip() for name, _, value in pairs}
        claimed = found.pop("x-amz-trailer-signature", "")
        if self.mode == SIGNED_TRAILER:
            text = "".join(f"{name}:{value}\n" for name, value in sorted(found.items()))
            digest = hashlib.sha256(text.encode()).hexdigest()
            self._compare("\n".join(("AWS4-HMAC-SHA256-TRAILER", self._scope(), self.previous, digest)), claimed)
        return found

    def _scope(self) -> str:
        return f"{self.claims.stamp}\n{self.claims.scope}"

    def _compare(self, text: str, claimed: str) -> None:
        wanted = hmac.new(self.key, text.encode(), hashlib.sha256).hexdigest()
        if not hmac.compare_digest(wanted.encode(), claimed.encode()):
            raise mismatch()
        self.previous = wanted

    def _line(self) -> str:
        line, found, self.rest = self.rest.partition(b"\r\n")
        if not found or len(line) > 300:
            raise _incomplete()
        return line.decode("latin-1")


def _incomplete() -> Refusal:
    return Refusal("IncompleteBody", "The request body terminated unexpectedly", 400)
