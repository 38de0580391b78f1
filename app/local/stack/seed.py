"""What an AWS administrator would do before the first sign-in, with plain boto3 and the policies of `deploy/iam`.

The documented policies are the ones that are tried: `deploy/try --check` fails when one of them does not work.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import boto3
import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from app.local.stack.files import BUCKET, DEVELOPMENT, PRODUCTION
from app.local.stack.place import ISSUER, Place

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

_AUDIENCE = "sts.amazonaws.com"
_GATEWAY_USER = "fedgate"


@dataclass(frozen=True, slots=True)
class Key:
    """A long-term AWS key."""

    id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A role of the story: its trust policy, and what it may do."""

    account: str
    name: str
    trust: str  # file of deploy/iam
    permissions: str | Mapping[str, Any]


_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_ROLES = (
    Wanted(PRODUCTION, "UpdateApp", "saml/trust-policy.json", "permissions/update-app.json"),
    Wanted(PRODUCTION, "ReadOnly", "assume_role/trust-policy.json", "permissions/read-only.json"),
    Wanted(DEVELOPMENT, "Developer", "web_identity/trust-policy.json", "permissions/read-only.json"),
    Wanted(DEVELOPMENT, "Admin", "saml/trust-policy.json", _EVERYTHING),
)


@dataclass(frozen=True, slots=True)
class Seed:
    place: Place
    operators: Mapping[str, Key]  # by account: the key of one who may do everything

    def gateway_key(self) -> Key:
        """The gateway's own user with a new key; older keys of it end."""
        iam = self._iam(DEVELOPMENT)
        _unless_there(lambda: iam.create_user(UserName=_GATEWAY_USER))
        for old in iam.list_access_keys(UserName=_GATEWAY_USER)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=_GATEWAY_USER, AccessKeyId=old["AccessKeyId"])
        policy = self._policy("assume_role/gateway-policy.json", PRODUCTION)
        iam.put_user_policy(UserName=_GATEWAY_USER, PolicyName="roles-of-the-catalog", PolicyDocument=policy)
        reading = self._policy("doctor/gateway-policy.json", DEVELOPMENT)
        iam.put_user_policy(UserName=_GATEWAY_USER, PolicyName="trust-doctor", PolicyDocument=reading)
        made = iam.create_access_key(UserName=_GATEWAY_USER)["AccessKey"]
        return Key(made["AccessKeyId"], made["SecretAccessKey"])

    def everything_else(self) -> None:
        """Needs a running gateway: its metadata is fetched as an administrator would fetch it."""
        answer = requests.get(f"{self.place.gateway}/issuer/saml-metadata.xml", timeout=60)
        answer.raise_for_status()
        for account in (DEVELOPMENT, PRODUCTION):
            self._trust_the_gateway(self._iam(account), account, answer.text)
        for role in _ROLES:
            self._make(role)
        self._bucket()

    def _trust_the_gateway(self, iam: IAMClient, account: str, metadata: str) -> None:
        arn = f"arn:aws:iam::{account}:saml-provider/fedgate"
        if _unless_there(lambda: iam.create_saml_provider(Name="fedgate", SAMLMetadataDocument=metadata)):
            iam.update_saml_provider(SAMLProviderArn=arn, SAMLMetadataDocument=metadata)
        _unless_there(lambda: iam.create_open_id_connect_provider(Url=ISSUER, ClientIDList=[_AUDIENCE]))

    def _make(self, role: Wanted) -> None:
        iam = self._iam(role.account)
        trust = self._policy(role.trust, role.account)
        if _unless_there(lambda: iam.create_role(RoleName=role.name, AssumeRolePolicyDocument=trust)):
            iam.update_assume_role_policy(RoleName=role.name, PolicyDocument=trust)
        match role.permissions:
            case str(file):
                document = self._policy(file, role.account)
            case policy:
                document = json.dumps(policy)
        iam.put_role_policy(RoleName=role.name, PolicyName="permissions", PolicyDocument=document)

    def _bucket(self) -> None:
        s3 = self._client("s3", PRODUCTION)
        if BUCKET not in {found["Name"] for found in s3.list_buckets()["Buckets"]}:
            s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
        s3.put_object(Bucket=BUCKET, Key="welcome.txt", Body=b"The app in Production.\n")

    def _policy(self, file: str, account: str) -> str:
        """The documented policy with this story's account and issuer. The gateway's user keeps its own account."""
        text = (self.place.root / "deploy" / "iam" / Path(file)).read_text("utf-8")
        text = text.replace("id.example.com", urlsplit(ISSUER).netloc)
        return text if file.startswith("assume_role/") else text.replace(PRODUCTION, account)

    def _iam(self, account: str) -> IAMClient:
        client: IAMClient = self._client("iam", account)
        return client

    def _client(self, service: str, account: str) -> Any:
        key = self.operators[account]
        session: Any = boto3.Session(key.id, key.secret, region_name="eu-west-1")
        return session.client(
            service,
            endpoint_url=self.place.aws,
            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, proxies={}),
        )


def _unless_there(make: Callable[[], object]) -> bool:
    """Whether it was there already: a second start must not fail on what the first one made."""
    try:
        make()
    except ClientError as error:
        if error.response["Error"]["Code"] != "EntityAlreadyExists":
            raise
        return True
    return False
