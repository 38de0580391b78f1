"""What a callback says before its code is worth anything: whose it is, and that something went wrong."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from app.providers.oidc.discovery import Endpoints
from app.providers.refusals import refused

# What may have gone wrong by the person's own doing (RFC 6749, 4.1.2.1; Core 3.1.2.6).
_PERSONS_OWN = frozenset({"access_denied", "login_required", "consent_required", "interaction_required"})
# RFC 9470, 5: the provider cannot do what `acr_values` asked for.
_NO_STEP_UP = "unmet_authentication_requirements"


def check_sender(query: Mapping[str, str], endpoints: Endpoints, issuer: str) -> None:
    """Whose callback is it (RFC 9207)? If it does not say, its redirect URI does: each provider has its own."""
    sender = query.get("iss")
    if sender is None and not endpoints.sends_issuer:
        return
    if sender is None or not hmac.compare_digest(sender.encode(), issuer.encode()):
        raise refused("oidc.callback-issuer")


def check_error(query: Mapping[str, str]) -> None:
    """The provider's own words are not shown: anybody can write a link with words in it."""
    error = query.get("error")
    if error is None:
        return
    if error == _NO_STEP_UP:
        raise refused("oidc.step-up-refused")
    raise refused("oidc.cancelled" if error in _PERSONS_OWN else "oidc.provider-error")
