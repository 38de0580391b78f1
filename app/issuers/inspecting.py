"""What IAM says of a role: whom it trusts, and what its policies let it do. Reading only.

IAM answers about the caller's own account and no other, so a role is seen only where the gateway's credentials for its
account are of that account (`base` in the catalog).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from app.core.roles import HOME_REGIONS, Account, Role
from app.errors import AwsRefused
from app.issuers.aws import Answer, Aws
from app.issuers.base import Caller
from app.issuers.refusals import told
from app.issuers.regions import asked_regions

OTHER_ACCOUNT = "doctor.other-account"


@dataclass(frozen=True, slots=True)
class SeenRole:
    """`trust` is JSON. `boundary` is the ARN of its permissions boundary, or empty."""

    trust: str
    longest_seconds: int
    description: str
    boundary: str = ""


@dataclass(frozen=True, slots=True)
class SeenPolicy:
    name: str
    text: str  # JSON


@dataclass(frozen=True, slots=True)
class RoleInspection:
    """Every question raises AwsRefused, also where the gateway cannot ask in that account, or AwsUnavailable."""

    aws: Aws

    def caller(self, account: Account, role: Role) -> Caller:
        """Who signs the gateway's own calls for the account."""
        with told():
            return self.aws.caller(account.base, asked_regions(role.region, account.fallback_region), self.aws.until())

    def role(self, account: Account, role: Role) -> SeenRole:
        """iam:GetRole."""
        self._check_account(account, role)
        found = self._asked(account, "get_role", RoleName=role.arn.name)["Role"]
        boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
        return SeenRole(
            _text(found["AssumeRolePolicyDocument"]),
            int(found["MaxSessionDuration"]),
            str(found.get("Description", "")),
            str(boundary),
        )

    def policies(self, account: Account, role: Role) -> tuple[SeenPolicy, ...]:
        """Inline and attached ones: iam:ListRolePolicies, GetRolePolicy, ListAttachedRolePolicies, GetPolicy and
        GetPolicyVersion."""
        self._check_account(account, role)
        return (*self._inline(account, role.arn.name), *self._attached(account, role.arn.name))

    def _inline(self, account: Account, name: str) -> Iterator[SeenPolicy]:
        for page in self._pages(account, "list_role_policies", name):
            for policy in page["PolicyNames"]:
                found = self._asked(account, "get_role_policy", RoleName=name, PolicyName=policy)
                yield SeenPolicy(str(policy), _text(found["PolicyDocument"]))

    def _attached(self, account: Account, name: str) -> Iterator[SeenPolicy]:
        for page in self._pages(account, "list_attached_role_policies", name):
            for policy in page["AttachedPolicies"]:
                yield SeenPolicy(str(policy["PolicyName"]), self._managed(account, str(policy["PolicyArn"])))

    def _managed(self, account: Account, arn: str) -> str:
        version = self._asked(account, "get_policy", PolicyArn=arn)["Policy"]["DefaultVersionId"]
        found = self._asked(account, "get_policy_version", PolicyArn=arn, VersionId=version)
        return _text(found["PolicyVersion"]["Document"])

    def _pages(self, account: Account, question: str, name: str) -> Iterator[Answer]:
        more: dict[str, str] = {}
        while True:
            page = self._asked(account, question, RoleName=name, **more)
            yield page
            if not page.get("IsTruncated"):
                return
            more = {"Marker": str(page["Marker"])}

    def _check_account(self, account: Account, role: Role) -> None:
        """Asked elsewhere, IAM would answer about another role that has the same name."""
        caller = self.caller(account, role)
        if f":{role.arn.account}:" not in caller.arn:
            sentence = (
                f"The gateway's AWS credentials are of another account than {role.arn.account}, and IAM answers about "
                "the caller's own account only. Paste the trust policy, or give the account a base of its own."
            )
            raise AwsRefused(sentence, reason=OTHER_ACCOUNT)

    def _asked(self, account: Account, question: str, **given: str) -> Answer:
        """`question` is a method of boto3's IAM client."""
        regions = (HOME_REGIONS[account.partition],)
        with told():
            return self.aws.signed(
                "iam", regions, account.base, lambda iam: getattr(iam, question)(**given), self.aws.until()
            )


def _text(document: Any) -> str:
    """botocore gives it read already; as written, if that could not be read."""
    return document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
