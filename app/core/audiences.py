"""To whom a SAML assertion for AWS is addressed, by partition.

IAM User Guide, "Configure SAML assertions for the authentication response", and the metadata of AWS's own sign-in
services. A fixed table: neither comes from a request, ever.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from app.core.roles import Partition


@dataclass(frozen=True, slots=True)
class AwsSignIn:
    audience: str
    recipient: str


AWS_SIGN_IN = MappingProxyType(
    {
        Partition.AWS: AwsSignIn("urn:amazon:webservices", "https://signin.aws.amazon.com/saml"),
        Partition.US_GOV: AwsSignIn("urn:amazon:webservices:govcloud", "https://signin.amazonaws-us-gov.com/saml"),
        Partition.CHINA: AwsSignIn("urn:amazon:webservices:cn-north-1", "https://signin.amazonaws.cn/saml"),
    }
)
