"""The three calls of STS: what goes out, and what its answers mean."""

from __future__ import annotations

import traceback
from datetime import timedelta
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

import app.issuers.aws as real
from app.core.credentials import Credentials
from app.core.roles import Method
from app.errors import AwsRefused, AwsUnavailable, GatewayError
from app.issuers.assume_role import AssumeRoleIssuer
from app.issuers.order import Issuer
from app.issuers.refusals import refusal
from app.issuers.saml import SamlIssuer
from app.issuers.sts import Sessions
from app.issuers.web_identity import WebIdentityIssuer
from app.minting.keys import SigningKeys
from tests.core.people import NOW
from tests.issuers.conftest import SECRET, TOKEN, UPDATE_APP, Aws, an_order

ISSUER = "https://id.fedgate.example"
ACTIONS = {
    Method.SAML: "AssumeRoleWithSAML",
    Method.WEB_IDENTITY: "AssumeRoleWithWebIdentity",
    Method.ASSUME_ROLE: "AssumeRole",
}


def an_issuer(method: Method, keys: SigningKeys) -> Issuer:
    sessions = Sessions(real.Aws())
    match method:
        case Method.SAML:
            return SamlIssuer(ISSUER, keys, sessions, lambda: NOW)
        case Method.WEB_IDENTITY:
            return WebIdentityIssuer(ISSUER, keys, sessions, lambda: NOW)
        case _:
            return AssumeRoleIssuer(sessions)


@pytest.fixture
def own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)


@pytest.mark.parametrize("method", ACTIONS)
def test_the_answer_becomes_credentials(aws: Aws, keys: SigningKeys, own_key: None, method: Method) -> None:
    aws.gives_credentials(ACTIONS[method])
    given = an_issuer(method, keys).issue(an_order(method)).credentials
    assert given == Credentials(
        "ASIAIOSFODNN7EXAMPLE",
        SECRET,
        TOKEN,
        NOW + timedelta(hours=1),
        UPDATE_APP.account,
        "arn:aws:sts::999999999999:assumed-role/UpdateApp/alice",
    )
    (asked,) = aws.asked
    assert (asked.method, asked.path) == ("POST", "/")  # nothing in the address
    assert (asked.form["Action"], asked.form["RoleArn"]) == (ACTIONS[method], UPDATE_APP)
    assert asked.form["DurationSeconds"] == "7200"
    assert not {"Policy", "PolicyArns.member.1.arn"} & asked.form.keys()


@pytest.mark.parametrize("method", [Method.SAML, Method.WEB_IDENTITY])
def test_unsigned_calls_carry_nothing_of_this_process_and_look_for_nothing(
    aws: Aws, metadata_service: Aws, keys: SigningKeys, monkeypatch: pytest.MonkeyPatch, method: Method
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "there-is-no-such-profile")
    aws.gives_credentials(ACTIONS[method])
    an_issuer(method, keys).issue(an_order(method))
    monkeypatch.delenv("AWS_PROFILE")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-this-process")
    an_issuer(method, keys).issue(an_order(method))
    assert len(aws.asked) == 2
    for asked in aws.asked:
        assert not {"authorization", "x-amz-security-token"} & {name.lower() for name in asked.headers}
        assert "AKIAIOSFODNN7EXAMPLE" not in asked.body
        assert "of-this-process" not in asked.body
    assert metadata_service.asked == []


def test_assume_role_is_signed_and_names_the_person_in_every_way(aws: Aws, own_key: None) -> None:
    aws.gives_credentials("AssumeRole")
    order = an_order(policy='{"Statement":[]}', policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",))
    AssumeRoleIssuer(Sessions(real.Aws())).issue(order)
    (asked,) = aws.asked
    assert asked.headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/")
    assert "/eu-west-1/sts/" in asked.headers["Authorization"]
    assert asked.form["RoleSessionName"] == asked.form["SourceIdentity"] == order.session_name
    tags = {asked.form[f"Tags.member.{n}.Key"]: asked.form[f"Tags.member.{n}.Value"] for n in (1, 2)}
    assert tags == {"CostCenter": "4711", "Team": "payments"}
    assert asked.form["TransitiveTagKeys.member.1"] == "CostCenter"
    assert asked.form["Policy"] == '{"Statement":[]}'
    assert asked.form["PolicyArns.member.1.arn"] == "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_a_gateway_that_is_itself_a_role_asks_for_an_hour_at_most(
    aws: Aws, own_key: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of-the-instance-role")
    aws.gives_credentials("AssumeRole")
    AssumeRoleIssuer(Sessions(real.Aws())).issue(an_order())
    assert aws.asked[0].form["DurationSeconds"] == "3600"


@pytest.mark.parametrize("profile", ["", "there-is-no-such-profile"])
def test_without_a_key_of_its_own_the_gateway_says_so(aws: Aws, monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    if profile:
        monkeypatch.setenv("AWS_PROFILE", profile)
    with pytest.raises(AwsRefused, match="no AWS credentials of its own"):
        AssumeRoleIssuer(Sessions(real.Aws())).issue(an_order())
    assert aws.asked == []


def test_a_broken_file_of_aws_settings_is_an_answer(aws: Aws, keys: SigningKeys, tmp_path: Path) -> None:
    (tmp_path / "config").write_text("not [ an ini file")
    for method in ACTIONS:
        with pytest.raises(AwsRefused, match="could not ask AWS"):
            an_issuer(method, keys).issue(an_order(method))


REFUSED, LATER = AwsRefused, AwsUnavailable


@pytest.mark.parametrize(
    ("code", "status", "kind", "word"),
    [
        ("AccessDenied", 403, REFUSED, "trust policy"),
        ("AccessDeniedException", 403, REFUSED, "trust policy"),
        ("ValidationError", 400, REFUSED, "length or name"),
        ("ExpiredTokenException", 400, REFUSED, "clock"),
        ("ExpiredToken", 403, REFUSED, "own AWS credentials have expired"),
        ("InvalidIdentityToken", 400, REFUSED, "signature"),
        ("InvalidIdentityTokenException", 400, REFUSED, "signature"),
        ("IDPRejectedClaim", 403, REFUSED, "statement about you"),
        ("MalformedPolicyDocument", 400, REFUSED, "not valid"),
        ("PackedPolicyTooLarge", 400, REFUSED, "too large"),
        ("PackedPolicyTooLargeException", 400, REFUSED, "too large"),
        ("RegionDisabledException", 403, REFUSED, "region"),
        ("InvalidClientTokenId", 403, REFUSED, "own key"),
        ("SignatureDoesNotMatch", 403, REFUSED, "own key"),
        ("SomethingNew", 400, REFUSED, "SomethingNew"),
        ("Throttling", 400, LATER, "Try again"),
        ("ThrottlingException", 400, LATER, "Try again"),
        ("RequestLimitExceeded", 503, LATER, "Try again"),
        ("IDPCommunicationError", 400, LATER, "Try again"),
        ("InternalFailure", 500, LATER, "Try again"),
        ("ServiceUnavailable", 503, LATER, "Try again"),
        ("SomethingNew", 502, LATER, "Try again"),
    ],
)
def test_what_aws_says_is_told_by_its_code(code: str, status: int, kind: type[GatewayError], word: str) -> None:
    answer = {
        "Error": {"Code": code, "Message": f"<b>{SECRET}</b>"},
        "ResponseMetadata": {"HTTPStatusCode": status, "RequestId": "1-2"},
    }
    told = refusal(ClientError(answer, "AssumeRole"))  # type: ignore[arg-type]
    assert type(told) is kind
    assert word in told.sentence
    assert told.reason == f"aws.{code} 1-2"
    assert SECRET not in told.sentence + told.reason
    assert (told.retry_after is not None) == (kind is LATER)


def test_a_refusal_is_asked_for_once_and_a_throttled_call_again(aws: Aws, keys: SigningKeys) -> None:
    issuer = an_issuer(Method.SAML, keys)
    aws.refuses("AccessDenied", 403)
    with pytest.raises(AwsRefused) as told:
        issuer.issue(an_order(Method.SAML))
    assert told.value.reason == "aws.AccessDenied 11112222-3333"
    assert len(aws.asked) == 1
    aws.refuses("Throttling", 400)
    with pytest.raises(AwsUnavailable):
        issuer.issue(an_order(Method.SAML))
    assert len(aws.asked) == 1 + 4


@pytest.mark.parametrize(
    ("status", "kind", "answer"),
    [
        (200, "text/html", "<html><body>Sign in to the hotel's network<br></body></html>"),
        (200, "text/html", "<!doctype html><p>not XML"),
        (200, "application/json", "{}"),
        (200, "text/xml", ""),
        (200, "text/xml", f"<x><Credentials><SecretAccessKey>{SECRET}</SecretAccessKey></Credentials></x>"),
        (403, "text/html", "<!doctype html><p>The proxy forbids this"),
        (404, "text/plain", "nothing here"),
    ],
)
def test_what_is_no_answer_of_sts_is_an_error_of_ours_and_shows_nothing(
    aws: Aws, keys: SigningKeys, status: int, kind: str, answer: str
) -> None:
    aws.status, aws.kind, aws.answer = status, kind, answer
    with pytest.raises((AwsRefused, AwsUnavailable)) as told:
        an_issuer(Method.SAML, keys).issue(an_order(Method.SAML))
    assert SECRET not in "".join(traceback.format_exception(told.value))
    assert told.value.reason.startswith("aws.")


def test_when_nobody_answers_that_is_told(keys: SigningKeys, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9")
    with pytest.raises(AwsUnavailable) as told:
        an_issuer(Method.SAML, keys).issue(an_order(Method.SAML))
    assert told.value.reason == "aws.EndpointConnectionError"


def test_printing_an_order_or_what_goes_wrong_shows_no_assertion(aws: Aws, keys: SigningKeys) -> None:
    aws.refuses("InvalidIdentityToken", 400)
    with pytest.raises(AwsRefused) as told:
        an_issuer(Method.SAML, keys).issue(an_order(Method.SAML))
    sent = aws.asked[0].form["SAMLAssertion"]
    assert len(sent) > 1000
    assert sent[:60] not in "".join(traceback.format_exception(told.value))


def test_tags_ride_inside_what_is_minted_and_nowhere_else(aws: Aws, keys: SigningKeys) -> None:
    for method in (Method.SAML, Method.WEB_IDENTITY):
        aws.gives_credentials(ACTIONS[method])
        an_issuer(method, keys).issue(an_order(method))
        form = aws.asked[-1].form
        assert not [name for name in form if name.startswith(("Tags", "SourceIdentity", "TransitiveTagKeys"))]
        assert ("RoleSessionName" in form) == (method is Method.WEB_IDENTITY)
