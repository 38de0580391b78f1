"""Identity pools for tests: one of Production, with our OIDC issuer and a backend of our own behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.local.aws.bench import EVERYTHING, OIDC_PROVIDER, Bench, trust

COGNITO, HOST, BACKEND = "cognito-identity.amazonaws.com", "id.example.test", "login.fedgate"
OF_OUR_PROVIDER = {"ForAnyValue:StringLike": {f"{COGNITO}:amr": "authenticated"}}


@dataclass(frozen=True)
class Pool:
    bench: Bench
    id: str

    @property
    def admin(self) -> Any:
        return self.bench.client("cognito-identity")

    @property
    def anybody(self) -> Any:
        """Without any credentials."""
        return self.bench.unsigned("cognito-identity")

    def role(self, name: str, *actions: str, **condition: Mapping[str, Any]) -> str:
        """Trusts this pool's authenticated identities, unless told otherwise."""
        wanted = condition or {"StringEquals": {f"{COGNITO}:aud": self.id}, **OF_OUR_PROVIDER}
        needed = actions or ("sts:AssumeRoleWithWebIdentity", "sts:TagSession")
        return self.bench.role(name, trust({"Federated": COGNITO}, *needed, **wanted), EVERYTHING)

    def roles(self, authenticated: str, **mappings: Any) -> None:
        self.admin.set_identity_pool_roles(
            IdentityPoolId=self.id, Roles={"authenticated": authenticated}, **self.mapped(**mappings)
        )

    @staticmethod
    def mapped(**mapping: Any) -> dict[str, Any]:
        return {"RoleMappings": {HOST: mapping}} if mapping else {}

    def logins(self, **claims: Any) -> dict[str, str]:
        return {HOST: self.bench.oidc.token(self.bench.now(), **claims)}

    def identity(self, **claims: Any) -> str:
        found: str = self.anybody.get_id(IdentityPoolId=self.id, Logins=self.logins(**claims))["IdentityId"]
        return found

    def credentials(self, custom: str = "", **claims: Any) -> dict[str, Any]:
        """The enhanced flow as a client walks it; the credentials in the shape of STS's."""
        more = {"CustomRoleArn": custom} if custom else {}
        identity, logins = self.identity(**claims), self.logins(**claims)
        found = self.anybody.get_credentials_for_identity(IdentityId=identity, Logins=logins, **more)["Credentials"]
        return {**found, "SecretAccessKey": found["SecretKey"]}

    def name(self, credentials: Mapping[str, Any]) -> str:
        """The role and session, as GetCallerIdentity says."""
        arn: str = self.bench.client("sts", credentials).get_caller_identity()["Arn"]
        return arn.partition(":assumed-role/")[2]


def new_pool(bench: Bench, **changes: Any) -> Pool:
    offered: dict[str, Any] = {
        "IdentityPoolName": "fedgate",
        "AllowUnauthenticatedIdentities": False,
        "OpenIdConnectProviderARNs": [OIDC_PROVIDER],
        "DeveloperProviderName": BACKEND,
    }
    made = bench.client("cognito-identity").create_identity_pool(**offered | changes)
    return Pool(bench, made["IdentityPoolId"])
