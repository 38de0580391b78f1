"""What AWS says when it is asked: whose credentials the gateway has, and how long a role's sessions may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.core.plans import Signer
from app.core.roles import HOME_REGIONS, Account, Role, UserArn
from app.issuers.aws import Aws
from app.issuers.base import Caller, Kind
from app.issuers.refusals import told
from app.issuers.regions import asked_regions

SIGNERS: Mapping[Kind, Signer] = MappingProxyType(
    {
        Kind.USER: Signer.USER,
        Kind.USER_SESSION: Signer.USER_SESSION,
        Kind.ROLE_SESSION: Signer.ROLE_SESSION,
        Kind.FEDERATED: Signer.FEDERATED_USER,
        Kind.ROOT: Signer.ROOT,
    }
)


@dataclass(frozen=True, slots=True)
class AskedOfAws:
    """Raises AwsRefused or AwsUnavailable."""

    aws: Aws

    def signer(self, account: Account, role: Role) -> Signer:
        return SIGNERS[self._caller(account, role).kind]

    def longest_session(self, account: Account, role: Role) -> int | None:
        """The role's MaxSessionDuration in seconds (iam:GetRole); None where the gateway cannot ask in that account."""
        if isinstance(role.arn, UserArn) or f":{account.id}:" not in self._caller(account, role).arn:
            return None
        regions = (HOME_REGIONS[account.partition],)
        with told():
            answer = self.aws.signed(
                "iam", regions, account.base, lambda iam: iam.get_role(RoleName=role.arn.name), self.aws.until()
            )
            return int(answer["Role"]["MaxSessionDuration"])

    def _caller(self, account: Account, role: Role) -> Caller:
        with told():
            return self.aws.caller(account.base, asked_regions(role.region, account.fallback_region), self.aws.until())
