"""What an OpenID provider says of itself (OpenID Connect Discovery 1.0), believed only as far as needed.

Authlib keeps this document for the life of the process and never compares its issuer with the configured
one; the algorithms it would take from it are not ours to take. So: fetched and checked here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import ProviderUnavailable
from app.providers.addresses import NotAdmitted, check_url
from app.providers.oidc.claims import Claims
from app.providers.refusals import unavailable
from app.providers.settings import OidcSettings
from app.providers.wire import Fetch, WireFailure

MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Endpoints:
    """The parts of discovery that are used."""

    authorization: str
    token: str
    jwks: str
    userinfo: str | None
    sends_issuer: bool  # RFC 9207: every callback carries `iss`
    token_auth: str  # client_secret_basic | client_secret_post
    end_session: str | None = None  # RP-Initiated Logout 1.0, 2.1


def discover(settings: OidcSettings, fetch: Fetch) -> Endpoints:
    """Fetch and check. Raises ProviderUnavailable."""
    document = fetch_json(f"{settings.issuer.rstrip('/')}/.well-known/openid-configuration", settings, fetch)
    if document.get("issuer") != settings.issuer:  # somebody else's metadata, or a lookalike: mix-up begins here
        raise unavailable(settings.label, "oidc.discovery-issuer")
    return Endpoints(
        authorization=_endpoint(document, "authorization_endpoint", settings),
        token=_endpoint(document, "token_endpoint", settings),
        jwks=_endpoint(document, "jwks_uri", settings),
        userinfo=_endpoint(document, "userinfo_endpoint", settings) if "userinfo_endpoint" in document else None,
        end_session=_endpoint(document, "end_session_endpoint", settings) if _ends_sessions(document) else None,
        sends_issuer=document.get("authorization_response_iss_parameter_supported") is True,
        token_auth=_token_auth(document, settings),
    )


def fetch_json(url: str, settings: OidcSettings, fetch: Fetch) -> Claims:
    """A JSON object from the provider. Raises ProviderUnavailable."""
    try:
        body = fetch(url)
        document = json.loads(body) if len(body) <= MOST_BYTES else None
    except WireFailure as failure:
        raise unavailable(settings.label, "oidc.unreachable") from failure
    except (ValueError, RecursionError) as unreadable:
        raise unavailable(settings.label, "oidc.discovery") from unreadable
    if not isinstance(document, dict):
        raise unavailable(settings.label, "oidc.discovery")
    return document


def _ends_sessions(document: Claims) -> bool:
    return document.get("end_session_endpoint") is not None


def _endpoint(document: Mapping[str, object], name: str, settings: OidcSettings) -> str:
    address = document.get(name)
    if not isinstance(address, str):
        raise unavailable(settings.label, "oidc.discovery")
    try:
        check_url(address, settings.allow_private_network)
    except NotAdmitted as bad:
        raise unavailable(settings.label, "oidc.discovery-address") from bad
    return address


def _token_auth(document: Mapping[str, object], settings: OidcSettings) -> str:
    """Basic, which every provider must speak (RFC 6749, 2.3.1), or post if that is all there is."""
    supported = document.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    if isinstance(supported, list):
        for method in ("client_secret_basic", "client_secret_post"):
            if method in supported:
                return method
    raise _no_method(settings)


def _no_method(settings: OidcSettings) -> ProviderUnavailable:
    return unavailable(settings.label, "oidc.token-auth")
