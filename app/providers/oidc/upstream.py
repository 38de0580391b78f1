"""What is kept of a sign-in for later: to ask the provider again, and to end its session too.

id_token       the last one, as it came: names the session at RP-Initiated Logout (`id_token_hint`)
refresh_token  if there was one
nonce          of the first ID token: a later one may repeat it and no other (Core 12.2)
auth_time      likewise, if it was said
"""

from __future__ import annotations

from collections.abc import Mapping

from app.providers.oidc.claims import Claims
from app.providers.oidc.exchange import Tokens
from app.providers.oidc.tokens import moment
from app.providers.refusals import refused

Upstream = Mapping[str, str]


def kept(signed: Claims, tokens: Tokens, nonce: str) -> dict[str, str]:
    """Of a sign-in."""
    all_of_it = {
        "id_token": str(tokens.id_token),
        "refresh_token": tokens.refresh_token,
        "nonce": nonce,
        "auth_time": _auth_time(signed),
    }
    return {name: value for name, value in all_of_it.items() if value}


def renewed(upstream: Upstream, tokens: Tokens) -> dict[str, str]:
    """After a refresh: a token that did not come anew stays (RFC 6749, 6)."""
    new = {"id_token": str(tokens.id_token or ""), "refresh_token": tokens.refresh_token}
    return {**upstream, **{name: value for name, value in new.items() if value}}


def check_same_sign_in(signed: Claims, upstream: Upstream, subject: str) -> None:
    """Core 12.2: an ID token of a refresh speaks of the same person and the same sign-in. Raises SignInRefused.

    A later `auth_time` is let pass: some providers move it when the person confirms that it is them at another
    application. Nothing uses it.
    """
    if signed.get("sub") != subject:
        raise refused("oidc.refresh-subject")
    if "nonce" in signed and signed["nonce"] != upstream.get("nonce"):
        raise refused("oidc.nonce")
    if "auth_time" in signed and int(_auth_time(signed)) < int(upstream.get("auth_time") or 0):
        raise refused("oidc.refresh-auth-time")


def _auth_time(signed: Claims) -> str:
    return str(int(moment(signed["auth_time"]).timestamp())) if "auth_time" in signed else ""
