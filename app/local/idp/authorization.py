"""The OIDC authorization request (OpenID Connect Core 3.1.2.1, RFC 7636, RFC 9207), checked.

Two kinds of refusal that must not be mixed: while client and redirect address are in doubt the person sees
a page; afterwards the application is told, at its registered address.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from app.local.idp.refusals import RefusedRequest
from app.local.idp.registration import Addresses, OidcApplication

MAX_VALUE = 1024  # characters of state and nonce
SCOPES = frozenset({"openid", "profile", "email", "groups", "offline_access"})


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    state: str
    nonce: str
    code_challenge: str
    scopes: frozenset[str]
    wants_mfa: bool


@dataclass(frozen=True, slots=True)
class AuthorizationError:
    """An answer for the application (RFC 6749 section 4.1.2.1)."""

    error: str
    description: str
    state: str


def read(
    query: Mapping[str, str], application: OidcApplication, mfa_context: str
) -> AuthorizationRequest | AuthorizationError:
    """Raises RefusedRequest when it is not certain where an answer may go."""
    if query.get("client_id") != application.client_id:
        raise RefusedRequest("The application that asks is not registered here.", reason="authorize.client_id")
    if query.get("redirect_uri") != application.redirect_uri:
        raise RefusedRequest(
            "The application asks for an answer at an address that is not registered.", reason="authorize.redirect_uri"
        )
    problem = _problem(query)
    if problem:
        return AuthorizationError(*problem, state=query.get("state", "")[:MAX_VALUE])
    return AuthorizationRequest(
        state=query.get("state", ""),
        nonce=query.get("nonce", ""),
        code_challenge=query["code_challenge"],
        scopes=SCOPES & frozenset(query["scope"].split()),
        wants_mfa=mfa_context in query.get("acr_values", "").split(),
    )


def _problem(query: Mapping[str, str]) -> tuple[str, str] | None:
    """The first thing that does not fit, as error and description."""
    challenge = re.fullmatch(r"[\w-]{43}", query.get("code_challenge", ""), re.ASCII)
    lengths = [len(query.get(name, "")) for name in ("state", "nonce")]
    checks = (
        (query.get("response_type") == "code", "unsupported_response_type", "only response_type=code"),
        ("openid" in query.get("scope", "").split(), "invalid_scope", "scope must contain openid"),
        # Without PKCE a stolen code can be used by whoever has a session with the client (RFC 9700 section 2.1.1).
        (challenge and query.get("code_challenge_method") == "S256", "invalid_request", "PKCE with S256 is required"),
        # Everybody picks every time, so that every answer is as fresh as `max_age` and `prompt=login` want it.
        (re.fullmatch(r"\d{0,9}", query.get("max_age", ""), re.ASCII), "invalid_request", "max_age is a number"),
        (max(lengths) <= MAX_VALUE, "invalid_request", "state or nonce is too long"),
        (not {"request", "request_uri"} & set(query), "request_not_supported", "request objects are not supported"),
        (query.get("prompt") != "none", "login_required", "there are no sessions here, everybody picks"),
    )
    return next(((error, description) for fits, error, description in checks if not fits), None)


def answer_address(application: OidcApplication, addresses: Addresses, **parameters: str) -> str:
    """The registered redirect address with the answer, and `iss` against mix-up (RFC 9207)."""
    said = {name: value for name, value in parameters.items() if value}
    joint = "&" if "?" in application.redirect_uri else "?"
    return f"{application.redirect_uri}{joint}{urlencode({**said, 'iss': addresses.issuer})}"
