"""SigV4: what an honest client sends, and everything that must not pass for it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from tests.local.aws.bench import PRODUCTION, Bench
from tests.local.aws.signer import Signer
from tests.local.aws.test_vectors_names import open_role

WHO = "Action=GetCallerIdentity&Version=2011-06-15"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def operator(bench: Bench) -> Signer:
    key = bench.aws.operator(PRODUCTION)
    return Signer(key["aws_access_key_id"], key["aws_secret_access_key"])


def session(bench: Bench) -> Signer:
    found = bench.client("sts").assume_role(RoleArn=open_role(bench), RoleSessionName="alice")["Credentials"]
    return Signer(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])


def send(bench: Bench, signer: Signer, body: str = WHO, **changes: Any) -> tuple[int, str]:
    url = bench.aws.url + "/"
    headers = signer.headers("POST", url, body.encode(), FORM) | changes.pop("headers", {})
    answer = requests.post(url, data=changes.get("sent", body), headers=headers, timeout=60)
    return answer.status_code, answer.text


def test_an_honest_signature_by_hand(bench: Bench) -> None:
    status, text = send(bench, operator(bench))
    assert status == 200
    assert f"<Arn>arn:aws:iam::{PRODUCTION}:user/operator</Arn>" in text
    assert send(bench, session(bench))[0] == 200


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"secret": "another"}, 403, "SignatureDoesNotMatch"),
        ({"key_id": "AKIAIOSFODNN7EXAMPLE"}, 403, "InvalidClientTokenId"),
        ({"token": "a token that long-term keys have not"}, 403, "InvalidClientTokenId"),
        ({"service": "ec2"}, 403, "SignatureDoesNotMatch"),
        ({"region": "nowhere"}, 403, "SignatureDoesNotMatch"),
        ({"scope_date": "20200101"}, 403, "SignatureDoesNotMatch"),
    ],
)
def test_a_wrong_part_of_the_signature(bench: Bench, change: dict[str, str], status: int, code: str) -> None:
    got, text = send(bench, replace(operator(bench), **change))
    assert (got, f"<Code>{code}</Code>" in text) == (status, True), text


@pytest.mark.parametrize("change", [{"token": ""}, {"token": "IQoJb3JpZ2luX2Vj"}, {"secret": "x"}, {"secret": ""}])
def test_a_session_key_needs_its_own_secret_and_token(bench: Bench, change: dict[str, str]) -> None:
    status, text = send(bench, replace(session(bench), **change))
    assert status == 403
    assert "<Code>InvalidClientTokenId<" in text or "<Code>SignatureDoesNotMatch<" in text


@pytest.mark.parametrize(("minutes", "status"), [(-16, 403), (-14, 200), (14, 200), (16, 403)])
def test_the_clock_may_be_wrong_by_a_quarter_of_an_hour(bench: Bench, minutes: int, status: int) -> None:
    at = datetime.now(UTC) + timedelta(minutes=minutes)
    got, text = send(bench, replace(operator(bench), at=at))
    assert got == status
    assert status == 200 or "Signature expired" in text or "Signature not yet current" in text


def test_a_body_or_header_that_was_changed_on_the_way(bench: Bench) -> None:
    signer = operator(bench)
    assert "SignatureDoesNotMatch" in send(bench, signer, sent=WHO + "&X=1")[1]
    assert "SignatureDoesNotMatch" in send(bench, signer, headers={"content-type": "text/plain"})[1]
    at = (datetime.now(UTC) + timedelta(seconds=5)).strftime("%Y%m%dT%H%M%SZ")
    assert "SignatureDoesNotMatch" in send(bench, signer, headers={"x-amz-date": at})[1]


def test_the_host_must_be_signed(bench: Bench) -> None:
    url, signer = bench.aws.url + "/", operator(bench)
    headers = signer.headers("POST", url, WHO.encode(), FORM, leave_out=("host",))
    answer = requests.post(url, data=WHO, headers=headers, timeout=60)
    assert (answer.status_code, "<Code>IncompleteSignature<" in answer.text) == (403, True)


@pytest.mark.parametrize(
    "authorization",
    [
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20261121/eu-west-1/sts/aws4_request",
        "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=00",
        "Bearer something",
        "Basic YTpi",
        "",
    ],
)
def test_half_a_signature(bench: Bench, authorization: str) -> None:
    headers = FORM | {"authorization": authorization, "x-amz-date": "20261121T200000Z"}
    answer = requests.post(bench.aws.url, data=WHO, headers=headers, timeout=60)
    assert (answer.status_code, "<Code>IncompleteSignature<" in answer.text) == (403, True)


def test_no_signature_at_all(bench: Bench) -> None:
    answer = requests.post(bench.aws.url, data=WHO, headers=FORM, timeout=60)
    assert (answer.status_code, "<Code>MissingAuthenticationToken<" in answer.text) == (403, True)


def test_a_presigned_caller_identity_and_its_end(bench: Bench) -> None:
    arguments = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
    signer = operator(bench)
    good = signer.presigned(bench.aws.url + "/", arguments)
    assert requests.get(good, timeout=60).status_code == 200
    assert requests.get(good.replace("Expires=60", "Expires=61"), timeout=60).status_code == 403
    old = replace(signer, at=signer.at - timedelta(seconds=90)).presigned(bench.aws.url + "/", arguments)
    assert "Signature expired" in requests.get(old, timeout=60).text


@pytest.mark.parametrize("action", ["AssumeEverything", "assumerole", "", "<x>"])
def test_an_unknown_action(bench: Bench, action: str) -> None:
    status, text = send(bench, operator(bench), f"Action={action.replace('<', '%3C')}&Version=2011-06-15")
    assert (status, "<Code>InvalidAction</Code>" in text) == (400, True)


def test_the_error_has_the_shape_of_awss(bench: Bench) -> None:
    text = send(bench, operator(bench), "Action=AssumeRole&Version=2011-06-15")[1]
    assert text.startswith(
        '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
    )
    assert "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint" in text
    assert "</Error><RequestId>" in text
