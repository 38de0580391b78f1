"""OIDC providers: an https URL, client ids, thumbprints.

Source: IAM API Reference, CreateOpenIDConnectProvider. AWS fetches a thumbprint itself when none is given;
the TLS of the local stack is played (`outside.py`), so there is none to fetch and the list stays empty.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from app.local.aws.desk import Visit
from app.local.aws.iam.common import (
    already_exists,
    arn,
    invalid_input,
    limit_exceeded,
    no_such_entity,
    permit,
    same_account,
)
from app.local.aws.refusals import invalid
from app.local.aws.things import OidcProvider

MOST, MOST_CLIENT_IDS, MOST_THUMBPRINTS = 100, 100, 5


def create_open_id_connect_provider(visit: Visit) -> dict[str, Any]:
    url, world, account = _checked_url(visit.text("Url")), visit.desk.world, visit.signer.account
    provider_arn = arn(visit, "oidc-provider", url)
    permit(visit, provider_arn)
    if provider_arn in world.oidc_providers:
        raise already_exists(f"Provider with url https://{url} already exists.")
    if sum(p.account == account for p in world.oidc_providers.values()) >= MOST:
        raise limit_exceeded(f"Cannot exceed quota for OpenIdConnectProvidersPerAccount: {MOST}")
    clients, thumbprints = _checked_clients(visit.parameters.get("ClientIDList", [])), _thumbprints(visit)
    world.oidc_providers[provider_arn] = OidcProvider(provider_arn, account, url, clients, thumbprints, visit.now)
    return {"OpenIDConnectProviderArn": provider_arn}


def get_open_id_connect_provider(visit: Visit) -> dict[str, Any]:
    provider = _required(visit)
    return {
        "Url": provider.url,
        "ClientIDList": list(provider.client_ids),
        "ThumbprintList": list(provider.thumbprints),
        "CreateDate": provider.created,
    }


def list_open_id_connect_providers(visit: Visit) -> dict[str, Any]:
    permit(visit, arn(visit, "oidc-provider", "*"))
    mine = [p for p in visit.desk.world.oidc_providers.values() if p.account == visit.signer.account]
    return {"OpenIDConnectProviderList": [{"Arn": provider.arn} for provider in mine]}


def add_client_id_to_open_id_connect_provider(visit: Visit) -> dict[str, Any]:
    """Adding one that is there already is not an error."""
    provider = _required(visit)
    clients = dict.fromkeys((*provider.client_ids, visit.text("ClientID")))
    kept = replace(provider, client_ids=_checked_clients(list(clients)))
    visit.desk.world.oidc_providers[provider.arn] = kept
    return {}


def remove_client_id_from_open_id_connect_provider(visit: Visit) -> dict[str, Any]:
    provider = _required(visit)
    kept = tuple(client for client in provider.client_ids if client != visit.text("ClientID"))
    visit.desk.world.oidc_providers[provider.arn] = replace(provider, client_ids=kept)
    return {}


def update_open_id_connect_provider_thumbprint(visit: Visit) -> dict[str, Any]:
    provider = _required(visit)
    visit.desk.world.oidc_providers[provider.arn] = replace(provider, thumbprints=_thumbprints(visit))
    return {}


def delete_open_id_connect_provider(visit: Visit) -> dict[str, Any]:
    del visit.desk.world.oidc_providers[_required(visit).arn]
    return {}


def _required(visit: Visit) -> OidcProvider:
    provider_arn = same_account(visit, visit.text("OpenIDConnectProviderArn"), "oidc-provider")
    provider = visit.desk.world.oidc_providers.get(provider_arn)
    if provider is None:
        raise no_such_entity(f"OpenIDConnect Provider not found for arn {provider_arn}")
    return provider


def _checked_url(url: str) -> str:
    """`https://HOST[/PATH]`: no port, no query, no user, nothing that a URL parser might read twice."""
    parts = urlsplit(url) if re.fullmatch(r"https://[A-Za-z0-9.-]+(?:/[A-Za-z0-9._~/%-]*)?", url) else None
    if parts is None or not parts.hostname or "." not in parts.hostname:
        raise invalid_input("Invalid Open ID Connect Provider URL")
    return url.removeprefix("https://").removesuffix("/")


def _checked_clients(clients: list[str]) -> tuple[str, ...]:
    if len(clients) > MOST_CLIENT_IDS:
        raise limit_exceeded(f"Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: {MOST_CLIENT_IDS}")
    return tuple(dict.fromkeys(clients))


def _thumbprints(visit: Visit) -> tuple[str, ...]:
    found = tuple(visit.parameters.get("ThumbprintList", []))
    if len(found) > MOST_THUMBPRINTS:
        raise invalid_input(f"Thumbprint list must contain fewer than {MOST_THUMBPRINTS} entries.")
    if not all(re.fullmatch("[0-9A-Fa-f]{40}", thumbprint) for thumbprint in found):
        raise invalid("Thumbprints must be 40 hexadecimal digits")
    return found
