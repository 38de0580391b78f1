"""Authlib: the authorization address with PKCE, and the token endpoint. The only file that imports it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session

from app.errors import GatewayError
from app.providers.oidc.discovery import Endpoints
from app.providers.refusals import refused, unavailable
from app.providers.settings import OidcSettings
from app.providers.wire import FAILURES, Wire, WireFailure

MOST_CODE = 8192
MOST_REFRESH = 16 * 1024  # Microsoft's are a kilobyte or two
_LONGEST_TOKEN = 86_400  # seconds that an app token is believed to live, whatever is said

# Words with which a provider ends a refresh token (RFC 6749, 5.2; Core 3.1.2.6, which Entra ID uses here as well).
_OVER = frozenset(
    {"invalid_grant", "interaction_required", "login_required", "consent_required", "account_selection_required"}
)


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the token endpoint gave. The access token is used at once and forgotten."""

    id_token: object = field(repr=False)
    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Exchange:
    settings: OidcSettings
    redirect_uri: str
    wire: Wire

    def authorization_url(
        self, endpoints: Endpoints, state: str, nonce: str, verifier: str, more: Mapping[str, str]
    ) -> str:
        """Always S256: with "plain" or none, whoever sees the code can use it (RFC 9700, 2.1.1)."""
        with self._session(endpoints) as session:
            url, _ = session.create_authorization_url(
                endpoints.authorization, state=state, nonce=nonce, code_verifier=verifier, **more
            )
        return str(url)

    def tokens(self, endpoints: Endpoints, code: str, verifier: str) -> Tokens:
        """Exchange the code. Raises SignInRefused when the provider says no, ProviderUnavailable when it is away."""
        if not code or len(code) > MOST_CODE:
            raise refused("oidc.code")
        asked = {"code": code, "code_verifier": verifier, "redirect_uri": self.redirect_uri}
        try:
            answer = self._post(endpoints, "authorization_code", asked)
        except AuthlibBaseError as denied:
            # Our own credentials are the operator's business, a code that is not taken the person's or a thief's.
            ours = denied.error in ("invalid_client", "unauthorized_client")
            raise refused("oidc.client-refused" if ours else "oidc.code") from denied
        except (WireFailure, *FAILURES) as failure:
            raise unavailable(self.settings.label, "oidc.token-endpoint") from failure
        return _tokens(answer)

    def renewed(self, endpoints: Endpoints, refresh_token: str) -> Tokens:
        """RFC 6749, 6, for the scopes that were granted. Raises SignInRefused only when the grant is over.

        A mistake of ours (a client secret that was changed at the provider) does not end what people began.
        """
        try:
            answer = self._post(endpoints, "refresh_token", {"refresh_token": refresh_token, "scope": None})
        except AuthlibBaseError as denied:
            if isinstance(denied.error, str) and denied.error in _OVER:
                raise refused("oidc.refresh-over") from denied
            raise unavailable(self.settings.label, "oidc.refresh-denied") from denied
        except (WireFailure, *FAILURES) as failure:
            raise unavailable(self.settings.label, "oidc.token-endpoint") from failure
        return _tokens(answer)

    def of_our_own(self, endpoints: Endpoints, scope: str) -> tuple[str, int]:
        """A token for the gateway itself (client credentials, RFC 6749, 4.4), and its life in seconds.

        Raises ProviderUnavailable.
        """
        try:
            answer = self._post(endpoints, "client_credentials", {"scope": scope})
        except (AuthlibBaseError, WireFailure, *FAILURES) as failure:
            raise unavailable(self.settings.label, "oidc.graph-token") from failure
        life = answer.get("expires_in")
        seconds = min(life, _LONGEST_TOKEN) if isinstance(life, int) and not isinstance(life, bool) else 0
        return _tokens(answer).access_token, seconds

    def _post(self, endpoints: Endpoints, grant_type: str, asked: Mapping[str, str | None]) -> Mapping[str, object]:
        with self._session(endpoints) as session:
            self.wire.onto(session, endpoints.token)
            answer = session.fetch_token(endpoints.token, grant_type=grant_type, allow_redirects=False, **asked)
        return dict(answer)

    def _session(self, endpoints: Endpoints) -> OAuth2Session:
        session = OAuth2Session(
            self.settings.client_id,
            self.settings.client_secret,
            token_endpoint_auth_method=endpoints.token_auth,
            scope=" ".join(self.settings.scopes),
            redirect_uri=self.redirect_uri,
            code_challenge_method="S256",
        )
        session.register_client_auth_method(("client_secret_basic", _basic))
        session.register_compliance_hook("access_token_response", _heard)
        return session


def _basic(client: Any, _method: str, uri: str, headers: dict[str, str], body: str) -> tuple[str, dict[str, str], str]:
    """RFC 6749, 2.3.1: both parts are form-encoded first. Authlib leaves that out, and a "+" in a secret is lost."""
    pair = f"{quote_plus(client.client_id)}:{quote_plus(client.client_secret)}"
    return uri, {**headers, "Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, body


def _heard(response: requests.Response) -> requests.Response:
    """A provider that has no time says so in words of its own (Okta's 429 has `errorCode` and no `error`). Authlib
    takes every object without `error` for tokens; at a refresh these would be of nobody, and end the sign-in."""
    with suppress(ValueError, TypeError):  # no JSON, and no object, is Authlib's to refuse
        busy = response.status_code == 429 or (not response.ok and "error" not in response.json())
        if busy:
            raise WireFailure(f"status {response.status_code}")
    return response


def _tokens(answer: Mapping[str, object]) -> Tokens:
    access, kind = answer.get("access_token", ""), answer.get("token_type", "")
    if not isinstance(access, str) or not isinstance(kind, str) or kind.lower() not in ("bearer", ""):
        raise refused("oidc.token-response")
    if any(character <= " " or character > "~" for character in access):
        raise refused("oidc.token-response")  # it goes into a header
    return Tokens(answer.get("id_token"), access, _refresh_token(answer))


def _refresh_token(answer: Mapping[str, object]) -> str:
    """Opaque, and kept: so it has a length, and nothing in it that cannot be printed."""
    token = answer.get("refresh_token") or ""
    if not isinstance(token, str) or len(token) > MOST_REFRESH or any(not " " <= each <= "~" for each in token):
        raise refused("oidc.token-response")
    return token


def translated(failure: Exception) -> GatewayError:
    """What nobody foresaw is still a refusal, and never a page of a stack trace."""
    refusal = refused("oidc.unexpected")
    refusal.__cause__ = failure
    return refusal
