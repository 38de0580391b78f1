"""A CloudFormation template, in JSON. It names what it makes, so it needs the capability CAPABILITY_NAMED_IAM.

Source: CloudFormation User Guide, resource types AWS::IAM::SAMLProvider, OIDCProvider, Role, UserPolicy, RolePolicy.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from app.awsside.documents import AccountSide, NotDescribed, path_of
from app.awsside.naming import Names
from app.awsside.permissions import kind_of


def as_cloudformation(side: AccountSide) -> str:
    """Raises NotDescribed if there is nothing to make: AWS takes no empty template."""
    resources = _resources(side)
    if not resources:
        raise NotDescribed(f"the account {side.account.id} needs nothing from here")
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"How fedgate comes into the account {side.account.id}",
        "Metadata": {"Notes": [*side.notes, *(f"{r.arn.name}: {note}" for r in side.roles for note in r.notes)]},
        "Resources": resources,
    }
    return json.dumps(template, indent=2, ensure_ascii=False) + "\n"


def _resources(side: AccountSide) -> dict[str, object]:
    names = Names("")
    providers: dict[str, str] = {}
    made: dict[str, object] = {}
    for saml in side.saml:
        if not saml.metadata:
            raise NotDescribed(f"{saml.arn}: the gateway's SAML metadata is not known (--keys DIRECTORY)")
        providers[saml.arn] = name = names.new("SamlProvider", saml.name)
        made[name] = _resource("SAMLProvider", {"Name": saml.name, "SamlMetadataDocument": saml.metadata})
    for oidc in side.oidc:
        providers[oidc.arn] = name = names.new("OidcProvider", oidc.url.removeprefix("https://"))
        made[name] = _resource("OIDCProvider", {"Url": oidc.url, "ClientIdList": list(oidc.client_ids)})
    for role in side.roles:
        properties = {
            "RoleName": role.arn.name,
            "Path": path_of(role.arn),
            "Description": _literal(role.description),
            "MaxSessionDuration": role.max_seconds,
            "AssumeRolePolicyDocument": role.trust,
        }
        # The trust policy names the provider by its ARN, so nothing else would say which of them comes first.
        needs = [name for arn, name in providers.items() if arn in json.dumps(role.trust)]
        made[names.new("Role", role.arn.name)] = _resource("Role", properties, needs)
    roles = {role.arn for role in side.roles}
    for policy in side.policies:
        kind = kind_of(policy.principal).capitalize()
        properties = {
            f"{kind}Name": policy.principal.name,
            "PolicyName": policy.name,
            "PolicyDocument": policy.document,
        }
        after = [names.of("Role", policy.principal.name)] if policy.principal in roles else []
        made[names.new(f"{kind}Policy", policy.principal.name)] = _resource(f"{kind}Policy", properties, after)
    return made


def _literal(text: str) -> str:
    """Two braces begin a dynamic reference: with the label `{{resolve:secretsmanager:...}}` CloudFormation would write
    a secret of the account where everybody reads it. Nothing escapes them (User Guide, "Dynamic references")."""
    return re.sub(r"\{(?=\{)", "{ ", text)


def _resource(kind: str, properties: Mapping[str, object], needs: list[str] | None = None) -> dict[str, object]:
    after = {"DependsOn": needs} if needs else {}
    return {"Type": f"AWS::IAM::{kind}", **after, "Properties": dict(properties)}
