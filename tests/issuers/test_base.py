"""The gateway's own credentials: where they come from, what they are, and what each kind can and cannot do."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError, ReadTimeoutError

from app.core.roles import Base, Method, ProviderArn, RoleArn
from app.errors import AwsRefused
from app.issuers.aws import Aws
from app.issuers.base import Bases, Kind, caller_of
from tests.issuers.ways import BROKER, GATEWAY_OIDC, POLICY, Ways, a_way, left
from tests.local.aws.bench import PRODUCTION
from tests.patience import NEVER

REGIONS = ("eu-west-1",)


def use(monkeypatch: pytest.MonkeyPatch, keys: Mapping[str, Any]) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
    if "SessionToken" in keys:
        monkeypatch.setenv("AWS_SESSION_TOKEN", keys["SessionToken"])


def kind(aws: Aws, base: Base | None = None) -> Kind:
    return aws.caller(base or Base(), REGIONS, aws.until()).kind


@pytest.mark.parametrize(
    ("arn", "temporary", "found"),
    [
        ("arn:aws:iam::111122223333:user/broker", False, Kind.USER),
        ("arn:aws-cn:iam::111122223333:user/a/b/broker", False, Kind.USER),
        ("arn:aws:iam::111122223333:user/broker", True, Kind.USER_SESSION),
        ("arn:aws-us-gov:sts::111122223333:assumed-role/Gateway/i-0", True, Kind.ROLE_SESSION),
        ("arn:aws:sts::111122223333:federated-user/alice", True, Kind.FEDERATED),
        ("arn:aws:iam::111122223333:root", False, Kind.ROOT),
        ("arn:aws:iam::111122223333:root", True, Kind.ROOT),
    ],
)
def test_a_caller_is_what_its_arn_and_its_token_say(arn: str, temporary: bool, found: Kind) -> None:
    assert caller_of(arn, temporary=temporary).kind is found


def test_a_caller_that_nobody_has_described_is_refused() -> None:
    with pytest.raises(AwsRefused, match="unknown kind"):
        caller_of("arn:aws:sts::111122223333:something/new", temporary=True)


def test_a_user_is_a_user_and_is_asked_about_once(ways: Ways) -> None:
    aws = ways.aws()
    ways.bench.aws.calls.clear()
    assert [kind(aws), kind(aws), kind(aws)] == [Kind.USER] * 3
    asked = [call for call in ways.bench.aws.calls.entries() if call["action"] == "GetCallerIdentity"]
    assert len(asked) == 1


def test_a_role_session_gives_an_hour_and_lends_no_user(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, target = ways.role(Method.ASSUME_ROLE, "Gateway"), ways.role(Method.ASSUME_ROLE, "Target")
    sts = ways.bench.client("sts", ways.key)
    use(monkeypatch, sts.assume_role(RoleArn=gateway, RoleSessionName="instance")["Credentials"])
    assert kind(ways.aws()) is Kind.ROLE_SESSION
    issued = ways.issue(a_way(Method.ASSUME_ROLE, target))
    assert 3_540 < left(issued) <= 3_600
    assert issued.learnt is None  # it is the chain's hour, not the role's
    for method in (Method.FEDERATION_TOKEN, Method.SESSION_TOKEN):
        with pytest.raises(AwsRefused, match="only to an IAM user") as told:
            ways.issue(a_way(method, BROKER, policy=POLICY, mfa_serial=ways.phone.serial), mfa_code="123456")
        assert told.value.reason == "aws.caller role_session"


def test_a_users_session_looks_like_a_user_and_is_told_apart(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    target = ways.role(Method.ASSUME_ROLE, "Target")
    sts = ways.bench.client("sts", ways.key)
    given = sts.get_session_token(SerialNumber=ways.phone.serial, TokenCode=ways.code())["Credentials"]
    use(monkeypatch, given)
    assert kind(ways.aws()) is Kind.USER_SESSION
    assert ways.issue(a_way(Method.ASSUME_ROLE, target))
    with pytest.raises(AwsRefused, match="another kind"):
        ways.issue(a_way(Method.FEDERATION_TOKEN, BROKER, policy=POLICY))


def test_a_federated_session_may_assume_nothing_and_that_is_told(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    target = ways.role(Method.ASSUME_ROLE, "Target")
    sts = ways.bench.client("sts", ways.key)
    use(monkeypatch, sts.get_federation_token(Name="gateway", Policy=POLICY)["Credentials"])
    assert kind(ways.aws()) is Kind.FEDERATED
    with pytest.raises(AwsRefused, match="may not assume roles"):
        ways.issue(a_way(Method.ASSUME_ROLE, target))


def test_an_account_can_have_a_profile_of_its_own(ways: Ways, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    target = ways.role(Method.ASSUME_ROLE, "Target")
    (tmp_path / "credentials").write_text(
        f"[prod]\naws_access_key_id = {ways.key['AccessKeyId']}\n"
        f"aws_secret_access_key = {ways.key['SecretAccessKey']}\n"
    )
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    aws = ways.aws()
    assert ways.issue(a_way(Method.ASSUME_ROLE, target), aws, base=Base(profile="prod"))
    assert kind(aws, Base(profile="prod")) is Kind.USER
    for missing in (Base(), Base(profile="nobody")):
        with pytest.raises(AwsRefused, match="no AWS credentials of its own"):
            ways.issue(a_way(Method.ASSUME_ROLE, target), aws, base=missing)


@pytest.mark.parametrize(
    "said",
    [
        "credential_process = /nowhere/at-all",
        "credential_process = echo nonsense",
        f"role_arn = arn:aws:iam::{PRODUCTION}:role/Nowhere\ncredential_source = Environment",
    ],
)
def test_a_profile_that_gives_nothing_is_told_apart_from_the_persons_role(
    ways: Ways, tmp_path: Path, said: str
) -> None:
    target = ways.role(Method.ASSUME_ROLE, "Target")
    (tmp_path / "config").write_text(f"[profile prod]\nregion = eu-west-1\n{said}\n")
    with pytest.raises(AwsRefused, match="no AWS credentials of its own") as told:
        ways.issue(a_way(Method.ASSUME_ROLE, target), base=Base(profile="prod"))
    assert told.value.reason == "aws.CredentialRetrievalError"


def test_a_key_that_was_rotated_in_the_file_is_found_without_a_restart(
    ways: Ways, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target, prod = ways.role(Method.ASSUME_ROLE, "Target"), Base(profile="prod")

    def write(key_id: str, secret: str) -> None:
        text = f"[prod]\naws_access_key_id = {key_id}\naws_secret_access_key = {secret}\n"
        (tmp_path / "credentials").write_text(text)

    write("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
    aws = ways.aws()
    with pytest.raises(AwsRefused, match="does not know the gateway's own key"):
        ways.issue(a_way(Method.ASSUME_ROLE, target), aws, base=prod)
    write(ways.key["AccessKeyId"], ways.key["SecretAccessKey"])
    assert ways.issue(a_way(Method.ASSUME_ROLE, target), aws, base=prod)


def test_credentials_that_come_later_are_found_without_a_restart(
    ways: Ways, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    target, aws = ways.role(Method.ASSUME_ROLE, "Target"), ways.aws()
    with pytest.raises(AwsRefused, match="no AWS credentials of its own"):
        ways.issue(a_way(Method.ASSUME_ROLE, target), aws)
    (tmp_path / "credentials").write_text(
        f"[default]\naws_access_key_id = {ways.key['AccessKeyId']}\n"
        f"aws_secret_access_key = {ways.key['SecretAccessKey']}\n"
    )
    assert ways.issue(a_way(Method.ASSUME_ROLE, target), aws)


def test_an_account_can_be_reached_by_a_role_of_the_gateways_own(ways: Ways) -> None:
    """The person's source identity must still fit: the first role of a chain would fix it for all that follow."""
    gateway, target = ways.role(Method.ASSUME_ROLE, "Gateway"), ways.role(Method.ASSUME_ROLE, "Target")
    base = Base(role=RoleArn(gateway))
    aws = ways.aws()
    first, second = (ways.issue(a_way(Method.ASSUME_ROLE, target), aws, base=base) for _ in range(2))
    assert kind(aws, base) is Kind.ROLE_SESSION
    assert ":assumed-role/Target/alice@" in ways.caller(first)
    assert 3_540 < left(second) <= 3_600
    own = [call for call in ways.bench.aws.calls.entries() if call["action"] == "AssumeRole"]
    assert len(own) == 1 + 2  # its own credentials are kept


def test_an_account_can_be_reached_with_no_aws_key_at_all(ways: Ways, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway, target = ways.role(Method.WEB_IDENTITY, "Gateway"), ways.role(Method.ASSUME_ROLE, "Target")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    base = Base(role=RoleArn(gateway), provider_arn=ProviderArn(GATEWAY_OIDC))
    issued = ways.issue(a_way(Method.ASSUME_ROLE, target), base=base)
    assert ":assumed-role/Target/alice@" in ways.caller(issued)


def test_credentials_that_nobody_brings_hold_nobody_up_and_few_wait_for_them() -> None:
    go_on = threading.Event()

    def assume(_base: Base) -> Mapping[str, Any]:
        go_on.wait(NEVER)
        raise NoCredentialsError

    bases, base = Bases(assume, patience=0.02), Base(role=RoleArn(f"arn:aws:iam::{PRODUCTION}:role/Gateway"))
    try:
        for _ in range(40):
            with pytest.raises(ReadTimeoutError):
                bases.keys(base)
        assert sum(thread.name == "aws credentials" for thread in threading.enumerate()) <= 32
    finally:
        go_on.set()


def test_a_base_that_aws_does_not_give_is_told_apart_from_the_persons_role(ways: Ways) -> None:
    target = ways.role(Method.ASSUME_ROLE, "Target")
    base = Base(role=RoleArn(f"arn:aws:iam::{PRODUCTION}:role/Nowhere"))
    with pytest.raises(AwsRefused, match="takes for itself") as told:
        ways.issue(a_way(Method.ASSUME_ROLE, target), base=base)
    assert told.value.reason.startswith("base.aws.AccessDenied")
