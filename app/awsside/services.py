"""AWS's own names in each partition, as trust policies spell them."""

from __future__ import annotations

from collections.abc import Iterable

from app.core.audiences import AWS_SIGN_IN
from app.core.roles import Partition

TOKEN_AUDIENCE = "sts.amazonaws.com"  # noqa: S105  the audience of the gateway's tokens, in every partition


def saml_recipients(partition: Partition, regions: Iterable[str]) -> tuple[str, ...]:
    """The partition's sign-in service and its regional ones: AWS advises more than one, for the day one is down.

    Source: IAM User Guide, "Configure SAML assertions for the authentication response"; endpoint rules of `signin`.
    """
    usual = AWS_SIGN_IN[partition].recipient
    return (usual, *(usual.replace("https://", f"https://{region}.") for region in regions))


def cognito_host(partition: Partition, region: str) -> str:
    """The name under which Cognito identity pools are trusted (Amazon Cognito in AWS GovCloud (US), in China)."""
    match partition:
        case Partition.US_GOV if region == "us-gov-east-1":
            return "cognito-identity.us-gov-east-1.amazonaws.com"
        case Partition.US_GOV:
            return "cognito-identity-us-gov.amazonaws.com"
        case Partition.CHINA:
            return f"cognito-identity.{region}.amazonaws.com.cn"
        case _:
            return "cognito-identity.amazonaws.com"
