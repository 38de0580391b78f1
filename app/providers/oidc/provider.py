"""An OpenID Connect provider, as the rooms see it: code, PKCE and nonce (Core 1.0, 3.1), and what follows."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar, TypeVar

from app.core.identity import Identity
from app.core.proof import Proof
from app.core.roles import Method
from app.errors import GatewayError, ProviderUnavailable, SignInRefused
from app.providers.arrival import WHO_IT_IS, Arrival, Asked, Departure, Ending, Renewal
from app.providers.attempts import check_age, marked
from app.providers.last_good import LastGood
from app.providers.oidc import callback, farewell, logout_tokens, step_up, upstream
from app.providers.oidc.claims import Claims
from app.providers.oidc.discovery import Endpoints
from app.providers.oidc.exchange import Exchange, Tokens, translated
from app.providers.oidc.keys import KeyRing
from app.providers.oidc.people import People
from app.providers.oidc.tokens import check_access_token, check_claims, check_nonce, moment, verified_claims
from app.providers.oidc.upstream import Upstream
from app.providers.randomness import Random
from app.providers.refusals import refused
from app.providers.settings import OidcSettings

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class OidcProvider:
    settings: OidcSettings
    endpoints: LastGood[Endpoints]
    keys: KeyRing
    exchange: Exchange
    people: People
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
        more = step_up.parameters(asked, self.settings)
        url = self.exchange.authorization_url(self.endpoints.get(now), state, nonce, verifier, more)
        kept = {"nonce": nonce, "code_verifier": verifier, **step_up.remembered(asked.needs)}
        return Departure(url, marked(kept, now))

    def arrive(self, query: Mapping[str, str], kept: Mapping[str, str], now: datetime) -> Arrival:
        """Verify a callback whose state the caller has already matched with the attempt that kept `kept`.

        Raises SignInRefused (also GroupsUnknown) or ProviderUnavailable, and nothing else.
        """
        return _ours(lambda: self._arrive(query, kept, now))

    def renew(self, before: Upstream, identity: Identity, now: datetime) -> Renewal | None:
        """What the provider says of the person today, by its refresh token; None where there is none.

        Whatever refuses a sign-in refuses this, missing groups too. If the provider gave its next refresh token and
        could then not be asked the rest, the identity comes back as it was, with its old `verified_at`: the token
        before may be spent. Raises SignInRefused (`oidc.refresh-over` when the provider has ended it) or
        ProviderUnavailable.
        """
        if not before.get("refresh_token"):
            return None
        return _ours(lambda: self._renew(before, identity, now))

    def farewell(
        self, before: Upstream, identity: Identity, return_to: str, state: str, now: datetime
    ) -> Departure | None:
        """Where the browser goes so that the provider's own session ends too (RP-Initiated Logout 1.0, 2).

        None where it offers nothing, or the operator wants none. Raises ProviderUnavailable.
        """
        end = self.endpoints.get(now).end_session if self.settings.sign_out_at_provider else None
        return None if end is None else Departure(farewell.address(end, self.settings, before, return_to, state), {})

    def back_channel(self, logout_token: str, now: datetime) -> Ending:
        """A provider's word, server to server, that a session is over (Back-Channel Logout 1.0, 2.6).

        Raises SignInRefused with reasons `oidc.logout.*`, or ProviderUnavailable. The caller refuses
        what it has acted on before (`used_once`).
        """
        self.endpoints.get(now)  # where the keys are; a gateway that has just started need not know it yet
        try:
            return _ours(lambda: logout_tokens.ending(logout_token, self.keys, self.settings, now))
        except SignInRefused as no:
            raise refused(f"oidc.logout.{no.reason.removeprefix('oidc.')}") from no

    def _arrive(self, query: Mapping[str, str], kept: Mapping[str, str], now: datetime) -> Arrival:
        check_age("oidc", kept, now)
        endpoints = self.endpoints.get(now)
        callback.check_sender(query, endpoints, self.settings.issuer)
        callback.check_error(query)
        tokens = self.exchange.tokens(endpoints, query.get("code", ""), kept.get("code_verifier", ""))
        signed = self._verified(tokens, now)
        check_nonce(signed, kept.get("nonce", ""))
        person = self.people.identity(self.people.completed(signed, tokens, endpoints, now), signed, now)
        step_up.check_given(kept, signed, person, self.settings)
        return Arrival(
            person,
            used_once=None,
            used_until=now + timedelta(minutes=10),
            proof=self._proof(signed, tokens),
            upstream=upstream.kept(signed, tokens, kept["nonce"]),
        )

    def _renew(self, before: Upstream, identity: Identity, now: datetime) -> Renewal:
        endpoints = self.endpoints.get(now)
        tokens = self.exchange.renewed(endpoints, before["refresh_token"])
        try:
            return self._today(endpoints, tokens, before, identity, now)
        except ProviderUnavailable:
            return Renewal(identity, upstream.renewed(before, replace(tokens, id_token=None)))

    def _today(
        self, endpoints: Endpoints, tokens: Tokens, before: Upstream, identity: Identity, now: datetime
    ) -> Renewal:
        signed, proof = self._signed_again(tokens, before, identity, now)
        today = self.people.identity(self.people.completed(signed, tokens, endpoints, now), signed, now)
        # A refresh is no sign-in: when and how the person was seen stays as it was then.
        same = replace(today, authenticated_at=identity.authenticated_at, mfa=identity.mfa, sid=identity.sid)
        return Renewal(same, upstream.renewed(before, tokens), proof)

    def _signed_again(
        self, tokens: Tokens, before: Upstream, identity: Identity, now: datetime
    ) -> tuple[Claims, Proof | None]:
        """The ID token of a refresh. There need not be one (Core 12.2); then userinfo speaks, of the same person."""
        if tokens.id_token is None:
            return {"sub": identity.subject, "iat": now.timestamp()}, None  # all that is known without one
        signed = self._verified(tokens, now)
        upstream.check_same_sign_in(signed, before, identity.subject)
        return signed, self._proof(signed, tokens)

    def _verified(self, tokens: Tokens, now: datetime) -> Claims:
        claims, algorithm = verified_claims(tokens.id_token, self.keys, now)
        check_claims(claims, self.settings.issuer, self.settings.client_id, now)
        check_access_token(claims, algorithm, tokens.access_token)
        return claims

    def _proof(self, claims: Claims, tokens: Tokens) -> Proof | None:
        if not self.settings.passthrough:
            return None
        return Proof(Method.WEB_IDENTITY, str(tokens.id_token), moment(claims["exp"]))


def _ours(work: Callable[[], Answer]) -> Answer:
    """Every failure as one of ours; no exception of a library leaves this package."""
    try:
        return work()
    except GatewayError:
        raise
    except Exception as failure:
        raise translated(failure) from failure


def _token(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
