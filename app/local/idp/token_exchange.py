"""The token endpoint (OpenID Connect Core 3.1.3 and 12, RFC 6749): codes and refresh tokens become tokens, once."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote_plus

from app.local.idp.codes import CodeGrant, Keepsakes
from app.local.idp.given_sessions import GivenSessions
from app.local.idp.registration import OidcApplication
from app.local.idp.tokens import IdTokens


@dataclass(frozen=True, slots=True)
class TokenError:
    """RFC 6749 section 5.2. A wrong client is 401, everything else 400."""

    error: str
    description: str

    @property
    def status(self) -> int:
        return 401 if self.error == "invalid_client" else 400


@dataclass(frozen=True, slots=True)
class TokenExchange:
    application: OidcApplication
    tokens: IdTokens
    codes: Keepsakes[CodeGrant]
    access: Keepsakes[CodeGrant]
    refresh: Keepsakes[CodeGrant]
    given: GivenSessions

    def exchange(self, form: Mapping[str, str], authorization: str, now: datetime) -> dict[str, Any] | TokenError:
        """The token response as JSON; `authorization` is the header of that name, perhaps empty."""
        if not self._is_our_client(form, authorization):
            return TokenError("invalid_client", "unknown client or wrong secret")
        match form.get("grant_type"):
            case "authorization_code":
                return self._first(form, now)
            case "refresh_token":
                return self._next(form, now)
            case _:
                return TokenError("unsupported_grant_type", "only authorization_code and refresh_token")

    def _first(self, form: Mapping[str, str], now: datetime) -> dict[str, Any] | TokenError:
        grant = self.codes.take(form.get("code", ""))
        if grant is None or form.get("redirect_uri") != self.application.redirect_uri:
            return TokenError("invalid_grant", "the code is unknown, used or older than 60 seconds")
        if not answers(grant.code_challenge, form.get("code_verifier", "")):
            return TokenError("invalid_grant", "the code_verifier does not match")
        return self._tokens(grant, now)

    def _next(self, form: Mapping[str, str], now: datetime) -> dict[str, Any] | TokenError:
        """Each refresh token once; the answer has the next one, and the same person, time, nonce and session."""
        grant = self.refresh.take(form.get("refresh_token", ""))
        if grant is None or self.given.find(grant.sid) is None:
            return TokenError("invalid_grant", "the refresh token is unknown or used, or the session is over")
        if not frozenset(form.get("scope", "").split()) <= grant.scopes:
            return TokenError("invalid_scope", "more than was granted")
        return self._tokens(grant, now)

    def _tokens(self, grant: CodeGrant, now: datetime) -> dict[str, Any]:
        access_token = self.access.put(grant)
        renewable = "offline_access" in grant.scopes
        return {
            **({"refresh_token": self.refresh.put(grant)} if renewable else {}),
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": int(self.access.life.total_seconds()),
            "scope": " ".join(sorted(grant.scopes)),
            "id_token": self.tokens.make(grant, access_token, now),
        }

    def _is_our_client(self, form: Mapping[str, str], authorization: str) -> bool:
        client_id, secret = (
            _basic(authorization) if authorization else (form.get("client_id", ""), form.get("client_secret", ""))
        )
        # Two ways of saying who one is in one request is an attempt to have them disagree (RFC 6749 section 2.3).
        if authorization and "client_secret" in form:
            return False
        right_id = hmac.compare_digest(client_id.encode(), self.application.client_id.encode())
        return right_id & hmac.compare_digest(secret.encode(), self.application.secret.value.encode())


def answers(challenge: str, verifier: str) -> bool:
    """PKCE with S256 (RFC 7636 sections 4.1 and 4.6)."""
    if not re.fullmatch(r"[A-Za-z0-9\-._~]{43,128}", verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=")
    return hmac.compare_digest(digest, challenge.encode("ascii"))


def _basic(authorization: str) -> tuple[str, str]:
    """Id and secret are form-encoded before they are joined (RFC 6749 section 2.3.1)."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return "", ""
    client_id, _, secret = decoded.partition(":")
    return (unquote_plus(client_id), unquote_plus(secret)) if scheme.lower() == "basic" else ("", "")
