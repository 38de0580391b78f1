"""Of whom verified claims speak: completed where the token is short, then read with types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.core.identity import NOT_SAID, Identity
from app.providers.oidc import claims as read
from app.providers.oidc.claims import Claims
from app.providers.oidc.discovery import Endpoints
from app.providers.oidc.exchange import Tokens
from app.providers.oidc.graph import Graph
from app.providers.oidc.step_up import is_mfa
from app.providers.oidc.tokens import SKEW, moment
from app.providers.oidc.userinfo import UserInfo
from app.providers.refusals import groups_overage, refused
from app.providers.settings import OidcSettings
from app.providers.text import SUBJECT_BYTES


@dataclass(frozen=True, slots=True)
class People:
    settings: OidcSettings
    userinfo: UserInfo
    graph: Graph | None  # None: whoever has too many groups for a token is refused

    def completed(self, claims: Claims, tokens: Tokens, endpoints: Endpoints, now: datetime) -> Claims:
        """The claims, with what the ID token lacks taken from userinfo. The ID token's own word always wins."""
        signed, claims = claims, self._looked_up(claims, claims, endpoints, now)
        wanted = (self.settings.groups_claim, self.settings.name_claim, *self.settings.attributes)
        if endpoints.userinfo is None or not tokens.access_token or all(read.has(claims, path) for path in wanted):
            return claims
        more = self.userinfo.claims(endpoints.userinfo, tokens.access_token, claims["sub"], now)
        return self._looked_up({**more, **claims}, signed, endpoints, now)

    def _looked_up(self, claims: Claims, signed: Claims, endpoints: Endpoints, now: datetime) -> Claims:
        """The groups of somebody with too many for a token come from Graph, before anybody gives half an answer.

        For whom to ask is taken from what is signed; where to ask, from the operator alone.
        """
        if not read.is_overage(claims, self.settings):
            return claims
        if self.graph is None:
            raise groups_overage("oidc", self.settings.label)
        return {**claims, self.settings.groups_claim: self.graph.groups(signed.get("oid"), endpoints, now)}

    def identity(self, claims: Claims, signed: Claims, now: datetime) -> Identity:
        """The person. When and how they were authenticated is taken from the signed token alone."""
        return Identity(
            provider=self.settings.id,
            subject=str(signed["sub"]),
            name=read.name(claims, self.settings),
            groups=read.groups(claims, self.settings),
            authenticated_at=_authenticated_at(signed, now),
            verified_at=now,
            email=read.email(claims, self.settings),
            attributes=read.attributes(claims, self.settings),
            mfa=is_mfa(signed, self.settings),
            sid=_session_name(signed),
        )


def _authenticated_at(signed: Claims, now: datetime) -> datetime:
    """`auth_time` alone: `iat` says when the token was written, which is now also for who signed in this morning, and
    Entra ID and Google say no more unless they are asked."""
    if "auth_time" not in signed:
        return NOT_SAID
    seen = moment(signed["auth_time"])
    if seen > now + SKEW:
        raise refused("oidc.too-early")
    return min(seen, now)


def _session_name(signed: Claims) -> str:
    return read.text(signed["sid"], SUBJECT_BYTES, "oidc.sid") if "sid" in signed else ""
