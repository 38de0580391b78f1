"""Logout tokens: a provider's word, server to server, that a session is over (Back-Channel Logout 1.0, 2.4 and 2.6).

Nobody needs to sign in to send one, and to end other people's sessions is a nuisance worth money: so it must be
signed like an ID token, be of the last two minutes, name somebody, and come once. An ID token or a security event
of the same provider, signed with the same key, must not pass for one.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from app.providers.arrival import Ending
from app.providers.oidc.claims import Claims, text
from app.providers.oidc.keys import KeyRing
from app.providers.oidc.tokens import SKEW, SUBJECT_BYTES, check_addressed, moment, verified_claims
from app.providers.refusals import refused
from app.providers.settings import OidcSettings

EVENT = "http://schemas.openid.net/event/backchannel-logout"
OLDEST = timedelta(minutes=2)
_TYPES = frozenset({"", "jwt", "logout+jwt", "application/logout+jwt"})  # the first two are of before the standard


def ending(token: str, keys: KeyRing, settings: OidcSettings, now: datetime) -> Ending:
    """Raises SignInRefused, with the reasons of ID tokens, or ProviderUnavailable."""
    claims, _ = verified_claims(token, keys, now, _TYPES)
    check_addressed(claims, settings.issuer, settings.client_id)
    _check_kind(claims)
    issued = _issued_just_now(claims, now)
    subject, sid = _name(claims, "sub", "oidc.subject"), _name(claims, "sid", "oidc.sid")
    if not subject and not sid:  # everybody would be the other reading
        raise refused("oidc.subject")
    once = text(claims.get("jti"), SUBJECT_BYTES, "oidc.jti")
    return Ending(subject, (sid,) if sid else (), f"{settings.id}:{once}", issued + OLDEST + SKEW)


def _check_kind(claims: Claims) -> None:
    events = claims.get("events")
    if not isinstance(events, dict) or list(events) != [EVENT] or not isinstance(events[EVENT], dict):
        raise refused("oidc.events")
    if "nonce" in claims:  # 2.4: prohibited, so that no ID token can be taken for one
        raise refused("oidc.nonce")


def _issued_just_now(claims: Claims, now: datetime) -> datetime:
    issued = moment(claims.get("iat"))
    if now - issued > OLDEST or ("exp" in claims and now - SKEW >= moment(claims["exp"])):
        raise refused("oidc.expired")
    if issued > now + SKEW or ("nbf" in claims and moment(claims["nbf"]) > now + SKEW):
        raise refused("oidc.too-early")
    return issued


def _name(claims: Claims, claim: str, reason: str) -> str:
    return text(claims[claim], SUBJECT_BYTES, reason) if claim in claims else ""
