"""The three partitions as tests use them: one account in each, its hosts, and clients that stand in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config

from app.local.aws.founding import FirstKey
from app.local.aws.server import LocalAws
from app.local.aws.things import Account
from tests.forges.saml import SamlForge, Signing
from tests.local.aws.bench import ATTRIBUTES, EVERYTHING, document, trust

_CONFIG: dict[str, Any] = {"parameter_validation": False, "retries": {"max_attempts": 0}, "proxies": {}}


@dataclass(frozen=True)
class Partition:
    name: str
    account: str
    region: str
    audience: str
    sign_in: str
    console: str

    def arn(self, kind: str, name: str) -> str:
        return f"arn:{self.name}:iam::{self.account}:{kind}/{name}"


AWS = Partition(
    "aws",
    "111111111111",
    "eu-west-1",
    "urn:amazon:webservices",
    "https://signin.aws.amazon.com/saml",
    "https://console.aws.amazon.com/",
)
GOV = Partition(
    "aws-us-gov",
    "999999999999",
    "us-gov-west-1",
    "urn:amazon:webservices:govcloud",
    "https://signin.amazonaws-us-gov.com/saml",
    "https://console.amazonaws-us-gov.com/",
)
CHINA = Partition(
    "aws-cn",
    "222222222222",
    "cn-north-1",
    "urn:amazon:webservices:cn-north-1",
    "https://signin.amazonaws.cn/saml",
    "https://console.amazonaws.cn/",
)
ALL = [AWS, GOV, CHINA]


def three_partitions() -> LocalAws:
    """Not started yet."""
    keys = [
        FirstKey(Account(p.account, p.name, p.name), f"AKIAIOSFODNN{n}EXAMPLE", f"wJalrXUtnFEMI/K7MDENG/{n}EXAMPLEKEY")
        for n, p in enumerate(ALL)
    ]
    return LocalAws(keys=keys)


def client(world: LocalAws, service: str, of: Partition, region: str = "", **keys: str) -> Any:
    session: Any = boto3
    found = keys or world.operator(of.account)
    config = Config(**_CONFIG)
    return session.client(service, endpoint_url=world.url, region_name=region or of.region, config=config, **found)


def unsigned(world: LocalAws, region: str = "") -> Any:
    url = world.regional(region) if region else world.url
    config = Config(signature_version=UNSIGNED, **_CONFIG)
    return boto3.client("sts", endpoint_url=url, region_name="eu-west-1", config=config)


def saml_role(world: LocalAws, forge: SamlForge, here: Partition) -> str:
    iam = client(world, "iam", here)
    provider = iam.create_saml_provider(Name="fedgate", SAMLMetadataDocument=forge.metadata())["SAMLProviderArn"]
    assert provider == here.arn("saml-provider", "fedgate")
    policy = trust({"Federated": provider}, "sts:AssumeRoleWithSAML", StringEquals={"saml:aud": here.sign_in})
    role = iam.create_role(RoleName="UpdateApp", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    iam.put_role_policy(RoleName="UpdateApp", PolicyName="may", PolicyDocument=document(EVERYTHING))
    return str(role)


def asserted(world: LocalAws, forge: SamlForge, here: Partition, region: str = "", **change: str) -> Any:
    """AssumeRoleWithSAML with an honest assertion for this partition, changed as told."""
    role, provider = here.arn("role", "UpdateApp"), here.arn("saml-provider", "fedgate")
    offered = {"Role": change.get("role", f"{role},{provider}"), "RoleSessionName": "alice"}
    attributes = tuple((ATTRIBUTES + name, (value,)) for name, value in offered.items())
    recipient, audience = change.get("recipient", here.sign_in), change.get("audience", here.audience)
    draft = forge.draft(recipient, audience, "_request", world.desk.now(), attributes=attributes)
    assertion = forge.encode(forge.signed(draft, Signing()))
    given = {"RoleArn": role, "PrincipalArn": provider, "SAMLAssertion": assertion}
    return unsigned(world, region).assume_role_with_saml(**given)
