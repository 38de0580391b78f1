"""A KMS that really signs: MiniStack's, with signatures and policies enforced, in the gateway's own account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from app.minting.places import KmsKeyArn
from tests.local.aws import ministack
from tests.local.aws.bench import DEVELOPMENT

POLICY = Path(__file__).resolve().parents[3] / "deploy" / "iam" / "kms" / "gateway-policy.json"


@dataclass(frozen=True, slots=True)
class Kms:
    url: str
    client: Any  # of the administrator
    keys: tuple[KmsKeyArn, KmsKeyArn]  # the newest, and one that it replaced
    gateway: dict[str, str]  # may do what `deploy/iam/kms` says, with these two keys

    def new(self, spec: str = "RSA_2048", usage: str = "SIGN_VERIFY") -> KmsKeyArn:
        return _new(self.client, spec, usage)

    def may_use(self, *keys: KmsKeyArn) -> None:
        iam = _client(self.url, "iam", ministack.ROOT_KEY)
        document = json.loads(POLICY.read_text("utf-8"))
        document["Statement"][0]["Resource"] = list(keys)
        iam.put_user_policy(UserName="gateway", PolicyName="kms", PolicyDocument=json.dumps(document))

    @contextmanager
    def switched_off(self, key: KmsKeyArn) -> Iterator[None]:
        self.client.disable_key(KeyId=key)
        try:
            yield
        finally:
            self.client.enable_key(KeyId=key)


def _client(url: str, service: str, keys: dict[str, str]) -> Any:
    session: Any = boto3
    config = Config(retries={"max_attempts": 0}, proxies={})
    return session.client(service, endpoint_url=url, region_name="eu-west-1", config=config, **keys)


def _new(client: Any, spec: str, usage: str) -> KmsKeyArn:
    return KmsKeyArn(client.create_key(KeySpec=spec, KeyUsage=usage)["KeyMetadata"]["Arn"])


@contextmanager
def running_kms(directory: Path) -> Iterator[Kms]:
    with ministack.running(directory, DEVELOPMENT) as url:
        iam, client = (_client(url, service, ministack.ROOT_KEY) for service in ("iam", "kms"))
        iam.create_user(UserName="gateway")
        made = iam.create_access_key(UserName="gateway")["AccessKey"]
        key = {"AWS_ACCESS_KEY_ID": made["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": made["SecretAccessKey"]}
        newest, old = (_new(client, "RSA_2048", "SIGN_VERIFY") for _ in range(2))
        kms = Kms(url, client, (newest, old), key)
        kms.may_use(newest, old)
        yield kms
