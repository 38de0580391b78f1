"""aws, aws-us-gov and aws-cn side by side: hosts, audiences and ARNs agree, and nothing crosses over."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from app.local.aws.founding import read_keys
from app.local.aws.server import LocalAws
from tests.forges.saml import SamlForge
from tests.local.aws.bench import OIDC_PROVIDER, Bench, keys_of, refusal, trust
from tests.local.aws.partitions import ALL, AWS, CHINA, GOV, Partition, asserted, client, saml_role, three_partitions
from tests.local.aws.test_program import program
from tests.local.aws.test_vectors_console import session_of

every = pytest.mark.parametrize("here", ALL, ids=lambda partition: partition.name)
PAIRS = [(here, there) for here in ALL for there in ALL if here is not there]


@pytest.fixture
def world() -> Iterator[LocalAws]:
    with three_partitions() as aws:
        yield aws


@every
def test_an_assertion_for_its_own_partition(world: LocalAws, saml_forge: SamlForge, here: Partition) -> None:
    saml_role(world, saml_forge, here)
    taken = asserted(world, saml_forge, here)
    assert taken["Audience"] == here.sign_in
    arn = f"arn:{here.name}:sts::{here.account}:assumed-role/UpdateApp/alice"
    assert taken["AssumedRoleUser"]["Arn"] == arn
    keys = keys_of(taken["Credentials"])
    assert client(world, "sts", here, **keys).get_caller_identity()["Arn"] == arn
    assert client(world, "s3", here, **keys).list_buckets()["Buckets"] == []


@pytest.mark.parametrize(("here", "there"), PAIRS)
@pytest.mark.parametrize("part", ["audience", "recipient"])
def test_an_assertion_for_another_partition(
    world: LocalAws, saml_forge: SamlForge, here: Partition, there: Partition, part: str
) -> None:
    saml_role(world, saml_forge, here)
    change = {"audience": there.audience} if part == "audience" else {"recipient": there.sign_in}
    with pytest.raises(Exception, match=f"InvalidIdentityToken.*does not contain the required {part}"):
        asserted(world, saml_forge, here, **change)


def test_a_regional_recipient_is_one_of_the_partitions_regions(world: LocalAws, saml_forge: SamlForge) -> None:
    saml_role(world, saml_forge, GOV)
    with pytest.raises(Exception, match="required recipient"):
        asserted(world, saml_forge, GOV, recipient="https://eu-west-1.signin.amazonaws-us-gov.com/saml")
    with pytest.raises(Exception, match="Not authorized"):  # a recipient that is right, and that the role does not list
        asserted(world, saml_forge, GOV, recipient="https://us-gov-east-1.signin.amazonaws-us-gov.com/saml")


def test_role_and_provider_in_one_value_are_of_one_partition(world: LocalAws, saml_forge: SamlForge) -> None:
    saml_role(world, saml_forge, GOV)
    provider = f"arn:aws:iam::{GOV.account}:saml-provider/fedgate"
    with pytest.raises(Exception, match="InvalidIdentityToken"):
        asserted(world, saml_forge, GOV, role=f"{GOV.arn('role', 'UpdateApp')},{provider}")


@pytest.mark.parametrize(("here", "there"), PAIRS)
def test_keys_of_one_partition_are_unknown_in_another(world: LocalAws, here: Partition, there: Partition) -> None:
    assert client(world, "sts", here).get_caller_identity()["Account"] == here.account
    said = refusal(client(world, "sts", here, there.region).get_caller_identity)
    assert (said.code, said.status) == ("InvalidClientTokenId", 403)


@pytest.mark.parametrize(("here", "there"), PAIRS)
def test_vector_24_roles_of_another_partition(world: LocalAws, here: Partition, there: Partition) -> None:
    policy = trust({"AWS": "*"}, "sts:AssumeRole")
    client(world, "iam", there).create_role(RoleName="Open", AssumeRolePolicyDocument=policy)
    sts = client(world, "sts", here)
    said = refusal(sts.assume_role, RoleArn=there.arn("role", "Open"), RoleSessionName="alice")
    assert (said.code, said.message) == ("ValidationError", f"{there.arn('role', 'Open')} is invalid")


def test_unsigned_calls_at_an_endpoint_of_another_partition(world: LocalAws, saml_forge: SamlForge) -> None:
    saml_role(world, saml_forge, CHINA)
    assert asserted(world, saml_forge, CHINA, region=CHINA.region)["Credentials"]
    with pytest.raises(Exception, match="ValidationError"):
        asserted(world, saml_forge, CHINA, region=AWS.region)


@every
def test_the_console_of_the_same_partition(world: LocalAws, saml_forge: SamlForge, here: Partition) -> None:
    saml_role(world, saml_forge, here)
    credentials = asserted(world, saml_forge, here)["Credentials"]
    form = {"Action": "getSigninToken", "Session": session_of(credentials)}
    made = requests.post(f"{world.regional(here.region)}/federation", data=form, timeout=60)
    login = {"Action": "login", "Issuer": "https://aws.example.com/", "SigninToken": made.json()["SigninToken"]}
    for place in ALL:
        query = login | {"Destination": place.console}
        answer = requests.get(f"{world.url}/federation", params=query, allow_redirects=False, timeout=60)
        assert answer.status_code == (302 if place is here else 400)


@every
def test_arns_and_aws_own_policies_carry_the_partition(world: LocalAws, here: Partition) -> None:
    sts, iam = client(world, "sts", here), client(world, "iam", here)
    user = sts.get_federation_token(Name="alice")["FederatedUser"]
    assert user["Arn"] == f"arn:{here.name}:sts::{here.account}:federated-user/alice"
    own = f"arn:{here.name}:iam::aws:policy/ReadOnlyAccess"
    policy = trust({"AWS": here.account}, "sts:AssumeRole")
    role = iam.create_role(RoleName="Open", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    assert sts.assume_role(RoleArn=role, RoleSessionName="alice", PolicyArns=[{"arn": own}])
    foreign = own.replace(f":{here.name}:", f":{(GOV if here is not GOV else AWS).name}:")
    said = refusal(sts.assume_role, RoleArn=role, RoleSessionName="alice", PolicyArns=[{"arn": foreign}])
    assert said.code == "MalformedPolicyDocument"


def test_the_keys_file_says_the_partition(tmp_path: Path) -> None:
    entry = {"id": GOV.account, "name": "Production", "partition": "aws-us-gov"}
    entry |= {"access_key_id": "AKIAIOSFODNN7EXAMPLE", "secret_access_key": "wJalrXUtnFEMI/K7MDENG/EXAMPLEKEY"}
    (tmp_path / "keys.json").write_text(json.dumps([entry]))
    with program(tmp_path) as url:
        keys = {f"aws_{name}": entry[name] for name in ("access_key_id", "secret_access_key")}
        session: Any = boto3
        sts = session.client("sts", endpoint_url=url, region_name=GOV.region, **keys)
        assert sts.get_caller_identity()["Arn"].startswith("arn:aws-us-gov:iam::")
    with pytest.raises(ValueError, match="no such partition: 'aws-mars'"):
        read_keys(json.dumps([entry | {"partition": "aws-mars"}]))


def test_an_oidc_provider_is_one_accounts_in_its_partition(bench: Bench) -> None:
    role = bench.oidc_role()
    there = role.replace("arn:aws:", "arn:aws-cn:")
    given = {"RoleArn": there, "RoleSessionName": "alice", "WebIdentityToken": bench.oidc.token(bench.now())}
    assert refusal(bench.unsigned().assume_role_with_web_identity, **given).code == "ValidationError"
    assert OIDC_PROVIDER.startswith("arn:aws:")
