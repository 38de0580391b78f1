"""What is ordered of an issuer, and the key under which its answer is kept."""

from __future__ import annotations

import json
import re

from app.core.decisions import Grant, Purpose
from app.core.identity import Identity
from app.core.names import federation_name, opaque_subject, session_name, source_identity
from app.core.roles import MAX_SESSION_SECONDS, MIN_SESSION_SECONDS, Assertion, Method
from app.errors import InvalidRequest
from app.issuance.requests import Request
from app.issuers.order import Order
from app.sessions import Session


def narrowed(identity: Identity, grant: Grant, request: Request) -> Order:
    """The request narrows; what it asks beyond the grant it does not get."""
    asked = grant.max_seconds if request.seconds is None else request.seconds
    if not MIN_SESSION_SECONDS <= asked <= MAX_SESSION_SECONDS:
        raise InvalidRequest("duration_minutes: expected a number from 15 to 720.", reason="duration")
    if grant.method is Method.COGNITO and asked < grant.max_seconds:
        raise InvalidRequest("duration_minutes: this role's sessions last an hour, always.", reason="duration.cognito")
    if request.mfa_code and not re.fullmatch(r"[0-9]{6}", request.mfa_code):
        raise InvalidRequest("mfa_code: expected six digits.", reason="mfa.code")
    return Order(
        grant,
        session_name(identity),
        source_identity(identity),
        opaque_subject(identity.person),
        min(asked, grant.max_seconds),
        federation_name(identity),
        mfa_code=request.mfa_code if grant.role.mfa_serial else "",
    )


def where_to_type(order: Order) -> str:
    ways = {Purpose.CONSOLE: "open its console link and type it there", Purpose.CLI: "run: fedgate mfa PROFILE"}
    said = " or ".join(way for purpose, way in ways.items() if purpose in order.grant.purposes)
    return f"The role {order.grant.role.label} needs a code of its MFA device: {said}."


def cache_key(identity: Identity, order: Order, session: Session) -> str:
    """Everything that shaped the credentials, as JSON, so that no two inputs run together. `session` is the one that
    asks.
    """
    grant = order.grant
    passes = grant.role.assertion is Assertion.PASSTHROUGH
    return json.dumps(
        [
            identity.provider,
            identity.subject,
            order.session_name,
            order.source_identity,
            grant.role.arn,
            grant.role.region,
            grant.method,
            grant.provider_arn,
            order.seconds,
            dict(grant.tags),
            grant.transitive_tags,
            grant.policy,
            grant.policy_arns,
            order.external_id,
            [order.base.profile, order.base.role, order.base.provider_arn],
            grant.role.assertion,
            grant.role.mfa_serial,
            grant.role.identity_pool,
            grant.role.pool_login,
            # AWS read name and tags out of the statement of one sign-in; the next one may say less.
            identity.verified_at.isoformat() if passes else "",
            # A code proves the device to the session into which it was typed, not to whoever stole another one.
            session.handle if grant.role.mfa_serial else "",
            # New when anything of the person's has ended: what was kept before is not found again.
            session.epoch,
        ],
        sort_keys=True,
    )
