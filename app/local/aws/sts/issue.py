"""The last steps of every STS call that gives credentials: duration, session policies, size, issue."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.local.aws.desk import Visit
from app.local.aws.policy.documents import Use, parse
from app.local.aws.policy.managed import session_policy
from app.local.aws.policy.packing import check_plain_text, check_serialized, packed_percent
from app.local.aws.refusals import invalid
from app.local.aws.session import Kind, Session
from app.local.aws.sts.carried import Carried
from app.local.aws.things import Role

CHAIN_SECONDS = 3_600
LARGEST_TOKEN = 65_536  # the measure behind SessionTokenUtilization is not published


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose session it will be. `latest` is an end that the assertion imposes (SessionNotOnOrAfter)."""

    kind: Kind
    account: str
    partition: str
    owner: str
    owner_id: str
    name: str
    seconds: int
    carried: Carried = field(default_factory=Carried)
    chained: bool = False
    latest: datetime | None = None
    claims: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mfa_at: datetime | None = None


def role_seconds(visit: Visit, role: Role, *, chained: bool = False) -> int:
    """DurationSeconds, 3600 by default. Raises ValidationError beyond the role's or the chain's limit."""
    wanted = visit.number("DurationSeconds")
    if chained and wanted is not None and wanted > CHAIN_SECONDS:
        limit = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
        raise invalid(limit)
    if wanted is not None and wanted > role.max_seconds:
        raise invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
    return 3_600 if wanted is None else wanted


def issue(visit: Visit, holder: Holder) -> dict[str, Any]:
    """Checks the session policies, makes the session, remembers it. Returns the reply's common fields."""
    policies, percent = _session_policies(visit, holder)
    session = _session(visit, holder, policies)
    visit.desk.world.remember(session)
    visit.desk.save()
    reply: dict[str, Any] = {
        "Credentials": {
            "AccessKeyId": session.access_key_id,
            "SecretAccessKey": session.secret,
            "SessionToken": session.token,
            "Expiration": session.expires_at,
        }
    }
    if holder.kind is not Kind.USER:
        reply |= {"PackedPolicySize": percent} if percent is not None else {}
        reply |= {"SessionTokenSize": len(session.token)}
        reply |= {"SessionTokenUtilization": len(session.token) * 100 // LARGEST_TOKEN}
    if holder.kind is Kind.ROLE and session.source_identity:
        reply["SourceIdentity"] = session.source_identity
    return reply


def _session_policies(visit: Visit, holder: Holder) -> tuple[tuple[str, ...], int | None]:
    inline = visit.parameters.get("Policy")
    policy_arns = [str(item["arn"]) for item in visit.parameters.get("PolicyArns", []) if "arn" in item]
    if len(policy_arns) > 10:
        raise invalid("The number of policy ARNs exceeds the limit of 10.")
    if inline is not None:
        parse(inline, Use.PERMISSIONS)
    managed = [session_policy(arn, visit.desk.world, holder.partition, holder.account) for arn in policy_arns]
    check_plain_text(inline, policy_arns)
    knobs, tags = visit.desk.knobs, holder.carried.all_tags
    percent = packed_percent(inline, policy_arns, tags, knobs.packed_budget_bytes)
    names = (holder.name, holder.carried.source_identity, *policy_arns, *tags, *tags.values())
    check_serialized((inline or "", *names), knobs.serialized_limit_bytes)
    return tuple(([inline] if inline is not None else []) + managed), percent


def _session(visit: Visit, holder: Holder, policies: tuple[str, ...]) -> Session:
    desk, now = visit.desk, visit.now.replace(microsecond=0)
    ends = now + timedelta(seconds=holder.seconds)
    return Session(
        kind=holder.kind,
        access_key_id=desk.key_id("ASIA"),
        secret=desk.secret(),
        token=_token(visit),
        account=holder.account,
        partition=holder.partition,
        owner=holder.owner,
        owner_id=holder.owner_id,
        name=holder.name,
        issued_at=now,
        expires_at=ends if holder.latest is None else min(ends, holder.latest.replace(microsecond=0)),
        method=visit.action,
        limited=bool(policies) or holder.kind is Kind.FEDERATED,
        policies=policies,
        tags=holder.carried.all_tags,
        transitive=holder.carried.transitive,
        source_identity=holder.carried.source_identity,
        chained=holder.chained,
        claims=holder.claims,
        mfa_at=holder.mfa_at,
    )


def _token(visit: Visit) -> str:
    """Opaque, with `+`, `/` and `=`, at least as long as asked for. AWS: the size is not fixed."""
    size = max(visit.desk.knobs.session_token_bytes, visit.number("MinimumSessionTokenSize") or 0, 64)
    raw = visit.desk.random_bytes(size * 3 // 4)
    return "IQoJb3JpZ2luX2Vj+/" + base64.b64encode(raw + b"\0" * ((1 - len(raw)) % 3)).decode()
