"""An OpenID Connect provider, as the sign-in room sees it: authorization code, PKCE, nonce (Core 1.0, 3.1)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from app.core.identity import Identity
from app.core.proof import Proof
from app.core.roles import Method
from app.errors import GatewayError
from app.providers.arrival import WHO_IT_IS, Arrival, Asked, Departure, Ending, Renewal
from app.providers.attempts import check_age, marked
from app.providers.last_good import LastGood
from app.providers.oidc import claims as read
from app.providers.oidc.claims import Claims
from app.providers.oidc.discovery import Endpoints
from app.providers.oidc.exchange import Exchange, Tokens, translated
from app.providers.oidc.keys import KeyRing
from app.providers.oidc.tokens import SKEW, check_access_token, check_claims, moment, verified_claims
from app.providers.oidc.userinfo import UserInfo
from app.providers.randomness import Random
from app.providers.refusals import refused
from app.providers.settings import OidcSettings

# What a callback may say went wrong, and whose doing it is (RFC 6749, 4.1.2.1; Core 3.1.2.6).
_PERSONS_OWN = frozenset({"access_denied", "login_required", "consent_required", "interaction_required"})


@dataclass(frozen=True, slots=True)
class OidcProvider:
    settings: OidcSettings
    endpoints: LastGood[Endpoints]
    keys: KeyRing
    exchange: Exchange
    userinfo: UserInfo
    random: Random
    kind: ClassVar[str] = "oidc"

    @property
    def id(self) -> str:
        return self.settings.id

    @property
    def label(self) -> str:
        return self.settings.label

    def depart(self, state: str, now: datetime, asked: Asked = WHO_IT_IS) -> Departure:
        """Raises ProviderUnavailable when discovery cannot be had."""
        nonce, verifier = _token(self.random(24)), _token(self.random(48))
        url = self.exchange.authorization_url(self.endpoints.get(now), state, nonce, verifier)
        return Departure(url, marked({"nonce": nonce, "code_verifier": verifier}, now))

    def arrive(self, query: Mapping[str, str], kept: Mapping[str, str], now: datetime) -> Arrival:
        """Verify a callback whose state the caller has already matched with the attempt that kept `kept`.

        Raises SignInRefused (also GroupsUnknown) or ProviderUnavailable, and nothing else.
        """
        try:
            return self._arrive(query, kept, now)
        except GatewayError:
            raise
        except Exception as failure:
            raise translated(failure) from failure

    def renew(self, upstream: Mapping[str, str], identity: Identity, now: datetime) -> Renewal | None:
        """What the provider says of the person today, by its refresh token; None where there is none.

        Raises SignInRefused (`oidc.refresh-over` when the provider has ended it) or ProviderUnavailable.
        """
        if not upstream.get("refresh_token"):
            return None
        raise refused("oidc.refresh-not-supported")

    def farewell(
        self, upstream: Mapping[str, str], identity: Identity, return_to: str, state: str, now: datetime
    ) -> Departure | None:
        """Where the browser goes so that the provider's own session ends too; None where it offers nothing."""
        return None

    def back_channel(self, logout_token: str, now: datetime) -> Ending:
        """A provider's word, server to server, that a session is over (Back-Channel Logout 1.0, 2.6).

        Raises SignInRefused with reasons `oidc.logout.*`, or ProviderUnavailable.
        """
        raise refused("oidc.logout.not-supported")

    def _arrive(self, query: Mapping[str, str], kept: Mapping[str, str], now: datetime) -> Arrival:
        check_age("oidc", kept, now)
        endpoints = self.endpoints.get(now)
        self._check_sender(query, endpoints)
        _check_error(query)
        tokens = self.exchange.tokens(endpoints, query.get("code", ""), kept.get("code_verifier", ""))
        claims, algorithm = verified_claims(tokens.id_token, self.keys, now)
        check_claims(claims, self.settings.issuer, self.settings.client_id, kept.get("nonce", ""), now)
        check_access_token(claims, algorithm, tokens.access_token)
        person = self._identity(self._completed(claims, tokens, endpoints), claims, now)
        return Arrival(
            person, used_once=None, used_until=now + timedelta(minutes=10), proof=self._proof(claims, tokens)
        )

    def _proof(self, claims: Claims, tokens: Tokens) -> Proof | None:
        if not self.settings.passthrough:
            return None
        return Proof(Method.WEB_IDENTITY, str(tokens.id_token), moment(claims["exp"]))

    def _check_sender(self, query: Mapping[str, str], endpoints: Endpoints) -> None:
        """Whose callback is it (RFC 9207)? If it does not say, its redirect URI does: each provider has its own."""
        sender = query.get("iss")
        if sender is None and not endpoints.sends_issuer:
            return
        if sender is None or not hmac.compare_digest(sender.encode(), self.settings.issuer.encode()):
            raise refused("oidc.callback-issuer")

    def _completed(self, claims: Claims, tokens: Tokens, endpoints: Endpoints) -> Claims:
        """The claims, with what the ID token lacks taken from userinfo. The ID token's own word always wins."""
        read.check_overage(claims, self.settings)
        wanted = (self.settings.groups_claim, self.settings.name_claim, *self.settings.attributes)
        if endpoints.userinfo is None or not tokens.access_token or all(read.has(claims, path) for path in wanted):
            return claims
        more = self.userinfo.claims(endpoints.userinfo, tokens.access_token, claims["sub"])
        read.check_overage({**more, **claims}, self.settings)
        return {**more, **claims}

    def _identity(self, claims: Claims, signed: Claims, now: datetime) -> Identity:
        """The person. When and how they were authenticated is taken from the signed token alone."""
        return Identity(
            provider=self.id,
            subject=str(signed["sub"]),
            name=read.name(claims, self.settings),
            groups=read.groups(claims, self.settings),
            authenticated_at=_authenticated_at(signed, now),
            verified_at=now,
            email=read.email(claims, self.settings),
            attributes=read.attributes(claims, self.settings),
            mfa=_methods(signed) & set(self.settings.mfa_amr) != set(),
        )


def _check_error(query: Mapping[str, str]) -> None:
    """The provider's own words are not shown: anybody can write a link with words in it."""
    error = query.get("error")
    if error is not None:
        raise refused("oidc.cancelled" if error in _PERSONS_OWN else "oidc.provider-error")


def _authenticated_at(signed: Claims, now: datetime) -> datetime:
    seen = moment(signed["auth_time"] if "auth_time" in signed else signed.get("iat"))
    if seen > now + SKEW:
        raise refused("oidc.too-early")
    return min(seen, now)


def _methods(signed: Claims) -> set[str]:
    methods = signed.get("amr", [])
    if not isinstance(methods, list) or not all(isinstance(method, str) for method in methods):
        raise refused("oidc.amr")
    return set(methods)


def _token(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
