"""The userinfo endpoint (Core 5.3): asked only for what the ID token does not say."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass
from datetime import datetime

from app.providers.oidc.claims import Claims
from app.providers.oidc.keys import KeyRing
from app.providers.oidc.tokens import check_addressed, verified_claims
from app.providers.refusals import refused, unavailable
from app.providers.settings import OidcSettings
from app.providers.wire import Wire, WireFailure

MOST_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class UserInfo:
    settings: OidcSettings
    wire: Wire
    keys: KeyRing

    def claims(self, url: str, access_token: str, subject: object, now: datetime) -> Claims:
        """Raises SignInRefused if it speaks of somebody else, ProviderUnavailable if it does not speak."""
        try:
            body = self.wire.get(url, {"Authorization": f"Bearer {access_token}", "Accept": "application/json"})
        except WireFailure as failure:
            raise unavailable(self.settings.label, "oidc.userinfo") from failure
        said = self._signed(body, now) if _is_compact(body) else self._object(body)
        theirs = said.get("sub")
        # An access token can be swapped for another person's; only `sub` tells (Core 5.3.2).
        if not isinstance(theirs, str) or not hmac.compare_digest(
            theirs.encode(errors="surrogatepass"), str(subject).encode()
        ):
            raise refused("oidc.userinfo-subject")
        return said

    def _signed(self, body: bytes, now: datetime) -> Claims:
        """Some providers sign it (Core 5.3.2): then by their keys, and for us."""
        claims, _ = verified_claims(body.decode("ascii"), self.keys, now)
        check_addressed(claims, self.settings.issuer, self.settings.client_id)
        return claims

    def _object(self, body: bytes) -> Claims:
        """What is none was said by something that stands before the provider, and ends nobody's sign-in."""
        try:
            said = json.loads(body) if len(body) <= MOST_BYTES else None
        except (ValueError, RecursionError) as unreadable:
            raise unavailable(self.settings.label, "oidc.userinfo") from unreadable
        if not isinstance(said, dict):
            raise unavailable(self.settings.label, "oidc.userinfo")
        return said


def _is_compact(body: bytes) -> bool:
    """Base64url of a JSON object begins with "ey", and JSON never does."""
    return body.startswith(b"ey") and body.isascii()
