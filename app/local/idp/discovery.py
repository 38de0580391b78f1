"""The OIDC discovery document (OpenID Connect Discovery 3): what this provider can do, and nothing else."""

from __future__ import annotations

from typing import Any

from app.local.idp.authorization import SCOPES
from app.local.idp.picking import MFA_CONTEXT, PASSWORD_CONTEXT
from app.local.idp.registration import Addresses


def document(addresses: Addresses) -> dict[str, Any]:
    return {
        "issuer": addresses.issuer,
        "authorization_endpoint": addresses.oidc("authorize"),
        "token_endpoint": addresses.oidc("token"),
        "userinfo_endpoint": addresses.oidc("userinfo"),
        "end_session_endpoint": addresses.oidc("logout"),
        "jwks_uri": addresses.oidc("jwks.json"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": sorted(SCOPES),
        "acr_values_supported": [PASSWORD_CONTEXT, MFA_CONTEXT],
        "claims_supported": [
            *("sub", "iss", "aud", "exp", "iat", "auth_time", "nonce", "at_hash", "amr", "acr", "sid"),
            *("preferred_username", "name", "given_name", "family_name", "email", "email_verified"),
            *("groups", "department", "costCenter"),
        ],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "authorization_response_iss_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "claims_parameter_supported": False,
    }
