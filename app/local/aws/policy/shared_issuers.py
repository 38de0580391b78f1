"""Issuers that many AWS customers share: a trust policy must say which of their tokens it means.

Source: IAM User Guide, "Identity provider controls for shared OIDC providers". Without the condition every
customer's pool could take the role.
"""

from __future__ import annotations

from app.local.aws.policy.documents import Statement
from app.local.aws.refusals import malformed_policy

SHARED_ISSUERS = {
    "cognito-identity.amazonaws.com": "aws",
    "cognito-identity-us-gov.amazonaws.com": "aws-us-gov",
    "cognito-identity.cn-north-1.amazonaws.com.cn": "aws-cn",
}
_OPERATORS = frozenset({"StringEquals", "StringLike", "StringEqualsIgnoreCase"})


def check_shared_issuers(statement: Statement) -> None:
    """Raises MalformedPolicyDocument."""
    if not statement.allow:
        return
    for kind, value in statement.principals:
        if kind == "Federated" and value in SHARED_ISSUERS and not _narrowed(statement, f"{value}:aud"):
            raise malformed_policy(
                f"A trust policy for {value} must have a condition on {value}:aud that names values."
            )


def _narrowed(statement: Statement, key: str) -> bool:
    """`...IfExists` and `ForAllValues` hold for tokens without the claim, so they narrow nothing."""
    return any(
        condition.key == key
        and condition.operator in _OPERATORS
        and not condition.if_exists
        and condition.quantifier != "ForAllValues"
        and not any(set(value) <= {"*"} for value in condition.values)
        for condition in statement.conditions
    )
