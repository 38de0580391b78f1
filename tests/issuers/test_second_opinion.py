"""Our issuers and an AWS that others wrote: MiniStack, with signatures and policies enforced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from app.core.roles import Method, Role
from app.errors import AwsRefused
from app.issuers.every import build_issuers, connect_aws
from app.issuers.order import Issued
from tests.issuers.ways import BROKER, GATEWAY, a_way, an_order, now
from tests.local.aws import ministack
from tests.local.aws.bench import EVERYTHING, PRODUCTION, document, trust

ROOT = {"AWS": f"arn:aws:iam::{PRODUCTION}:root"}
_CONFIG = Config(retries={"max_attempts": 0}, proxies={}, s3={"addressing_style": "path"})
LOOK = document({"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"})


@dataclass(frozen=True, slots=True)
class Place:
    url: str
    key: Mapping[str, str]

    def client(self, service: str, keys: Mapping[str, str] | None = None) -> Any:
        session: Any = boto3
        given = keys or ministack.ROOT_KEY
        return session.client(service, endpoint_url=self.url, region_name="eu-west-1", config=_CONFIG, **given)

    def role(self, name: str, policy: str) -> str:
        iam = self.client("iam")
        arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)["Role"]["Arn"])
        iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=document(EVERYTHING))
        return arn

    def issue(self, role: Role, **more: Any) -> Issued:
        issuers = build_issuers(connect_aws(GATEWAY, None, now), GATEWAY, None, now)
        return issuers[role.method].issue(an_order(role, seconds=3_600, **more))

    def as_person(self, service: str, issued: Issued) -> Any:
        found = issued.credentials
        keys = {
            "aws_access_key_id": found.access_key_id,
            "aws_secret_access_key": found.secret_access_key,
            "aws_session_token": found.session_token,
        }
        return self.client(service, keys)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with ministack.running(tmp_path_factory.mktemp("ministack"), PRODUCTION) as url:
        iam = Place(url, {}).client("iam")
        iam.create_user(UserName="broker")
        iam.put_user_policy(UserName="broker", PolicyName="may", PolicyDocument=document(EVERYTHING))
        yield Place(url, iam.create_access_key(UserName="broker")["AccessKey"])


@pytest.fixture
def place(running: Place, monkeypatch: pytest.MonkeyPatch, _this_process: None) -> Place:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", running.url)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", running.key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", running.key["SecretAccessKey"])
    return running


def test_a_role_with_an_external_id_is_given_for_the_right_one_only(place: Place) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "fedgate-4711"}}
    arn = place.role("Theirs", trust(ROOT, "sts:AssumeRole", "sts:SetSourceIdentity", **condition))
    issued = place.issue(a_way(Method.ASSUME_ROLE, arn), external_id="fedgate-4711")
    assert place.as_person("sts", issued).get_caller_identity()["Arn"] == issued.credentials.assumed_role_arn
    for wrong in ("fedgate-4712", ""):
        with pytest.raises(AwsRefused) as told:
            place.issue(a_way(Method.ASSUME_ROLE, arn), external_id=wrong)
        assert told.value.reason.startswith("aws.AccessDenied")


def test_session_tags_are_seen_by_the_trust_policy(place: Place) -> None:
    condition = {"StringEquals": {"aws:RequestTag/Team": "payments"}}
    arn = place.role("Tagged", trust(ROOT, "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", **condition))
    assert place.issue(a_way(Method.ASSUME_ROLE, arn, tags={"Team": "payments"}, transitive_tags=("Team",)))
    with pytest.raises(AwsRefused):
        place.issue(a_way(Method.ASSUME_ROLE, arn, tags={"Team": "others"}))


@pytest.mark.parametrize("method", [Method.ASSUME_ROLE, Method.FEDERATION_TOKEN])
def test_a_session_policy_takes_rights_away(place: Place, method: Method) -> None:
    arn = BROKER
    if method is Method.ASSUME_ROLE:
        arn = place.role("Narrowed", trust(ROOT, "sts:AssumeRole", "sts:SetSourceIdentity"))
    s3 = place.as_person("s3", place.issue(a_way(method, arn, policy=LOOK)))
    assert "Buckets" in s3.list_buckets()
    with pytest.raises(s3.exceptions.ClientError) as told:
        s3.create_bucket(Bucket="not-for-them", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert told.value.response["Error"]["Code"] == "AccessDenied"


def test_a_federation_token_names_the_person(place: Place) -> None:
    issued = place.issue(a_way(Method.FEDERATION_TOKEN, BROKER, policy=document(EVERYTHING)))
    assert ":federated-user/alice@example.t" in place.as_person("sts", issued).get_caller_identity()["Arn"]
