"""The userinfo endpoint (Core 5.3): asked only for what the ID token does not say."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass

from app.providers.oidc.claims import Claims
from app.providers.refusals import refused, unavailable
from app.providers.settings import OidcSettings
from app.providers.wire import Wire, WireFailure

MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class UserInfo:
    settings: OidcSettings
    wire: Wire

    def claims(self, url: str, access_token: str, subject: object) -> Claims:
        """Raises SignInRefused if it speaks of somebody else, ProviderUnavailable if it does not speak."""
        try:
            body = self.wire.get(url, {"Authorization": f"Bearer {access_token}", "Accept": "application/json"})
        except WireFailure as failure:
            raise unavailable(self.settings.label, "oidc.userinfo") from failure
        said = _object(body)
        theirs = said.get("sub")
        # An access token can be swapped for another person's; only `sub` tells (Core 5.3.2).
        if not isinstance(theirs, str) or not hmac.compare_digest(theirs.encode(), str(subject).encode()):
            raise refused("oidc.userinfo-subject")
        return said


def _object(body: bytes) -> Claims:
    try:
        said = json.loads(body) if len(body) <= MOST_BYTES else None
    except (ValueError, RecursionError) as unreadable:
        raise refused("oidc.userinfo") from unreadable
    if not isinstance(said, dict):
        raise refused("oidc.userinfo")
    return said
