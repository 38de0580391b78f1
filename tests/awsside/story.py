"""A catalog with every way into AWS, an administrator who applies what is generated, and the gateway's own calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from app.awsside.documents import Gateway
from app.core.decisions import CatalogView
from app.core.roles import (
    Account,
    AccountId,
    Method,
    ProviderArn,
    Role,
    RoleArn,
    SessionName,
    SourceIdentity,
    UserArn,
    Zone,
)
from app.core.session_tags import SessionTags
from app.core.sign_in_tags import is_tagged, room_for_them
from app.minting.claims import SessionClaims
from app.minting.keys import SigningKeys, load_keys, new_key
from app.minting.oidc_tokens import mint_token
from app.minting.saml_assertions import metadata, mint_response

ISSUER = "https://id.example.test"
DEVELOPMENT, PRODUCTION, PARTNER = AccountId("111111111111"), AccountId("999999999999"), AccountId("222222222222")
EXTERNAL_ID = "6b1f5c0e-5d4f-4a0b-9d53-1b1f2f2c8a10"
FEDGATE = UserArn(f"arn:aws:iam::{DEVELOPMENT}:user/fedgate")
SAML = ProviderArn(f"arn:aws:iam::{PRODUCTION}:saml-provider/fedgate")
OIDC = ProviderArn(f"arn:aws:iam::{PRODUCTION}:oidc-provider/id.example.test")
TAGS = {"Team": "payments"}
_CLIENT = Config(retries={"max_attempts": 0}, proxies={})


def arn(name: str, account: str = PRODUCTION) -> RoleArn:
    return RoleArn(f"arn:aws:iam::{account}:role/{name}")


def a_role(name: str, method: Method, account: str = PRODUCTION, **more: Any) -> Role:
    return Role(**({"arn": arn(name, account), "label": name, "method": method, "region": "eu-west-1"} | more))


def tags_of(role: Role) -> dict[str, str]:
    """The operator's, and the gateway's own."""
    return {**role.tags, **room_for_them(role)}


SIGN_INS = (
    a_role("Saml", Method.SAML, provider_arn=SAML),
    a_role("team/SamlTags", Method.SAML, provider_arn=SAML, tags=TAGS, max_seconds=28_800),
    a_role("SamlMfa", Method.SAML, provider_arn=SAML, require_mfa=True),
    a_role("Token", Method.WEB_IDENTITY, provider_arn=OIDC),
    a_role("TokenFresh", Method.WEB_IDENTITY, provider_arn=OIDC, fresh_minutes=15),
    a_role("TokenTags", Method.WEB_IDENTITY, provider_arn=OIDC, tags=TAGS, transitive_tags=("Team",)),
    a_role("Assume", Method.ASSUME_ROLE),
    a_role("AssumeMfa", Method.ASSUME_ROLE, require_mfa=True, fresh_minutes=15),
    a_role("AssumeTags", Method.ASSUME_ROLE, tags=TAGS),
    a_role("Partner", Method.ASSUME_ROLE, PARTNER, tags=TAGS),
)
ACCOUNTS = (
    Account(DEVELOPMENT, "Development"),
    Account(PRODUCTION, "Production", fallback_region="eu-central-1"),
    Account(PARTNER, "Partner Ltd", zone=Zone.THIRD_PARTY),
)


def catalog(*roles: Role, accounts: tuple[Account, ...] = ACCOUNTS) -> CatalogView:
    return CatalogView("v1", {a.id: a for a in accounts}, {role.arn: role for role in roles}, ())


@dataclass
class Signer:
    """The gateway as an issuer: what it signs, and how AWS knows it."""

    keys: SigningKeys

    @classmethod
    def new(cls, folder: Path) -> Signer:
        new_key(folder / "keys", datetime.now(UTC))
        return cls(load_keys(folder / "keys"))

    def described(self, **more: Any) -> Gateway:
        xml = metadata(ISSUER, self.keys, "https://aws.example.test/").decode()
        given: dict[str, Any] = {"principal": FEDGATE, "external_ids": {PARTNER: (EXTERNAL_ID,)}}
        return Gateway(ISSUER, saml_metadata=xml, **(given | more))


@dataclass
class Administrator:
    """Applies documents with plain boto3; `url` is the local AWS, `operators` its keys by account."""

    url: str
    operators: Mapping[str, Mapping[str, str]] = field(repr=False)

    def client(self, service: str, keys: Mapping[str, str]) -> Any:
        found: Any = boto3
        return found.client(service, endpoint_url=self.url, region_name="eu-west-1", config=_CLIENT, **keys)

    def iam(self, account: str) -> Any:
        return self.client("iam", self.operators[account])

    def user(self, who: UserArn) -> dict[str, str]:
        """A new user, and a key of theirs."""
        iam = self.iam(who.account)
        iam.create_user(UserName=who.name)
        made = iam.create_access_key(UserName=who.name)["AccessKey"]
        return {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}

    def apply_json(self, text: str) -> None:
        found = json.loads(text)
        iam = self.iam(found["Account"])
        for provider in found["SamlProviders"]:
            made = iam.create_saml_provider(
                Name=provider["Name"], SAMLMetadataDocument=provider["SAMLMetadataDocument"]
            )
            assert made["SAMLProviderArn"] == provider["Arn"]
        for provider in found["OpenIDConnectProviders"]:
            made = iam.create_open_id_connect_provider(Url=provider["Url"], ClientIDList=provider["ClientIDList"])
            assert made["OpenIDConnectProviderArn"] == provider["Arn"]
        for role in found["Roles"]:
            self._role(iam, {name: value for name, value in role.items() if name not in ("Arn", "Notes")})
        for policy in found["Policies"]:
            self._policy(iam, policy)

    def apply_cloudformation(self, account: str, text: str) -> None:
        """Each resource after those that it depends on, as CloudFormation does."""
        iam, resources = self.iam(account), json.loads(text)["Resources"]
        done: list[str] = []
        while len(done) < len(resources):
            ready = [n for n, r in resources.items() if n not in done and set(r.get("DependsOn", [])) <= set(done)]
            assert ready, "resources that wait for one another"
            for name in ready:
                self._resource(iam, resources[name]["Type"], dict(resources[name]["Properties"]))
                done.append(name)

    def _resource(self, iam: Any, kind: str, given: dict[str, Any]) -> None:
        match kind:
            case "AWS::IAM::SAMLProvider":
                iam.create_saml_provider(Name=given["Name"], SAMLMetadataDocument=given["SamlMetadataDocument"])
            case "AWS::IAM::OIDCProvider":
                iam.create_open_id_connect_provider(Url=given["Url"], ClientIDList=given["ClientIdList"])
            case "AWS::IAM::Role":
                self._role(iam, given)
            case _:
                assert kind in ("AWS::IAM::UserPolicy", "AWS::IAM::RolePolicy")
                self._policy(iam, given)

    @staticmethod
    def _role(iam: Any, given: dict[str, Any]) -> None:
        trust = json.dumps(given.pop("AssumeRolePolicyDocument"))
        iam.create_role(**given, AssumeRolePolicyDocument=trust)

    @staticmethod
    def _policy(iam: Any, given: dict[str, Any]) -> None:
        document = json.dumps(given.pop("PolicyDocument"))
        put = iam.put_user_policy if "UserName" in given else iam.put_role_policy
        put(**given, PolicyDocument=document)


@dataclass
class GatewayCalls:
    """What the gateway asks AWS for each method: its real assertions and tokens, and the parameters it sends."""

    admin: Administrator
    signer: Signer
    key: Mapping[str, str] = field(default_factory=dict, repr=False)

    def sign_in(self, role: Role, **more: Any) -> Mapping[str, Any]:
        """The answer of AWS. Raises ClientError. `more` replaces parameters; None leaves one out."""
        given: dict[str, Any] = {"RoleArn": role.arn, "DurationSeconds": role.max_seconds}
        match role.method:
            case Method.SAML:
                response = mint_response(self.claims(role), ISSUER, self.signer.keys, datetime.now(UTC))
                given |= {"PrincipalArn": role.provider_arn, "SAMLAssertion": response}
                return self._ask(self._unsigned().assume_role_with_saml, given | more)
            case Method.WEB_IDENTITY:
                token = mint_token(self.claims(role), ISSUER, self.signer.keys, datetime.now(UTC))
                given |= {"RoleSessionName": "alice", "WebIdentityToken": token}
                return self._ask(self._unsigned().assume_role_with_web_identity, given | more)
            case _:
                given |= {"RoleSessionName": "alice", "SourceIdentity": "alice"}
                if is_tagged(role):
                    given["Tags"] = [{"Key": key, "Value": value} for key, value in tags_of(role).items()]
                if role.arn.account == PARTNER:
                    given["ExternalId"] = EXTERNAL_ID
                return self._ask(self.admin.client("sts", self.key).assume_role, given | more)

    @staticmethod
    def _ask(call: Any, given: Mapping[str, Any]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = call(**{name: value for name, value in given.items() if value is not None})
        return answer

    def _unsigned(self) -> Any:
        config = _CLIENT.merge(Config(signature_version=UNSIGNED))
        return boto3.client("sts", endpoint_url=self.admin.url, region_name="eu-west-1", config=config)

    @staticmethod
    def claims(role: Role) -> SessionClaims:
        assert role.provider_arn is not None
        return SessionClaims(
            role.arn,
            role.provider_arn,
            "p-alice-0001",
            SessionName("alice"),
            SourceIdentity("alice"),
            SessionTags(tags_of(role)),
            role.transitive_tags,
        )
