"""The counters of the query protocol: STS and IAM."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Response

from app.local.aws import arns, replies
from app.local.aws.calls import Call, CallLog
from app.local.aws.desk import Desk, Visit
from app.local.aws.iam import service as iam
from app.local.aws.model import operation, read
from app.local.aws.refusals import Refusal
from app.local.aws.signing.caller import Caller, caller_of, secret_of, unknown_key
from app.local.aws.signing.claims import Claims
from app.local.aws.signing.request import Incoming
from app.local.aws.signing.sigv4 import check, mismatch
from app.local.aws.sts import service as sts

_SERVICES = {"sts": sts.answer, "iam": iam.answer}
_VERSIONS = {"sts": "2011-06-15", "iam": "2010-05-08"}


def authenticate(desk: Desk, request: Incoming, claims: Claims) -> Caller:
    """Whose signature this is. Raises InvalidClientTokenId, SignatureDoesNotMatch, ExpiredToken, ..."""
    secret, found = secret_of(desk.world, claims)
    check(request, claims, secret, desk.now())
    if arns.partition_of(claims.region) != desk.world.accounts[found.account].partition:
        raise unknown_key()  # credentials of one partition are unknown in the others
    return caller_of(desk.world, found, desk.now())


def interrupt(desk: Desk, service: str, action: str) -> None:
    """Raises what the knobs have in store for this call."""
    match desk.panel.failure(service, action):
        case 500:
            raise Refusal("InternalFailure", "The request processing has failed because of an unknown error.", 500)
        case 503:
            raise Refusal("ServiceUnavailable", "The request has failed due to a temporary failure of the server.", 503)
    if desk.panel.throttled(service, action):
        raise Refusal("Throttling", "Rate exceeded")


@dataclass(frozen=True, slots=True)
class QueryCounter:
    desk: Desk
    log: CallLog

    def respond(self, request: Incoming, claims: Claims | None) -> Response:
        form = request.form()
        service = claims.service if claims and claims.service in _SERVICES else "sts"
        request_id = str(uuid.uuid4())
        self._delay(form.get("Action", ""))
        caller: Caller | None = None
        try:
            caller = self._caller(request, claims, form)
            region = claims.region if claims else request.region or _home_of(form.get("RoleArn", ""))
            body = self._answer(service, form, caller, region, request_id)
        except Refusal as refusal:
            self._write(service, form, caller, request_id, refusal, {})
            return self.refuse(service, refusal, request_id)
        return _xml(body, 200, request_id)

    def refuse(self, service: str, refusal: Refusal, request_id: str = "") -> Response:
        request_id = request_id or str(uuid.uuid4())
        return _xml(replies.failure(service, refusal, request_id), refusal.status, request_id)

    def _caller(self, request: Incoming, claims: Claims | None, form: Mapping[str, str]) -> Caller | None:
        if claims is None:
            if form.get("Action") in sts.UNSIGNED:
                return None
            raise Refusal("MissingAuthenticationToken", "Request is missing Authentication Token", 403)
        if claims.service not in _SERVICES:
            raise mismatch("Credential should be scoped to correct service: 'sts'.")
        return authenticate(self.desk, request, claims)

    def _answer(
        self, service: str, form: Mapping[str, str], caller: Caller | None, region: str, request_id: str
    ) -> bytes:
        interrupt(self.desk, service, form.get("Action", ""))
        if "Action" not in form:
            raise Refusal("MissingAction", "The request must contain the parameter Action")
        action = form["Action"]
        if form.get("Version", _VERSIONS[service]) != _VERSIONS[service]:
            raise Refusal("InvalidAction", f"Could not find operation {action} for version {form['Version']}")
        wanted = operation(service, action)
        visit = Visit(self.desk, action, read(wanted, form), caller, region, self.desk.now())
        result = _SERVICES[service](visit)
        self._write(service, form, caller, request_id, None, result)
        return replies.success(service, wanted, result, request_id)

    def _delay(self, action: str) -> None:
        latency = self.desk.knobs.latency_ms
        time.sleep(latency.get(action, latency.get("*", 0)) / 1000)

    def _write(
        self,
        service: str,
        form: Mapping[str, str],
        caller: Caller | None,
        request_id: str,
        refusal: Refusal | None,
        result: Mapping[str, Any],
    ) -> None:
        self.log.add(
            Call(
                at=self.desk.now(),
                service=service,
                action=form.get("Action", "")[:100],
                result=refusal.code if refusal else "ok",
                status=refusal.status if refusal else 200,
                request_id=request_id,
                caller=caller.arn if caller else "",
                role_arn=form.get("RoleArn", "")[:2048],
                session_name=form.get("RoleSessionName", "")[:64] or _session_name(result),
                source_identity=str(result.get("SourceIdentity", "")),
                access_key_id=str(result.get("Credentials", {}).get("AccessKeyId", "")),
                message=refusal.message if refusal else "",
            )
        )


def _home_of(role_arn: str) -> str:
    """Where an unsigned call without a region is: at the endpoint of the role's partition."""
    role = arns.parse(role_arn, "role")
    return arns.HOME_REGIONS[role.partition if role else "aws"]


def _session_name(result: Mapping[str, Any]) -> str:
    user = result.get("AssumedRoleUser")
    return str(user["Arn"]).rsplit("/", 1)[-1] if user else ""


def _xml(body: bytes, status: int, request_id: str) -> Response:
    return Response(body, status, {"x-amzn-RequestId": request_id}, content_type="text/xml")
