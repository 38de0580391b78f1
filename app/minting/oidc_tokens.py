"""Tokens for AssumeRoleWithWebIdentity, and the two documents by which AWS knows us as an OIDC issuer.

Claims as in IAM User Guide, "Passing session tags in AWS STS" and "Create an OpenID Connect identity
provider in IAM"; `https://aws.amazon.com/roles` pins the token to one role: STS refuses it for any other,
before it looks at a trust policy (Service Authorization Reference, `sts:RoleAuthorizedByIdp`).
"""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Mapping
from datetime import datetime

from app.minting.claims import LIFE, SessionClaims
from app.minting.keys import SigningKey, SigningKeys
from app.minting.signatures import signature_of

AUDIENCE = "sts.amazonaws.com"  # to be registered as the client id of the IAM OIDC provider


def mint_token(
    claims: SessionClaims, issuer: str, keys: SigningKeys, now: datetime, *, for_a_pool: bool = False
) -> str:
    """A compact JWS, RS256, for exactly one role. Not for anybody but STS, or Cognito.

    `for_a_pool` says the role once more as a plain `role`, which the rules of an identity pool can compare (Cognito
    Developer Guide, "Using rule-based mapping to assign roles"): they cannot look into a list.
    """
    issued = int(now.timestamp())
    body: dict[str, object] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": claims.subject,
        "iat": issued,
        "exp": issued + int(LIFE.total_seconds()),
        "jti": secrets.token_urlsafe(16),
        "https://aws.amazon.com/roles": [str(claims.role)],
    }
    if for_a_pool:
        body["role"] = str(claims.role)
    if claims.source_identity is not None:
        body["https://aws.amazon.com/source_identity"] = str(claims.source_identity)
    if claims.tags:
        body["https://aws.amazon.com/tags"] = {
            "principal_tags": {name: [value] for name, value in claims.tags.items()},
            "transitive_tag_keys": list(claims.transitive_tags),
        }
    return _signed(body, keys.newest)


def _signed(body: Mapping[str, object], key: SigningKey) -> str:
    """JWS Compact Serialization (RFC 7515, section 7.1). By hand: libraries sign with keys of their own."""
    header = {"alg": "RS256", "kid": key.jwk.kid, "typ": "JWT"}
    signed = f"{_base64url(_json(header))}.{_base64url(_json(body))}"
    return f"{signed}.{_base64url(signature_of(key.signer, signed.encode()))}"


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def discovery(issuer: str) -> dict[str, object]:
    """`/.well-known/openid-configuration`: what IAM asks of an OIDC provider, and nothing that we do not do."""
    return {
        "issuer": issuer,
        "jwks_uri": f"{issuer}/issuer/jwks.json",
        "authorization_endpoint": f"{issuer}/issuer/none",  # required by OpenID Connect Discovery; not offered
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["iss", "aud", "sub", "iat", "exp", "jti"],
    }
