"""Signature Version 4 by hand, so that every part of it can be put wrong."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import quote, urlencode, urlsplit


@dataclass
class Signer:
    """Fields are what an honest client does; change one to do it wrong."""

    key_id: str
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)
    region: str = "eu-west-1"
    service: str = "sts"
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    scope_date: str = ""

    @property
    def stamp(self) -> str:
        return self.at.strftime("%Y%m%dT%H%M%SZ")

    @property
    def scope(self) -> str:
        return f"{self.scope_date or self.stamp[:8]}/{self.region}/{self.service}/aws4_request"

    def key(self) -> bytes:
        key = ("AWS4" + self.secret).encode()
        for part in self.scope.split("/"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        return key

    def sign(self, canonical: str) -> str:
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        text = f"AWS4-HMAC-SHA256\n{self.stamp}\n{self.scope}\n{digest}"
        return hmac.new(self.key(), text.encode(), hashlib.sha256).hexdigest()

    def headers(
        self,
        method: str,
        url: str,
        body: bytes,
        more: Mapping[str, str] | None = None,
        *,
        payload: str = "",
        leave_out: tuple[str, ...] = (),
    ) -> dict[str, str]:
        """All headers of the request. `leave_out` names headers that are sent and not signed."""
        parts = urlsplit(url)
        sent = {"host": parts.netloc, "x-amz-date": self.stamp, **{k.lower(): v for k, v in (more or {}).items()}}
        if self.token:
            sent["x-amz-security-token"] = self.token
        if self.service == "s3":
            sent["x-amz-content-sha256"] = payload or hashlib.sha256(body).hexdigest()
        signed = {name: " ".join(value.split()) for name, value in sorted(sent.items()) if name not in leave_out}
        lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
        names = ";".join(signed)
        digest = sent.get("x-amz-content-sha256", hashlib.sha256(body).hexdigest())
        query = "&".join(sorted(parts.query.split("&"))) if parts.query else ""
        canonical = "\n".join((method, parts.path or "/", query, lines, names, digest))
        credential = f"Credential={self.key_id}/{self.scope}"
        sent["authorization"] = (
            f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={self.sign(canonical)}"
        )
        return sent

    def presigned(self, url: str, arguments: Mapping[str, str], seconds: int = 60) -> str:
        parts = urlsplit(url)
        query = dict(arguments) | {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self.key_id}/{self.scope}",
            "X-Amz-Date": self.stamp,
            "X-Amz-Expires": str(seconds),
            "X-Amz-SignedHeaders": "host",
        }
        if self.token:
            query["X-Amz-Security-Token"] = self.token
        text = urlencode(sorted(query.items()), quote_via=quote, safe="-_.~")
        payload = "UNSIGNED-PAYLOAD" if self.service == "s3" else hashlib.sha256(b"").hexdigest()
        lines = f"host:{parts.netloc}\n"
        canonical = "\n".join(("GET", parts.path or "/", text, lines, "host", payload))
        return f"{url}?{text}&X-Amz-Signature={self.sign(canonical)}"
