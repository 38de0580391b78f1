"""The same vectors, asked of our AWS and of MiniStack, which others wrote: both must say the same.

Where MiniStack checks nothing (session names and durations, the hour of role chaining, SAML and token
signatures, SetSourceIdentity, packed size, the federation endpoint), there is no second opinion, and nothing
here pretends that there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from botocore.config import Config

from app.local.aws.server import LocalAws
from tests.local.aws import ministack
from tests.local.aws.bench import EVERYTHING, PRODUCTION, document, keys_of, refusal, trust

_CONFIG = Config(parameter_validation=False, retries={"max_attempts": 0}, proxies={}, s3={"addressing_style": "path"})
ROOT = {"AWS": f"arn:aws:iam::{PRODUCTION}:root"}


@dataclass(frozen=True)
class Place:
    """One of the two: the same account, the same requests."""

    url: str
    administrator: dict[str, str]
    name: str

    def client(self, service: str, keys: dict[str, str] | None = None) -> Any:
        session: Any = boto3
        found = keys or self.administrator
        return session.client(service, endpoint_url=self.url, region_name="us-east-1", config=_CONFIG, **found)

    def user(self, name: str, *may: dict[str, Any]) -> dict[str, str]:
        iam = self.client("iam")
        iam.create_user(UserName=name)
        if may:
            iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=document(*may))
        return keys_of(iam.create_access_key(UserName=name)["AccessKey"])

    def role(self, name: str, policy: str, *may: dict[str, Any], **more: Any) -> str:
        iam = self.client("iam")
        arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy, **more)["Role"]["Arn"])
        if may:
            iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=document(*may))
        return arn


@pytest.fixture(scope="module", params=["ours", "ministack"])
def place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    if request.param == "ours":
        with LocalAws() as aws:
            yield Place(aws.url, aws.operator(PRODUCTION), "ours")
    else:
        with ministack.running(tmp_path_factory.mktemp("ministack"), PRODUCTION) as url:
            yield Place(url, ministack.ROOT_KEY, "ministack")


def test_both_know_who_signed(place: Place) -> None:
    keys = place.user("who")
    found = place.client("sts", keys).get_caller_identity()
    assert (found["Account"], found["Arn"]) == (PRODUCTION, f"arn:aws:iam::{PRODUCTION}:user/who")


def test_both_refuse_wrong_secrets_and_unknown_keys(place: Place) -> None:
    keys = place.user("signer")
    wrong = refusal(place.client("sts", keys | {"aws_secret_access_key": "wrong"}).get_caller_identity)
    unknown = refusal(place.client("sts", keys | {"aws_access_key_id": "AKIAI44QH8DHBEXAMPLE"}).get_caller_identity)
    assert (wrong.code, wrong.status) == ("SignatureDoesNotMatch", 403)
    assert (unknown.code, unknown.status) == ("InvalidClientTokenId", 403)


def test_vectors_06_and_07_external_ids(place: Place) -> None:
    sts = place.client("sts", place.user("partner", EVERYTHING))
    strict = place.role("Strict", trust(ROOT, "sts:AssumeRole", StringEquals={"sts:ExternalId": "e-4711"}))
    careless = place.role("Careless", trust(ROOT, "sts:AssumeRole"))
    assert sts.assume_role(RoleArn=strict, RoleSessionName="alice", ExternalId="e-4711")
    assert sts.assume_role(RoleArn=careless, RoleSessionName="alice", ExternalId="anything")
    for more in ({"ExternalId": "e-4712"}, {}):
        said = refusal(sts.assume_role, RoleArn=strict, RoleSessionName="alice", **more)
        assert (said.code, said.status) == ("AccessDenied", 403)


def test_vector_04_sessions_get_no_further_tokens(place: Place) -> None:
    sts = place.client("sts", place.user("tokens", EVERYTHING))
    role = place.role("Tokens", trust(ROOT, "sts:AssumeRole"), EVERYTHING)
    session = place.client("sts", keys_of(sts.assume_role(RoleArn=role, RoleSessionName="alice")["Credentials"]))
    for call, more in ((session.get_federation_token, {"Name": "alice"}), (session.get_session_token, {})):
        said = refusal(call, **more)
        assert (said.code, said.status) == ("AccessDenied", 403)
        assert said.message.endswith("with session credentials")


def test_both_need_the_users_own_permission_and_the_trust(place: Place) -> None:
    role = place.role("Both", trust(ROOT, "sts:AssumeRole"))
    other = place.role("Other", trust({"Service": "ec2.amazonaws.com"}, "sts:AssumeRole"))
    nobody = place.client("sts", place.user("nobody"))
    somebody = place.client("sts", place.user("somebody", EVERYTHING))
    assert refusal(nobody.assume_role, RoleArn=role, RoleSessionName="alice").code == "AccessDenied"
    assert refusal(somebody.assume_role, RoleArn=other, RoleSessionName="alice").code == "AccessDenied"
    assert somebody.assume_role(RoleArn=role, RoleSessionName="alice")


def test_both_want_tag_session_for_tags(place: Place) -> None:
    sts = place.client("sts", place.user("tagger", EVERYTHING))
    plain = place.role("Untagged", trust(ROOT, "sts:AssumeRole"))
    tagged = place.role("Tagged", trust(ROOT, "sts:AssumeRole", "sts:TagSession"))
    tags = [{"Key": "Team", "Value": "payments"}]
    assert sts.assume_role(RoleArn=tagged, RoleSessionName="alice", Tags=tags)
    said = refusal(sts.assume_role, RoleArn=plain, RoleSessionName="alice", Tags=tags)
    assert said.code == "AccessDenied"
    assert "is not authorized to perform: sts:TagSession on resource:" in said.message


def test_both_intersect_session_policies(place: Place) -> None:
    sts = place.client("sts", place.user("cutter", EVERYTHING))
    bucket = f"cut-{place.name}"
    place.client("s3").create_bucket(Bucket=bucket)
    role = place.role("Cut", trust(ROOT, "sts:AssumeRole"), {"Effect": "Allow", "Action": "s3:*", "Resource": "*"})
    policy = document({"Effect": "Allow", "Action": ["s3:ListBucket", "iam:*"], "Resource": "*"})
    session = sts.assume_role(RoleArn=role, RoleSessionName="alice", Policy=policy)["Credentials"]
    s3, iam = place.client("s3", keys_of(session)), place.client("iam", keys_of(session))
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
    assert refusal(s3.put_object, Bucket=bucket, Key="a", Body=b"x").code == "AccessDenied"
    assert refusal(iam.list_roles).code == "AccessDenied"


def test_vector_21_both_revoke_by_token_issue_time(place: Place) -> None:
    sts = place.client("sts", place.user("revoked", EVERYTHING))
    role = place.role("Revoked", trust(ROOT, "sts:AssumeRole"), EVERYTHING)
    session = place.client("s3", keys_of(sts.assume_role(RoleArn=role, RoleSessionName="alice")["Credentials"]))
    assert session.list_buckets()
    for limit, works in (("2020-01-01T00:00:00Z", True), ("2099-01-01T00:00:00Z", False)):
        deny = EVERYTHING | {"Effect": "Deny", "Condition": {"DateLessThan": {"aws:TokenIssueTime": limit}}}
        iam = place.client("iam")
        iam.put_role_policy(RoleName="Revoked", PolicyName="AWSRevokeOlderSessions", PolicyDocument=document(deny))
        assert session.list_buckets() if works else refusal(session.list_buckets).code == "AccessDenied"


def test_vector_05_both_check_the_names_of_federated_users(place: Place) -> None:
    sts = place.client("sts", place.user("federator", EVERYTHING))
    assert sts.get_federation_token(Name="a" * 32)["FederatedUser"]
    for name in ("a" * 33, "a", "al ice"):
        said = refusal(sts.get_federation_token, Name=name)
        assert (said.code, said.status) == ("ValidationError", 400)
        assert said.message.startswith(f"1 validation error detected: Value '{name}' at 'name' failed to satisfy")


def test_vector_05_a_federated_user_without_policy_may_do_nothing(place: Place) -> None:
    sts = place.client("sts", place.user("federator2", EVERYTHING))
    session = sts.get_federation_token(Name="alice")["Credentials"]
    assert refusal(place.client("s3", keys_of(session)).list_buckets).code == "AccessDenied"
