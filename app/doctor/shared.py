"""OIDC issuers that everybody in the world can get a token of. A trust policy must say whose it means.

Sources: IAM User Guide, "Identity provider controls for shared OIDC providers"; GitHub Docs, "Configuring OpenID
Connect in Amazon Web Services", and the same pages of GitLab, HCP Terraform, Buildkite and Pulumi.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.doctor.findings import Finding, Severity
from app.doctor.narrowing import is_effective, narrows
from app.doctor.policies import Statement


@dataclass(frozen=True, slots=True)
class Shared:
    """`whose`: the key that says whose token it is; `fixed`: what its values must begin with before a wildcard."""

    who: str
    whose: str
    fixed: str = r"[^*?]{3,}"


_SHARED: Mapping[str, Shared] = MappingProxyType(
    {
        "token.actions.githubusercontent.com": Shared("every GitHub repository", "sub", r"[a-z_]+:[^*?/]+/.*"),
        "gitlab.com": Shared("every project on gitlab.com", "sub", r"project_path:[^*?/]+/.*"),
        "app.terraform.io": Shared("every organization of HCP Terraform", "sub", r"organization:[^*?:]+:.*"),
        "agent.buildkite.com": Shared("every organization of Buildkite", "sub", r"organization:[^*?:]+:.*"),
        "api.pulumi.com/oidc": Shared("every organization of Pulumi", "aud"),
        "accounts.google.com": Shared("everybody with a Google account", "aud"),
        "www.amazon.com": Shared("everybody with an Amazon account", "app_id"),
        "graph.facebook.com": Shared("everybody with a Facebook account", "app_id"),
        "cognito-identity.amazonaws.com": Shared("every identity pool of every AWS account", "aud"),
        "cognito-identity-us-gov.amazonaws.com": Shared("every identity pool of every AWS account", "aud"),
        "cognito-identity.cn-north-1.amazonaws.com.cn": Shared("every identity pool of every AWS account", "aud"),
    }
)


def of_shared_issuer(statement: Statement, principal: str) -> Iterator[Finding]:
    host = principal.partition("/")[2] if ":oidc-provider/" in principal else principal
    shared = _SHARED.get(host.lower())
    if shared is None:
        return
    key = f"{host}:{shared.whose}"
    if not _says_whose(statement, key, shared.fixed):
        sentence = (
            f"{statement.name} lets {shared.who} in: many share the issuer {host}, and no condition on {key} says "
            "whose tokens are meant."
        )
        yield Finding("shared-issuer", Severity.OPEN, sentence, statement.number, in_the_document=False)
    elif host.startswith("cognito-identity") and not narrows(statement, [f"{host}:amr"]):
        sentence = f"{statement.name} lets the pool's guests in, who did not sign in: it does not narrow {host}:amr."
        yield Finding("guests", Severity.OPEN, sentence, statement.number)


def _says_whose(statement: Statement, key: str, fixed: str) -> bool:
    return any(
        found.key.lower() == key.lower()
        and is_effective(found)
        and all(re.fullmatch(fixed, value, re.DOTALL) or _is_whole(found.plain, value) for value in found.values)
        for found in statement.conditions
    )


def _is_whole(operator: str, value: str) -> bool:
    """A value without wildcards means one, whatever it looks like."""
    return operator.startswith("StringEquals") or not set(value) & set("*?")
