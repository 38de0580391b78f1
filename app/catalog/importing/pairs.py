"""Values of the SAML attribute by which AWS is told a role: the role's ARN and the provider's, one comma between them.

Source: IAM User Guide, "Configure SAML assertions for the authentication response". Either order is in use.
"""

from __future__ import annotations

import re

ROLE_ATTRIBUTES = frozenset(
    {"https://aws.amazon.com/SAML/Attributes/Role", "https://www.amazonaws.cn/SAML/Attributes/Role"}
)
OTHER_ATTRIBUTES = ("https://aws.amazon.com/SAML/Attributes/", "https://www.amazonaws.cn/SAML/Attributes/")
_PROVIDER = re.compile(r"arn:[a-z-]+:iam::[^,:]*:saml-provider/[^,]+")


def role_of_pair(value: str) -> str | None:
    """The half that is not the provider's; whether it is a role's ARN is for the caller to see."""
    one, comma, other = value.partition(",")
    halves = [half for half in (one, other) if not _PROVIDER.fullmatch(half)]
    return halves[0] if comma and len(halves) == 1 else None
