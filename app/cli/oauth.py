"""The gateway as OAuth 2.0 authorization server, seen from a public native client (RFC 8252).

Metadata RFC 8414, code exchange RFC 6749 4.1.3 with PKCE RFC 7636, renewal 6749 section 6, revocation RFC 7009.
Sign-in by a code that is typed elsewhere (RFC 8628) is in `device`.
"""

from __future__ import annotations

import base64
import hashlib
import re
import socket
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from . import address
from .failures import SIGN_IN, UNEXPECTED, USAGE, Failure, printable
from .problems import LONGEST, failure
from .wire import Answer, Wire

CLIENT = "fedgate-cli"
TOKEN = re.compile(r"[\x21-\x7e]{1,4096}")  # RFC 6749 appendix A, without the space
Clock = Callable[[], float]


class Metadata(NamedTuple):
    """The endpoints of one gateway, all of its own origin."""

    issuer: str
    authorize: str
    token: str
    revoke: str
    says_issuer: bool  # RFC 9207: its answers carry `iss`
    device: str = ""  # where a sign-in by code begins (RFC 8628); empty: this gateway offers none


class Tokens(NamedTuple):
    """Expiries are Unix seconds."""

    access: str
    access_expires: int
    refresh: str
    refresh_expires: int

    def __repr__(self) -> str:
        return "Tokens(...)"


def discover(wire: Wire) -> Metadata:
    """The issuer must be the very address that was typed: a look-alike or a proxy's page must not get tokens."""
    answer = wire.get("/.well-known/oauth-authorization-server")
    if answer.status >= 500:
        raise failure(answer)
    found = answer.object_or_none() if answer.status == 200 else None
    if found is None:
        raise Failure(USAGE, f"{wire.gateway} does not answer like a fedgate gateway; check the address")
    if found.get("issuer") != wire.gateway:
        raise Failure(USAGE, f"the gateway at {wire.gateway} calls itself {found.get('issuer')}; use that address")
    if "S256" not in (found.get("code_challenge_methods_supported") or []):
        raise Failure(USAGE, f"{wire.gateway} does not offer PKCE with S256")
    authorize, token, revoke = (endpoint(wire, found, name) for name in ("authorization", "token", "revocation"))
    says_issuer = found.get("authorization_response_iss_parameter_supported") is True
    device = endpoint(wire, found, "device_authorization") if "device_authorization_endpoint" in found else ""
    return Metadata(wire.gateway, authorize, token, revoke, says_issuer, device)


def endpoint(wire: Wire, found: dict[str, Any], name: str) -> str:
    url = found.get(f"{name}_endpoint")
    if not isinstance(url, str) or address.origin(url) != wire.gateway or not url.isascii() or not url.isprintable():
        raise Failure(USAGE, f"{wire.gateway} names no {name} endpoint of its own")
    return url


def about_us(verifier: str) -> dict[str, str]:
    """Of every request that begins a sign-in: the client, its PKCE challenge, and what this machine calls itself."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return {
        "client_id": CLIENT,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "device_name": printable(socket.gethostname())[:64],
    }


def exchange(wire: Wire, metadata: Metadata, code: str, verifier: str, back: str, clock: Clock = time.time) -> Tokens:
    fields = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
    return tokens(wire.post_form(metadata.token, {**fields, "client_id": CLIENT}), clock)


def renew(wire: Wire, url: str, refresh: str, clock: Clock = time.time) -> Tokens:
    fields = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": CLIENT}
    return tokens(wire.post_form(url, fields), clock)


def revoke(wire: Wire, url: str, refresh: str) -> None:
    answer = wire.post_form(url, {"token": refresh, "token_type_hint": "refresh_token", "client_id": CLIENT})
    if answer.status >= 400:
        raise failure(answer)


def tokens(answer: Answer, clock: Clock) -> Tokens:
    if answer.status != 200:
        raise token_failure(answer)
    found = answer.json()
    access, refresh = found.get("access_token"), found.get("refresh_token")
    lives = [found.get("expires_in"), found.get("refresh_expires_in")]
    known = all(isinstance(one, str) and TOKEN.fullmatch(one) for one in (access, refresh))
    if not known or not all(type(life) is int and life > 0 for life in lives):
        raise Failure(UNEXPECTED, "the gateway's tokens cannot be used", run="login")
    now = int(clock())
    return Tokens(str(access), now + int(lives[0] or 0), str(refresh), now + int(lives[1] or 0))


def token_failure(answer: Answer) -> Failure:
    """RFC 6749 5.2: `invalid_grant` is the one error that ends a sign-in."""
    found = answer.object_or_none() or {}
    if answer.status in (400, 401) and found.get("error") == "invalid_grant":
        # Who ended it, the provider or its time, is what somebody wants to know who did not.
        said = str(found.get("error_description") or "").partition(" Run: ")[0].strip()
        return Failure(SIGN_IN, printable(said)[:LONGEST] or "your sign-in has ended", run="login")
    if isinstance(found.get("error"), str) and answer.status < 500:
        return Failure(UNEXPECTED, f"the gateway refused the tokens ({found['error'][:60]})", run="login")
    return failure(answer)
