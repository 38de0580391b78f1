"""Terraform, in its JSON syntax (a file that ends in `.tf.json`), for the provider hashicorp/aws from 6.0 on.

Source: Terraform language, "JSON Configuration Syntax"; the provider's pages of the resources. In 6.0 the OIDC
provider needs no thumbprint any more. `${` and `%{` begin a template in every string, so they are written twice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from app.awsside.documents import AccountSide, Document, NotDescribed, path_of
from app.awsside.naming import Names
from app.awsside.permissions import kind_of

_REQUIRED = {"required_providers": {"aws": {"source": "hashicorp/aws", "version": ">= 6.0"}}}


def as_terraform(side: AccountSide) -> str:
    """Raises NotDescribed if there is nothing to make."""
    resources = _resources(side)
    if not resources:
        raise NotDescribed(f"the account {side.account.id} needs nothing from here")
    notes = [*side.notes, *(f"{role.arn.name}: {note}" for role in side.roles for note in role.notes)]
    said = {"//": [f"How fedgate comes into the account {side.account.id}", *notes]}
    return json.dumps({**said, "terraform": _REQUIRED, "resource": resources}, indent=2, ensure_ascii=False) + "\n"


def _resources(side: AccountSide) -> dict[str, dict[str, object]]:
    names, made = Names("_"), _Made()
    addresses: dict[str, str] = {}
    body: dict[str, object]
    for saml in side.saml:
        if not saml.metadata:
            raise NotDescribed(f"{saml.arn}: the gateway's SAML metadata is not known (--keys DIRECTORY)")
        name = names.new("saml", saml.name)
        body = {"name": saml.name, "saml_metadata_document": saml.metadata}
        addresses[saml.arn] = made.add("aws_iam_saml_provider", name, body)
    for oidc in side.oidc:
        name = names.new("oidc", oidc.url.removeprefix("https://"))
        body = {"url": oidc.url, "client_id_list": list(oidc.client_ids)}
        addresses[oidc.arn] = made.add("aws_iam_openid_connect_provider", name, body)
    for role in side.roles:
        body = {
            "name": role.arn.name,
            "path": path_of(role.arn),
            "description": role.description,
            "max_session_duration": role.max_seconds,
            "assume_role_policy": _text(role.trust),
        }
        after = [address for arn, address in addresses.items() if arn in json.dumps(role.trust)]
        addresses[role.arn] = made.add("aws_iam_role", names.new("role", role.arn.name), body, after)
    for policy in side.policies:
        kind = kind_of(policy.principal)
        body = {kind: policy.principal.name, "name": policy.name, "policy": _text(policy.document)}
        after = [addresses[policy.principal]] if policy.principal in addresses else []
        made.add(f"aws_iam_{kind}_policy", names.new(f"{kind}_policy", policy.principal.name), body, after)
    return made.resources


class _Made:
    def __init__(self) -> None:
        self.resources: dict[str, dict[str, object]] = {}

    def add(self, kind: str, name: str, body: Mapping[str, object], after: list[str] | None = None) -> str:
        """The resource's address, for those that must come after it."""
        order = {"depends_on": after} if after else {}
        self.resources.setdefault(kind, {})[name] = {**{key: _literal(v) for key, v in body.items()}, **order}
        return f"{kind}.{name}"


def _text(document: Document) -> str:
    return json.dumps(document, separators=(",", ":"))


def _literal(value: object) -> object:
    match value:
        case str():
            return value.replace("${", "$${").replace("%{", "%%{")
        case list():
            return [_literal(item) for item in value]
        case _:
            return value
