"""The limits of a session, as parameters that all three AssumeRole calls share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from app.issuers.order import Order

if TYPE_CHECKING:
    from mypy_boto3_sts.type_defs import PolicyDescriptorTypeTypeDef


class SessionLimits(TypedDict):
    DurationSeconds: int
    Policy: NotRequired[str]
    PolicyArns: NotRequired[list[PolicyDescriptorTypeTypeDef]]


def session_limits(order: Order) -> SessionLimits:
    """A parameter that is not needed is left out: AWS takes no empty ones."""
    limits: SessionLimits = {"DurationSeconds": order.seconds}
    if order.grant.policy:
        limits["Policy"] = order.grant.policy
    if order.grant.policy_arns:
        limits["PolicyArns"] = [{"arn": arn} for arn in order.grant.policy_arns]
    return limits
