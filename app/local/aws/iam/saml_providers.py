"""SAML providers: metadata in, ARN out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from app.local.aws.desk import Visit
from app.local.aws.iam.common import already_exists, arn, limit_exceeded, no_such_entity, permit, same_account
from app.local.aws.refusals import invalid_value
from app.local.aws.sts.saml_metadata import issuers_of
from app.local.aws.things import SamlProvider

MOST = 100
_VALID = timedelta(days=36_500)  # IAM shows a date and acts on none


def create_saml_provider(visit: Visit) -> dict[str, Any]:
    name, world = visit.text("Name"), visit.desk.world
    provider_arn = arn(visit, "saml-provider", name)
    permit(visit, provider_arn)
    metadata = _checked(visit)
    mine = [provider for provider in world.saml_providers.values() if provider.account == visit.signer.account]
    if provider_arn in world.saml_providers:
        raise already_exists(f"{provider_arn} already exists.")
    if len(mine) >= MOST:
        raise limit_exceeded(f"Cannot exceed quota for SAMLProvidersPerAccount: {MOST}")
    uuid = visit.desk.unique_id("ASP")
    provider = SamlProvider(provider_arn, visit.signer.account, name, metadata, visit.now, uuid)
    world.saml_providers[provider_arn] = provider
    return {"SAMLProviderArn": provider_arn}


def update_saml_provider(visit: Visit) -> dict[str, Any]:
    provider = _required(visit)
    if "SAMLMetadataDocument" in visit.parameters:
        visit.desk.world.saml_providers[provider.arn] = replace(provider, metadata=_checked(visit))
    return {"SAMLProviderArn": provider.arn}


def get_saml_provider(visit: Visit) -> dict[str, Any]:
    provider = _required(visit)
    return {
        "SAMLProviderUUID": provider.uuid,
        "SAMLMetadataDocument": provider.metadata,
        "CreateDate": provider.created,
        "ValidUntil": provider.created + _VALID,
    }


def list_saml_providers(visit: Visit) -> dict[str, Any]:
    permit(visit, arn(visit, "saml-provider", "*"))
    mine = [p for p in visit.desk.world.saml_providers.values() if p.account == visit.signer.account]
    shown = [{"Arn": p.arn, "ValidUntil": p.created + _VALID, "CreateDate": p.created} for p in mine]
    return {"SAMLProviderList": shown}


def delete_saml_provider(visit: Visit) -> dict[str, Any]:
    del visit.desk.world.saml_providers[_required(visit).arn]
    return {}


def _required(visit: Visit) -> SamlProvider:
    provider_arn = same_account(visit, visit.text("SAMLProviderArn"), "saml-provider")
    provider = visit.desk.world.saml_providers.get(provider_arn)
    if provider is None:
        raise no_such_entity(f"Manifest not found for arn {provider_arn}")
    return provider


def _checked(visit: Visit) -> str:
    if visit.parameters.get("AssertionEncryptionMode") == "Required" or "AddPrivateKey" in visit.parameters:
        raise invalid_value("Encrypted assertions are not offered by this local AWS.")
    metadata = visit.text("SAMLMetadataDocument")
    issuers_of(metadata)
    return metadata
