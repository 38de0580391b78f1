"""Signature Version 4: the canonical request, the signing key, the comparison, the clock.

Source: AWS General Reference, "Create a signed AWS API request". S3 encodes its path once, all other
services twice; S3 says in `x-amz-content-sha256` how its body is covered.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

from app.local.aws.arns import REGION
from app.local.aws.refusals import Refusal
from app.local.aws.signing.claims import Claims, incomplete
from app.local.aws.signing.request import Incoming

SKEW = timedelta(minutes=15)
_UNRESERVED = "-_.~"
_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
    "Access Key and signing method. Consult the service documentation for details."
)


def mismatch(message: str = _MISMATCH) -> Refusal:
    return Refusal("SignatureDoesNotMatch", message, 403)


def check(request: Incoming, claims: Claims, secret: str, now: datetime) -> None:
    """Raises SignatureDoesNotMatch or IncompleteSignature; returns when the request is as it was signed."""
    if "host" not in claims.signed_headers:
        raise incomplete("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")
    if not REGION.fullmatch(claims.region) or _elsewhere(request, claims):
        raise mismatch("Credential should be scoped to a valid region.")
    if claims.date != claims.stamp[:8]:
        raise mismatch("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP")
    wanted = signature(request, claims, secret)
    if not hmac.compare_digest(wanted.encode(), claims.signature.encode()):
        raise mismatch()
    _in_time(claims, now)


def _elsewhere(request: Incoming, claims: Claims) -> bool:
    """IAM is one for all regions and signs for its home; at the others the scope must be that of the endpoint."""
    return bool(request.region) and claims.service != "iam" and claims.region != request.region


def signature(request: Incoming, claims: Claims, secret: str) -> str:
    canonical = hashlib.sha256(_canonical_request(request, claims).encode()).hexdigest()
    text = "\n".join(("AWS4-HMAC-SHA256", claims.stamp, claims.scope, canonical))
    return hmac.new(signing_key(claims, secret), text.encode(), hashlib.sha256).hexdigest()


def signing_key(claims: Claims, secret: str) -> bytes:
    key = ("AWS4" + secret).encode()
    for part in (claims.date, claims.region, claims.service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _canonical_request(request: Incoming, claims: Claims) -> str:
    headers = "".join(f"{name}:{_header(request, name)}\n" for name in claims.signed_headers)
    signed = ";".join(claims.signed_headers)
    parts = (request.method, _path(request, claims), _query(request), headers, signed, payload_hash(request, claims))
    return "\n".join(parts)


def _header(request: Incoming, name: str) -> str:
    if name not in request.headers:
        raise mismatch()
    return " ".join(request.headers[name].split())


def _path(request: Incoming, claims: Claims) -> str:
    once = quote(unquote(request.signed_path), safe="/" + _UNRESERVED)
    return once if claims.service == "s3" else quote(once, safe="/" + _UNRESERVED)


def _query(request: Incoming) -> str:
    pairs = []
    for part in request.query.split("&"):
        name, _, value = part.partition("=")
        if part and unquote(name) != "X-Amz-Signature":
            pairs.append((quote(unquote(name), safe=_UNRESERVED), quote(unquote(value), safe=_UNRESERVED)))
    return "&".join(f"{name}={value}" for name, value in sorted(pairs))


def payload_hash(request: Incoming, claims: Claims) -> str:
    if claims.service == "s3":
        default = "UNSIGNED-PAYLOAD" if claims.presigned else ""
        return request.headers.get("x-amz-content-sha256", default)
    return hashlib.sha256(request.body).hexdigest()


def _in_time(claims: Claims, now: datetime) -> None:
    """A presigned URL lives from its stamp for its lifetime; a header signature for 15 minutes."""
    ends = claims.signed_at + (claims.lifetime if claims.lifetime is not None else SKEW)
    if now > ends:
        earliest = _stamp(now - (ends - claims.signed_at))
        raise mismatch(f"Signature expired: {claims.stamp} is now earlier than {earliest}")
    if claims.signed_at > now + SKEW:
        raise mismatch(f"Signature not yet current: {claims.stamp} is still later than {_stamp(now + SKEW)}")


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y%m%dT%H%M%SZ")
