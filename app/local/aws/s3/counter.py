"""S3's counter: signature, body, permission, then one of eight operations."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from urllib.parse import unquote

from werkzeug.wrappers import Response

from app.local.aws.calls import Call, CallLog
from app.local.aws.desk import Desk
from app.local.aws.query import authenticate
from app.local.aws.refusals import Refusal, access_denied
from app.local.aws.s3 import body as bodies
from app.local.aws.s3.operations import OPERATIONS, Errand, action_of
from app.local.aws.s3.xml import failure
from app.local.aws.signing.caller import Caller
from app.local.aws.signing.claims import Claims
from app.local.aws.signing.request import Incoming

# What the common code of signatures says, in the words of S3 (S3 API Reference, "Error responses").
_WORDS = {
    "InvalidClientTokenId": (
        "InvalidAccessKeyId",
        403,
        "The AWS Access Key Id you provided does not exist in our records.",
    ),
    "ExpiredToken": ("ExpiredToken", 400, "The provided token has expired."),
    "IncompleteSignature": ("AuthorizationHeaderMalformed", 400, "The authorization header is malformed."),
}
_SKEWED = "The difference between the request time and the current time is too large."


@dataclass(frozen=True, slots=True)
class BucketCounter:
    desk: Desk
    log: CallLog

    def respond(self, request: Incoming, claims: Claims | None) -> Response:
        request_id = uuid.uuid4().hex[:16].upper()
        bucket, key = _place(request)
        action = action_of(request, bucket, key)
        caller: Caller | None = None
        try:
            caller = self._caller(request, claims)
            response = self._answer(request, claims, caller, action, bucket, key)
        except Refusal as refusal:
            refusal = _in_s3_words(refusal)
            self._write(action, caller, request_id, refusal.code, refusal.status, bucket)
            body = b"" if request.method == "HEAD" else failure(refusal, request_id)
            response = Response(body, refusal.status, content_type="application/xml")
        else:
            self._write(action, caller, request_id, "ok", response.status_code, bucket)
        response.headers["x-amz-request-id"] = request_id
        return response

    def _caller(self, request: Incoming, claims: Claims | None) -> Caller:
        if claims is None:
            raise access_denied("Access Denied")
        caller = authenticate(self.desk, request, claims)
        unsigned = [n for n in request.headers if n.startswith("x-amz-") and n not in claims.signed_headers]
        if unsigned:
            raise access_denied("There were headers present in the request which were not signed")
        return caller

    def _answer(
        self, request: Incoming, claims: Claims | None, caller: Caller, action: str, bucket: str, key: str
    ) -> Response:
        assert claims is not None  # `_caller` refused before
        secret = self.desk.world.keys.get(claims.key_id) or self.desk.world.sessions[claims.key_id]
        body = bodies.received(request, claims, secret.secret)
        if action not in OPERATIONS:
            raise Refusal("NotImplemented", "A header or query you provided implies functionality not implemented", 501)
        errand = Errand(self.desk, caller, replace(request, body=body), claims.region, bucket, key)
        response = OPERATIONS[action](errand)
        if request.method not in ("GET", "HEAD"):
            self.desk.save()
        return response

    def _write(self, action: str, caller: Caller | None, request_id: str, code: str, status: int, bucket: str) -> None:
        who = caller.arn if caller else ""
        self.log.add(Call(self.desk.now(), "s3", action, code, status, request_id, caller=who, message=bucket[:63]))


def _place(request: Incoming) -> tuple[str, str]:
    """Bucket and key of `/bucket/key`; the key keeps its slashes."""
    bucket, _, key = request.path.removeprefix("/").partition("/")
    return unquote(bucket), unquote(key)


def _in_s3_words(refusal: Refusal) -> Refusal:
    if refusal.code == "SignatureDoesNotMatch" and refusal.message.startswith(("Signature expired", "Signature not")):
        return Refusal("RequestTimeTooSkewed", _SKEWED, 403)
    if refusal.code in _WORDS:
        code, status, message = _WORDS[refusal.code]
        return Refusal(code, message, status)
    return refusal
