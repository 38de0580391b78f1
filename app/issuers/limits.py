"""The limits of a session, as parameters that the STS calls share."""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

from app.issuers.order import Order

if TYPE_CHECKING:
    from mypy_boto3_sts.type_defs import PolicyDescriptorTypeTypeDef, TagTypeDef


class SessionLimits(TypedDict):
    DurationSeconds: int
    Policy: NotRequired[str]
    PolicyArns: NotRequired[list[PolicyDescriptorTypeTypeDef]]


class SessionTagList(TypedDict):
    Tags: NotRequired[list[TagTypeDef]]


class Code(TypedDict):
    SerialNumber: NotRequired[str]
    TokenCode: NotRequired[str]


def session_limits(order: Order, seconds: int) -> SessionLimits:
    """A parameter that is not needed is left out: AWS takes no empty ones."""
    limits: SessionLimits = {"DurationSeconds": seconds}
    if order.grant.policy:
        limits["Policy"] = order.grant.policy
    if order.grant.policy_arns:
        limits["PolicyArns"] = [{"arn": arn} for arn in order.grant.policy_arns]
    return limits


def session_tags(order: Order) -> SessionTagList:
    if not order.grant.tags:
        return {}
    return {"Tags": [{"Key": name, "Value": value} for name, value in order.grant.tags.items()]}


def code(order: Order) -> Code:
    """Both or none: AWS refuses one without the other."""
    if not order.grant.role.mfa_serial:
        return {}
    return {"SerialNumber": order.grant.role.mfa_serial, "TokenCode": order.mfa_code}
