"""The address at which a provider ends its own session (RP-Initiated Logout 1.0, 2)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from app.providers.settings import OidcSettings

_LONGEST_HINT = 4096  # characters; with a longer one in the address, some servers would refuse the whole request


def address(end_session: str, settings: OidcSettings, upstream: Mapping[str, str], return_to: str, state: str) -> str:
    """With the last ID token as a hint, so that the provider knows which session is meant and need not ask.

    An ID token that AWS would take (passthrough) is a credential, and stays out of addresses and histories.
    """
    asked = {"client_id": settings.client_id, "post_logout_redirect_uri": return_to, "state": state}
    hint = upstream.get("id_token", "")
    if hint and len(hint) <= _LONGEST_HINT and not settings.passthrough:
        asked["id_token_hint"] = hint
    return f"{end_session}{'&' if '?' in end_session else '?'}{urlencode(asked)}"
