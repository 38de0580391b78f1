"""Cognito's counter: JSON 1.1 in, JSON out, errors by Cognito's names (botocore model, protocol `json`)."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from app.local.aws.calls import Call, CallLog
from app.local.aws.cognito.json_model import read, written
from app.local.aws.cognito.operations import UNSIGNED, answer
from app.local.aws.desk import Desk, Visit
from app.local.aws.model import operation
from app.local.aws.query import authenticate, interrupt
from app.local.aws.refusals import Refusal
from app.local.aws.signing.caller import Caller
from app.local.aws.signing.claims import Claims
from app.local.aws.signing.request import Incoming
from app.local.aws.signing.sigv4 import mismatch

SERVICE = "cognito-identity"
_WORDS = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "IDPCommunicationError": "ExternalServiceException",
    "IncompleteSignature": "IncompleteSignatureException",
    "InternalFailure": "InternalErrorException",
    "InvalidAction": "UnknownOperationException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
    "ServiceUnavailable": "ServiceUnavailableException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
    "Throttling": "TooManyRequestsException",
    "ValidationError": "ValidationException",
}


@dataclass(frozen=True, slots=True)
class CognitoCounter:
    desk: Desk
    log: CallLog

    def respond(self, request: Incoming, claims: Claims | None) -> Response:
        action, request_id = request.headers.get("x-amz-target", "").rpartition(".")[2], str(uuid.uuid4())
        latency = self.desk.knobs.latency_ms
        time.sleep(latency.get(action, latency.get("*", 0)) / 1000)
        caller: Caller | None = None
        try:
            caller = self._caller(request, claims, action)
            result = self._answer(request, claims, caller, action)
        except Refusal as refusal:
            self._write(action, caller, request_id, refusal, {})
            return _refused(refusal, request_id)
        self._write(action, caller, request_id, None, result)
        return _json(written(operation(SERVICE, action), result), 200, request_id)

    def _caller(self, request: Incoming, claims: Claims | None, action: str) -> Caller | None:
        if claims is None:
            if action in UNSIGNED:
                return None
            raise Refusal("MissingAuthenticationToken", "Missing Authentication Token", 403)
        if claims.service != SERVICE:
            raise mismatch(f"Credential should be scoped to correct service: '{SERVICE}'.")
        return authenticate(self.desk, request, claims)

    def _answer(self, request: Incoming, claims: Claims | None, caller: Caller | None, action: str) -> dict[str, Any]:
        interrupt(self.desk, SERVICE, action)
        parameters = read(operation(SERVICE, action), request.body)
        region = claims.region if claims else request.region
        result = answer(Visit(self.desk, action, parameters, caller, region, self.desk.now()))
        if not action.startswith("Describe"):
            self.desk.save()
        return result

    def _write(
        self, action: str, caller: Caller | None, request_id: str, refusal: Refusal | None, result: Mapping[str, Any]
    ) -> None:
        self.log.add(
            Call(
                at=self.desk.now(),
                service=SERVICE,
                action=action[:100],
                result=_name(refusal) if refusal else "ok",
                status=_status(refusal) if refusal else 200,
                request_id=request_id,
                caller=caller.arn if caller else "",
                access_key_id=str(result.get("Credentials", {}).get("AccessKeyId", "")),
                message=refusal.message if refusal else "",
            )
        )


def _name(refusal: Refusal) -> str:
    return _WORDS.get(refusal.code, refusal.code)


def _status(refusal: Refusal) -> int:
    """All that is the caller's fault is 400 in this protocol."""
    return refusal.status if refusal.status >= 500 else 400


def _refused(refusal: Refusal, request_id: str) -> Response:
    response = _json({"__type": _name(refusal), "message": refusal.message}, _status(refusal), request_id)
    response.headers["x-amzn-ErrorType"] = f"{_name(refusal)}:"
    return response


def _json(value: Mapping[str, Any], status: int, request_id: str) -> Response:
    headers = {"x-amzn-RequestId": request_id, "Cache-Control": "no-store"}
    return Response(json.dumps(value), status, headers, content_type="application/x-amz-json-1.1")
