"""What a signature claims: which key, for which region and service, when, over which headers.

Two forms (AWS General Reference, "Signature Version 4"): the Authorization header, and the query string
of a presigned URL. Nothing here is believed before `sigv4.check`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.local.aws.refusals import Refusal
from app.local.aws.signing.request import Incoming

ALGORITHM = "AWS4-HMAC-SHA256"
_STAMP = re.compile(r"[0-9]{8}T[0-9]{6}Z")
LONGEST_PRESIGNED = 604_800  # seven days


@dataclass(frozen=True, slots=True)
class Claims:
    key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str
    stamp: str  # 20261121T202806Z, as signed
    token: str = field(repr=False)
    lifetime: timedelta | None = None  # of a presigned URL

    @property
    def presigned(self) -> bool:
        return self.lifetime is not None

    @property
    def scope(self) -> str:
        return f"{self.date}/{self.region}/{self.service}/aws4_request"

    @property
    def signed_at(self) -> datetime:
        return datetime.strptime(self.stamp, "%Y%m%dT%H%M%S%z").astimezone(UTC)


def incomplete(message: str) -> Refusal:
    return Refusal("IncompleteSignature", message, 403)


def claims_of(request: Incoming) -> Claims | None:
    """None if the request is not signed at all. Raises IncompleteSignature if the signature is half there."""
    if (header := request.headers.get("authorization")) is not None:
        return _from_header(request, header)
    if request.argument("X-Amz-Signature") or request.argument("X-Amz-Credential"):
        return _from_query(request)
    return None


def _from_header(request: Incoming, header: str) -> Claims:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise incomplete(f"Unsupported AWS 'algorithm': expected '{ALGORITHM}'.")
    pairs = (part.strip().partition("=") for part in rest.split(","))
    parts = {name: value for name, _, value in pairs}
    missing = [name for name in ("Credential", "Signature", "SignedHeaders") if not parts.get(name)]
    if missing:
        raise incomplete(" ".join(f"Authorization header requires '{name}' parameter." for name in missing))
    stamp = request.headers.get("x-amz-date", "")
    if not stamp:
        raise incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
    token = request.headers.get("x-amz-security-token", "")
    return _claims(parts["Credential"], parts["SignedHeaders"], parts["Signature"], stamp, token, None)


def _from_query(request: Incoming) -> Claims:
    names = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature", "X-Amz-SignedHeaders", "X-Amz-Date")
    parts = {name: request.argument(name) or "" for name in names}
    if missing := [name for name in names if not parts[name]]:
        raise incomplete(" ".join(f"AWS query-string parameters must include '{name}'." for name in missing))
    if parts["X-Amz-Algorithm"] != ALGORITHM:
        raise incomplete(f"Unsupported AWS 'algorithm': expected '{ALGORITHM}'.")
    seconds = request.argument("X-Amz-Expires") or "900"
    if not re.fullmatch("[0-9]{1,6}", seconds) or not 1 <= int(seconds) <= LONGEST_PRESIGNED:
        raise incomplete(f"X-Amz-Expires must be between 1 and {LONGEST_PRESIGNED} seconds.")
    token = request.argument("X-Amz-Security-Token") or ""
    lifetime = timedelta(seconds=int(seconds))
    credential, headers = parts["X-Amz-Credential"], parts["X-Amz-SignedHeaders"]
    return _claims(credential, headers, parts["X-Amz-Signature"], parts["X-Amz-Date"], token, lifetime)


def _claims(
    credential: str, headers: str, signature: str, stamp: str, token: str, lifetime: timedelta | None
) -> Claims:
    scope = credential.split("/")
    if len(scope) != 5 or scope[4] != "aws4_request" or not scope[0]:
        raise incomplete("Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term")
    if not _STAMP.fullmatch(stamp):
        raise incomplete("Date must be in ISO-8601 'basic format'.")
    try:
        datetime.strptime(stamp, "%Y%m%dT%H%M%S%z")
    except ValueError:
        raise incomplete("Date must be in ISO-8601 'basic format'.") from None
    names = tuple(headers.lower().split(";"))
    return Claims(scope[0], scope[1], scope[2], scope[3], names, signature, stamp, token, lifetime)
