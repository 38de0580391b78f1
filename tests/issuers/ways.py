"""The issuers against the strict local AWS: the gateway's keys are registered there, and a user is its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from app.core.decisions import Grant
from app.core.names import federation_name, opaque_subject, session_name, source_identity
from app.core.roles import Base, Method, ProviderArn, Role, entry_arn
from app.core.session_tags import SessionTags
from app.issuers.aws import Aws
from app.issuers.every import build_issuers, connect_aws
from app.issuers.order import Issued, Issuer, Order
from app.minting import saml_assertions
from app.minting.keys import SigningKeys
from app.minting.oidc_tokens import discovery
from tests.core.people import person
from tests.local.aws.bench import DEVELOPMENT, EVERYTHING, PRODUCTION, Bench, trust
from tests.local.aws.phone import Phone, phone_of

GATEWAY = "https://id.fedgate.example"
HOST = "id.fedgate.example"
GATEWAY_SAML = f"arn:aws:iam::{PRODUCTION}:saml-provider/gateway"
GATEWAY_OIDC = f"arn:aws:iam::{PRODUCTION}:oidc-provider/{HOST}"
BROKER = f"arn:aws:iam::{PRODUCTION}:user/broker"  # the gateway's own user
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [EVERYTHING]})
TRUSTED = ("sts:TagSession", "sts:SetSourceIdentity")


def now() -> datetime:
    return datetime.now(UTC)


def documents(keys: SigningKeys) -> Mapping[str, Any]:
    """What AWS reads of the gateway, by path."""
    return {"/.well-known/openid-configuration": discovery(GATEWAY), "/issuer/jwks.json": keys.jwks()}


@dataclass(frozen=True, slots=True)
class Ways:
    bench: Bench
    keys: SigningKeys
    key: Mapping[str, str]  # the broker's
    phone: Phone

    def aws(self) -> Aws:
        """As if the process had just started."""
        return connect_aws(GATEWAY, self.keys, now)

    def issuers(self, aws: Aws | None = None) -> Mapping[Method, Issuer]:
        return build_issuers(aws or self.aws(), GATEWAY, self.keys, now)

    def issue(self, role: Role, aws: Aws | None = None, **more: Any) -> Issued:
        return self.issuers(aws)[role.method].issue(an_order(role, **more))

    def caller(self, issued: Issued) -> str:
        """Who these credentials are, as AWS says."""
        found = issued.credentials
        keys = {
            "AccessKeyId": found.access_key_id,
            "SecretAccessKey": found.secret_access_key,
            "SessionToken": found.session_token,
        }
        return str(self.bench.client("sts", keys).get_caller_identity()["Arn"])

    def role(self, method: Method, name: str, seconds: int = 43_200, **condition: Mapping[str, Any]) -> str:
        """A role of Production that trusts the gateway in this way."""
        match method:
            case Method.SAML:
                principal, action = {"Federated": GATEWAY_SAML}, "sts:AssumeRoleWithSAML"
            case Method.WEB_IDENTITY:
                principal, action = {"Federated": GATEWAY_OIDC}, "sts:AssumeRoleWithWebIdentity"
            case _:
                principal, action = {"AWS": f"arn:aws:iam::{PRODUCTION}:root"}, "sts:AssumeRole"
        return self.bench.role(
            name, trust(principal, action, *TRUSTED, **condition), EVERYTHING, MaxSessionDuration=seconds
        )

    def code(self, step: int = 1) -> str:
        return self.phone.code(self.bench.now(), step)


def open_ways(bench: Bench, keys: SigningKeys) -> Ways:
    iam = bench.operator(PRODUCTION, "iam")
    document = saml_assertions.metadata(GATEWAY, keys, GATEWAY).decode()
    iam.create_saml_provider(Name="gateway", SAMLMetadataDocument=document)
    iam.create_open_id_connect_provider(Url=GATEWAY, ClientIDList=["sts.amazonaws.com"])
    key = bench.user("broker", EVERYTHING, account=PRODUCTION)
    return Ways(bench, keys, key, phone_of(bench, PRODUCTION, "broker"))


def a_way(method: Method, arn: str, **more: Any) -> Role:
    """A role of the catalog, for up to twelve hours."""
    provider = {Method.SAML: GATEWAY_SAML, Method.WEB_IDENTITY: GATEWAY_OIDC}.get(method)
    given: dict[str, Any] = {
        "arn": entry_arn(arn),
        "label": arn.rpartition("/")[2],
        "method": method,
        "provider_arn": ProviderArn(provider) if provider else None,
        "max_seconds": 43_200,
        "region": "eu-west-1",
    }
    return Role(**(given | more))


def an_order(role: Role, *, seconds: int | None = None, base: Base | None = None, **more: Any) -> Order:
    alice = person("alice", "Developers")
    tags = SessionTags(role.tags)
    grant = Grant(
        role,
        role.method,
        role.provider_arn,
        role.max_seconds,
        tags,
        role.transitive_tags,
        role.policy,
        role.policy_arns,
        frozenset(),
    )
    names = (session_name(alice), source_identity(alice), opaque_subject(alice.person))
    return Order(grant, *names, seconds or role.max_seconds, federation_name(alice), base=base or Base(), **more)


def left(issued: Issued) -> float:
    """Seconds."""
    return (issued.credentials.expires_at - now()).total_seconds()


__all__ = ["DEVELOPMENT", "PRODUCTION", "Ways", "a_way", "an_order", "left", "open_ways"]
