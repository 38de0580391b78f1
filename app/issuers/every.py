"""An issuer for each method: the only place that knows them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.core.decisions import CatalogView
from app.core.roles import Assertion, Method, ProviderArn, RoleArn, SessionName
from app.core.session_tags import SessionTags
from app.issuers.assume_role import AssumeRoleIssuer
from app.issuers.aws import Aws
from app.issuers.cognito import CognitoIssuer
from app.issuers.federation_token import FederationTokenIssuer
from app.issuers.identity_ids import IdentityIds
from app.issuers.order import Issuer, Order
from app.issuers.passthrough import ByAssertion, PassthroughIssuer
from app.issuers.saml import SamlIssuer
from app.issuers.session_token import SessionTokenIssuer
from app.issuers.sts import Sessions
from app.issuers.web_identity import WebIdentityIssuer
from app.minting.claims import SessionClaims
from app.minting.keys import SigningKeys
from app.minting.oidc_tokens import mint_token

Clock = Callable[[], datetime]
_ITSELF = "fedgate"  # the gateway's own subject and session name; no person's: those end in a fingerprint


def needs_keys(catalog: CatalogView) -> bool:
    """Does anything in it need the gateway's own signature?"""
    minted = any(_is_minted(role.method, role.assertion, role.pool_login) for role in catalog.roles.values())
    return minted or any(account.base.provider_arn is not None for account in catalog.accounts.values())


def _is_minted(method: Method, assertion: Assertion, pool_login: str) -> bool:
    match method:
        case Method.SAML | Method.WEB_IDENTITY:
            return assertion is Assertion.MINTED
        case Method.COGNITO:
            return not pool_login
        case _:
            return False


def connect_aws(issuer_url: str, keys: SigningKeys | None, clock: Clock) -> Aws:
    """One for the whole process. Asks nobody anything yet."""
    return Aws(None if keys is None else Signer(issuer_url, keys, clock).for_itself)


def build_issuers(aws: Aws, issuer_url: str, keys: SigningKeys | None, clock: Clock) -> Mapping[Method, Issuer]:
    """`keys` is None where nothing in the catalog needs them (`needs_keys`)."""
    signer = None if keys is None else Signer(issuer_url, keys, clock)
    sessions = Sessions(aws)
    passthrough = PassthroughIssuer(sessions, clock)
    saml = None if keys is None else SamlIssuer(issuer_url, keys, sessions, clock)
    web_identity = None if keys is None else WebIdentityIssuer(issuer_url, keys, sessions, clock)
    return {
        Method.SAML: ByAssertion(saml, passthrough),
        Method.WEB_IDENTITY: ByAssertion(web_identity, passthrough),
        Method.ASSUME_ROLE: AssumeRoleIssuer(sessions),
        Method.FEDERATION_TOKEN: FederationTokenIssuer(sessions),
        Method.SESSION_TOKEN: SessionTokenIssuer(sessions),
        Method.COGNITO: CognitoIssuer(aws, IdentityIds(), None if signer is None else signer.for_a_pool),
    }


@dataclass(frozen=True, slots=True)
class Signer:
    """Tokens of the gateway's own issuer that are not for STS in a person's name."""

    issuer_url: str
    keys: SigningKeys
    clock: Clock

    def for_itself(self, role: RoleArn, provider: ProviderArn) -> str:
        """With no source identity: whoever assumes a role from this session could then not give their own."""
        claims = SessionClaims(role, provider, _ITSELF, SessionName(_ITSELF), None, SessionTags({}), ())
        return mint_token(claims, self.issuer_url, self.keys, self.clock())

    def for_a_pool(self, order: Order) -> Mapping[str, str]:
        """Under the name by which identity pools know an OIDC issuer: its address without the scheme."""
        role = order.grant.role
        name = self.issuer_url.removeprefix("https://")
        provider = ProviderArn(f"arn:{role.arn.aws_partition}:iam::{role.arn.account}:oidc-provider/{name}")
        claims = SessionClaims(
            role.arn, provider, order.subject, order.session_name, order.source_identity, SessionTags({}), ()
        )
        return {name: mint_token(claims, self.issuer_url, self.keys, self.clock(), for_a_pool=True)}
