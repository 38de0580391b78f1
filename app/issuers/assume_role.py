"""AssumeRole with the gateway's own AWS credentials, for accounts that register no provider of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NotRequired, TypedDict

from app.core.credentials import Credentials
from app.issuers.limits import session_limits
from app.issuers.order import Order
from app.issuers.sts import StsClients, asked

if TYPE_CHECKING:
    from mypy_boto3_sts.type_defs import AssumeRoleResponseTypeDef, TagTypeDef

CHAINED_SECONDS = 3_600  # role chaining: one hour, whatever the role allows (AssumeRole, DurationSeconds)


class _Tags(TypedDict):
    Tags: NotRequired[list[TagTypeDef]]
    TransitiveTagKeys: NotRequired[list[str]]


@dataclass(frozen=True, slots=True)
class AssumeRoleIssuer:
    clients: StsClients

    def issue(self, order: Order) -> Credentials:
        return asked(lambda: self._call(order), order.grant.role.arn)

    def _call(self, order: Order) -> AssumeRoleResponseTypeDef:
        if self.clients.temporary():
            order = replace(order, seconds=min(order.seconds, CHAINED_SECONDS))
        return self.clients.signed(order.grant.role.region).assume_role(
            RoleArn=order.grant.role.arn,
            RoleSessionName=order.session_name,
            SourceIdentity=order.source_identity,
            **session_limits(order),
            **_tags(order),
        )


def _tags(order: Order) -> _Tags:
    if not order.grant.tags:
        return {}
    tags: _Tags = {"Tags": [{"Key": name, "Value": value} for name, value in order.grant.tags.items()]}
    if order.grant.transitive_tags:
        tags["TransitiveTagKeys"] = list(order.grant.transitive_tags)
    return tags
