"""One-time codes: a device is enabled, its codes open what asks for them, once, and nothing else does."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from app.local.aws import totp
from tests.local.aws.bench import DEVELOPMENT, EVERYTHING, PRODUCTION, Bench, document, refusal, trust
from tests.local.aws.phone import Phone, new_phone, phone_of
from tests.local.aws.test_failures import outcome

WITH_CODE = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
ASSUME = {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": "*"}
SEED = b"12345678901234567890"


@pytest.mark.parametrize(
    ("moment", "expected"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_rfc_6238(moment: int, expected: str) -> None:
    at = datetime.fromtimestamp(moment, UTC)
    assert totp.code(SEED, totp.step_at(at)) == Phone("", base64.b32encode(SEED)).code(at) == expected


def dana(bench: Bench, *may: dict[str, Any]) -> tuple[dict[str, str], Phone]:
    """A user of Development who has an authenticator."""
    key = bench.user("dana", *may)
    return key, phone_of(bench, DEVELOPMENT, "dana")


def given(phone: Phone, code: str) -> dict[str, str]:
    return {"SerialNumber": phone.serial, "TokenCode": code}


def test_a_device_is_enabled_by_two_codes_in_a_row(bench: Bench) -> None:
    bench.user("dana")
    iam, phone, now = bench.operator(DEVELOPMENT, "iam"), new_phone(bench, DEVELOPMENT, "dana"), bench.now()
    assert phone.serial == f"arn:aws:iam::{DEVELOPMENT}:mfa/dana"
    assert len(phone.seed) == 64
    whose = {"UserName": "dana", "SerialNumber": phone.serial}
    same = {"AuthenticationCode1": phone.code(now), "AuthenticationCode2": phone.code(now)}
    turned = {"AuthenticationCode1": phone.code(now), "AuthenticationCode2": phone.code(now, -1)}
    old = {"AuthenticationCode1": phone.code(now, -9), "AuthenticationCode2": phone.code(now, -8)}
    for codes in (same, turned, old):
        said = refusal(iam.enable_mfa_device, **whose, **codes)
        assert (said.code, said.status) == ("InvalidAuthenticationCode", 403)
    assert iam.list_mfa_devices(UserName="dana")["MFADevices"] == []
    iam.enable_mfa_device(**whose, **phone.codes(bench.now()))
    assert [entry["SerialNumber"] for entry in iam.list_mfa_devices(UserName="dana")["MFADevices"]] == [phone.serial]
    assert refusal(iam.enable_mfa_device, **whose, **phone.codes(bench.now())).code == "EntityAlreadyExists"


def test_a_device_goes_step_by_step(bench: Bench) -> None:
    key, phone = dana(bench)
    iam, sts = bench.operator(DEVELOPMENT, "iam"), bench.client("sts", key)
    assert refusal(iam.delete_virtual_mfa_device, SerialNumber=phone.serial).code == "DeleteConflict"
    iam.deactivate_mfa_device(UserName="dana", SerialNumber=phone.serial)
    said = refusal(sts.get_session_token, **given(phone, phone.code(bench.now(), 1)))
    assert "unable to validate MFA code" in said.message
    iam.delete_virtual_mfa_device(SerialNumber=phone.serial)
    assert refusal(iam.delete_virtual_mfa_device, SerialNumber=phone.serial).code == "NoSuchEntity"


def test_a_code_works_once(bench: Bench) -> None:
    key, phone = dana(bench)
    sts, code = bench.client("sts", key), phone.code(bench.now(), 1)
    assert sts.get_session_token(**given(phone, code))["Credentials"]
    said = refusal(sts.get_session_token, **given(phone, code))
    assert (said.code, said.status) == ("AccessDenied", 403)
    assert said.message == "MultiFactorAuthentication failed with invalid MFA one time pass code."
    enabled_with = refusal(sts.get_session_token, **given(phone, phone.code(bench.now())))
    assert enabled_with == said


def test_a_code_works_once_even_if_eight_ask_together(bench: Bench) -> None:
    key, phone = dana(bench)
    sts, code = bench.client("sts", key), phone.code(bench.now(), 1)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: outcome(lambda: sts.get_session_token(**given(phone, code))), range(8)))
    assert sorted(found) == ["403 AccessDenied"] * 7 + ["ok"]


@pytest.mark.parametrize(("seconds", "works"), [(-30, True), (0, True), (30, True), (-60, False), (60, False)])
def test_a_phone_may_be_wrong_by_thirty_seconds(bench: Bench, seconds: int, works: bool) -> None:
    key, phone = dana(bench)
    middle = 15 - bench.now().timestamp() % 30  # of a step, so that none ends while we ask
    bench.aws.turn(clock_offset_seconds=300 + middle)
    sts, code = bench.client("sts", key), phone.code(bench.now(), seconds // 30)
    if works:
        assert sts.get_session_token(**given(phone, code))["Credentials"]
    else:
        assert "invalid MFA one time pass code" in refusal(sts.get_session_token, **given(phone, code)).message


def test_a_foreign_device_and_half_an_answer(bench: Bench) -> None:
    key, phone = dana(bench)
    other = bench.client("sts", bench.user("erin"))
    code = phone.code(bench.now(), 1)
    assert "valid and associated with this user" in refusal(other.get_session_token, **given(phone, code)).message
    for half in ({"SerialNumber": phone.serial}, {"TokenCode": code}):
        said = refusal(other.get_session_token, **half)
        assert said.message.endswith("must provide both MFA serial number and one time pass code.")
    assert bench.client("sts", key).get_session_token(**given(phone, code)), "a stranger's guess spends nothing"


def test_a_trust_policy_that_asks_for_a_code(bench: Bench) -> None:
    key, phone = dana(bench, ASSUME)
    sts = bench.client("sts", key)
    role = bench.role("Careful", trust({"AWS": DEVELOPMENT}, "sts:AssumeRole", **WITH_CODE), EVERYTHING)
    assert refusal(sts.assume_role, RoleArn=role, RoleSessionName="dana").code == "AccessDenied"
    code = phone.code(bench.now(), 1)
    taken = sts.assume_role(RoleArn=role, RoleSessionName="dana", **given(phone, code))
    assert taken["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{PRODUCTION}:assumed-role/Careful/dana"
    again = refusal(sts.assume_role, RoleArn=role, RoleSessionName="dana", **given(phone, code))
    assert "invalid MFA one time pass code" in again.message


def test_a_session_with_a_code_carries_it_and_grows_old(bench: Bench) -> None:
    key, phone = dana(bench, ASSUME)
    young = WITH_CODE | {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}}
    role = bench.role("Careful", trust({"AWS": DEVELOPMENT}, "sts:AssumeRole", **young))
    plain = bench.client("sts", key).get_session_token()["Credentials"]
    coded = bench.client("sts", key).get_session_token(**given(phone, phone.code(bench.now(), 1)))["Credentials"]
    assert refusal(bench.client("sts", plain).assume_role, RoleArn=role, RoleSessionName="dana").code == "AccessDenied"
    assert bench.client("sts", coded).assume_role(RoleArn=role, RoleSessionName="dana")
    bench.aws.turn(clock_offset_seconds=400)
    assert refusal(bench.client("sts", coded).assume_role, RoleArn=role, RoleSessionName="dana").code == "AccessDenied"


def test_iam_opens_to_session_tokens_with_a_code_only(bench: Bench) -> None:
    key, phone = dana(bench, EVERYTHING)
    sts = bench.client("sts", key)
    assert refusal(bench.client("iam", sts.get_session_token()["Credentials"]).list_roles).status == 403
    coded = sts.get_session_token(**given(phone, phone.code(bench.now(), 1)))["Credentials"]
    assert bench.client("iam", coded).list_roles()["Roles"] == []


NO_CODE = EVERYTHING | {"Effect": "Deny", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}}}
NO_CODE_OR_KEY = EVERYTHING | {"Effect": "Deny", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}


@pytest.mark.parametrize(("deny", "works"), [(NO_CODE, True), (NO_CODE_OR_KEY, False)])
def test_the_key_is_absent_in_federation_and_for_long_term_keys(bench: Bench, deny: Any, works: bool) -> None:
    role = bench.saml_role("UpdateApp", EVERYTHING, deny)
    federated = bench.with_saml(role)["Credentials"]
    key = bench.user("frank", EVERYTHING, deny)
    named = bench.client("sts", key) if works else bench.client("sts")
    by_user = named.get_federation_token(Name="alice", Policy=document(EVERYTHING, deny))["Credentials"]
    for credentials in (federated, key, by_user):
        s3 = bench.client("s3", credentials)
        assert s3.list_buckets() if works else refusal(s3.list_buckets).code == "AccessDenied"


def test_a_role_taken_with_a_code_does_not_say_so_afterwards(bench: Bench) -> None:
    key, phone = dana(bench, ASSUME)
    role = bench.role("Careful", trust({"AWS": DEVELOPMENT}, "sts:AssumeRole", **WITH_CODE), EVERYTHING, NO_CODE)
    taken = bench.client("sts", key).assume_role(
        RoleArn=role, RoleSessionName="dana", **given(phone, phone.code(bench.now(), 1))
    )
    assert "explicit deny" in refusal(bench.client("s3", taken["Credentials"]).list_buckets).message


def test_a_user_with_a_device_is_not_deleted(bench: Bench) -> None:
    iam = bench.operator(DEVELOPMENT, "iam")
    iam.create_user(UserName="gus")
    phone = phone_of(bench, DEVELOPMENT, "gus")
    assert refusal(iam.delete_user, UserName="gus").code == "DeleteConflict"
    iam.deactivate_mfa_device(UserName="gus", SerialNumber=phone.serial)
    iam.delete_user(UserName="gus")
