"""ID tokens (OpenID Connect Core 2) and logout tokens (Back-Channel Logout 1.0, 2.4), RS256, and a person's claims."""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.local.idp.codes import CodeGrant
from app.local.idp.given_sessions import GivenSession
from app.local.idp.keys import SigningKey
from app.local.idp.picking import Pick

ID_TOKEN_LIFE = timedelta(minutes=5)
LOGOUT_TOKEN_LIFE = timedelta(minutes=2)
LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class IdTokens:
    """Makes ID tokens for one client, signed with one key."""

    issuer: str
    client_id: str
    key: SigningKey

    def make(self, grant: CodeGrant, access_token: str, now: datetime) -> str:
        claims: dict[str, Any] = {  # Any: JSON
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": int(now.timestamp()),
            "exp": int((now + ID_TOKEN_LIFE).timestamp()),
            "auth_time": int(grant.pick.at.timestamp()),
            "at_hash": half_hash(access_token),
            "amr": grant.pick.methods,
            "acr": grant.pick.context,
            "sid": grant.sid,
            **person_claims(grant.pick, grant.scopes),
        }
        if grant.nonce:
            claims["nonce"] = grant.nonce
        return self._signed("JWT", claims)

    def make_logout(self, session: GivenSession, now: datetime) -> str:
        claims: dict[str, Any] = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": int(now.timestamp()),
            "exp": int((now + LOGOUT_TOKEN_LIFE).timestamp()),
            "jti": secrets.token_urlsafe(16),
            "events": {LOGOUT_EVENT: {}},
            "sub": session.member.subject,
            "sid": session.index,
        }
        return self._signed("logout+jwt", claims)

    def session_of(self, token: str) -> str:
        """The `sid` of one of our ID tokens, however old; empty for anything else (RP-Initiated Logout 1.0, 4)."""
        try:
            claims = jwt.decode(token, RSAKey.import_key(self.key.private_pem), algorithms=["RS256"]).claims
        except (JoseError, ValueError):
            return ""
        ours = claims.get("iss") == self.issuer and claims.get("aud") == self.client_id and "events" not in claims
        return str(claims.get("sid", "")) if ours else ""

    def _signed(self, kind: str, claims: dict[str, Any]) -> str:
        header = {"alg": "RS256", "typ": kind, "kid": self.key.key_id}
        return jwt.encode(header, claims, RSAKey.import_key(self.key.private_pem))

    def jwks(self) -> dict[str, list[dict[str, Any]]]:
        """Only the public half (RFC 7517)."""
        public = RSAKey.import_key(self.key.private_pem).as_dict(private=False)
        return {"keys": [{**public, "use": "sig", "alg": "RS256", "kid": self.key.key_id}]}


def person_claims(pick: Pick, scopes: frozenset[str]) -> dict[str, Any]:
    """What the granted scopes let out. Dan has no `groups` claim at all; Erin's is an empty list."""
    member = pick.member
    claims: dict[str, Any] = {"sub": member.subject}
    if "profile" in scopes:
        claims |= {
            "preferred_username": member.email,
            "name": member.display_name,
            "given_name": member.given_name,
            "family_name": member.family_name,
            "department": member.department,
            "costCenter": member.cost_center,
        }
    if "email" in scopes:
        claims |= {"email": member.email, "email_verified": True}
    if "groups" in scopes and member.groups is not None:
        claims["groups"] = list(member.groups)
    return claims


def half_hash(token: str) -> str:
    """`at_hash` (OpenID Connect Core 3.1.3.6): the left half of SHA-256."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode("ascii")).digest()[:16]).rstrip(b"=").decode("ascii")
