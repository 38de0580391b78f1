"""`Logins`: a map from provider to token. Who has a good token of a provider that the pool knows?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.local.aws.cognito import tokens
from app.local.aws.cognito.mappings import provider_host
from app.local.aws.cognito.refusals import not_authorized
from app.local.aws.cognito.things import Identity, IdentityPool
from app.local.aws.desk import Visit
from app.local.aws.refusals import Refusal
from app.local.aws.sts.id_token import verified


@dataclass(frozen=True, slots=True)
class Login:
    """`provider` is the key in `Logins`. With Cognito's own token, `subject` is the identity's id."""

    provider: str
    subject: str
    claims: Mapping[str, Any] = field(repr=False)
    own: bool = False

    @property
    def vouched_by(self) -> tuple[str, ...]:
        """For `amr`: the provider, or the one that a developer named."""
        return tuple(self.claims["amr"][1:]) if self.own else (self.provider,)

    def is_of(self, identity: Identity) -> bool:
        known = identity.id if self.own else identity.logins.get(self.provider)
        return self.subject == known


def read_logins(visit: Visit, pool: IdentityPool, given: Mapping[str, str]) -> tuple[Login, ...]:
    """All must be good. Raises NotAuthorizedException, or ExternalServiceException when an issuer is silent."""
    if not given:
        raise not_authorized("Unauthenticated access is not supported for this identity pool.")
    return tuple(_login(visit, pool, provider, token) for provider, token in given.items())


def vouchers(logins: Iterable[Login]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for login in logins for name in login.vouched_by))


def _login(visit: Visit, pool: IdentityPool, provider: str, token: str) -> Login:
    try:
        if provider == tokens.host_of(pool.partition):
            return _own(visit, pool, provider, token)
        return _foreign(visit, pool, provider, token)
    except Refusal as refusal:
        if refusal.code in ("InvalidIdentityToken", "ExpiredTokenException"):
            raise not_authorized(f"Invalid login token. {refusal.message}") from None
        raise


def _own(visit: Visit, pool: IdentityPool, provider: str, token: str) -> Login:
    found = tokens.verified(visit.desk.world, token, visit.now)
    if found.audience != pool.id:
        raise not_authorized("Invalid login token. Incorrect token audience.")
    return Login(provider, found.subject, found.claims, own=True)


def _foreign(visit: Visit, pool: IdentityPool, provider: str, token: str) -> Login:
    """A developer's own provider is not among these: it needs a signed call, not a token."""
    desk = visit.desk
    arn = next((arn for arn in pool.oidc_providers if provider_host(arn) == provider), "")
    registered = desk.world.oidc_providers.get(arn)
    if registered is None:
        raise not_authorized("Token is not from a supported provider of this identity pool.")
    found = verified(token, registered, desk.outside, visit.now, desk.knobs.max_token_age_seconds)
    return Login(provider, found.subject, found.claims)
