"""The console federation endpoint: what goes out, and what may come back."""

from __future__ import annotations

import json
import threading
import traceback
from urllib.parse import parse_qs, urlsplit

import pytest

import app.issuers.console
from app.core.credentials import Credentials
from app.core.destinations import console_destination
from app.core.roles import Partition
from app.errors import AwsRefused, AwsUnavailable, GatewayError
from app.issuers.console import Console, SignInUrl
from tests.core.people import NOW
from tests.issuers.conftest import SECRET, TOKEN, UPDATE_APP, Aws

HERS = Credentials("ASIAIOSFODNN7EXAMPLE", SECRET, TOKEN * 200, NOW, UPDATE_APP.account)
THERE = "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1#/buckets/a&b"
BACK = "https://aws.example.com/console/999999999999/UpdateApp"
SIGN_IN = "the+sign/in=token&"


def url(aws: Aws) -> SignInUrl:
    there = console_destination(THERE, Partition.AWS)
    return Console(f"{aws.url}/federation").sign_in_url(HERS, Partition.AWS, there, BACK)


def test_the_credentials_go_in_the_body_and_never_in_an_address(aws: Aws) -> None:
    aws.answer = json.dumps({"SigninToken": SIGN_IN})
    url(aws)
    (asked,) = aws.asked
    assert (asked.method, asked.path) == ("POST", "/federation")
    assert asked.form["Action"] == "getSigninToken"
    assert json.loads(asked.form["Session"]) == {
        "sessionId": HERS.access_key_id,
        "sessionKey": HERS.secret_access_key,
        "sessionToken": HERS.session_token,
    }
    assert asked.form.keys() == {"Action", "Session"}  # above all no SessionDuration


def test_the_address_leads_to_the_destination_and_back_to_us(aws: Aws) -> None:
    aws.answer = json.dumps({"SigninToken": SIGN_IN})
    given = url(aws)
    query = parse_qs(urlsplit(given.value).query)
    assert query == {"Action": ["login"], "Issuer": [BACK], "Destination": [THERE], "SigninToken": [SIGN_IN]}
    assert SIGN_IN not in repr(given)
    assert HERS.secret_access_key not in given.value


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, "<html>Invalid Credentials Parameter</html>", AwsRefused),
        (403, "", AwsRefused),
        (429, "slow down", AwsUnavailable),
        (500, "<html>", AwsUnavailable),
        (503, json.dumps({"SigninToken": "x"}), AwsUnavailable),
        (200, "<html>not JSON</html>", AwsRefused),
        (200, "", AwsRefused),
        (200, "[]", AwsRefused),
        (200, "null", AwsRefused),
        (200, '{"SigninToken": ""}', AwsRefused),
        (200, '{"SigninToken": null}', AwsRefused),
        (200, '{"SigninToken": ["x"]}', AwsRefused),
        (200, '{"SigninToken": "' + "x" * 100_000 + '"}', AwsRefused),
        (200, "[" * 60_000, AwsRefused),
        (302, json.dumps({"SigninToken": "x"}), AwsRefused),
    ],
)
def test_anything_else_than_a_token_is_an_error_that_shows_nothing(
    aws: Aws, status: int, answer: str, kind: type[GatewayError]
) -> None:
    aws.status, aws.answer = status, answer
    aws.headers = {"Location": f"{aws.url}/elsewhere"} if status == 302 else {}
    with pytest.raises(kind) as told:
        url(aws)
    assert told.value.reason == f"console.{status}"
    shown = "".join(traceback.format_exception(told.value))
    assert SECRET not in shown
    assert TOKEN not in shown
    assert len(aws.asked) == 1  # a redirect is not followed: it would carry the credentials along


def test_a_sign_in_service_that_hangs_or_is_gone_is_given_up(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app.issuers.console, "_SECONDS", (0.5, 0.5))
    aws.hangs = threading.Event()
    with pytest.raises(AwsUnavailable) as told:
        url(aws)
    assert told.value.reason == "console.ReadTimeout"
    with pytest.raises(AwsUnavailable) as told:
        url(Aws("http://127.0.0.1:9"))
    assert told.value.reason == "console.ConnectionError"
    assert SECRET not in "".join(traceback.format_exception(told.value))


def regional(aws: Aws, region: str = "eu-west-1", partition: Partition = Partition.AWS) -> SignInUrl:
    """Hosts become paths, so that one server can be all of them."""
    there = console_destination(THERE, Partition.AWS)
    console = Console(address=aws.url + "/{host}/federation")
    return console.sign_in_url(HERS, partition, there, BACK, region)


@pytest.mark.parametrize(
    ("region", "second"),
    [("eu-west-1", "eu-west-1"), ("us-east-1", "us-west-2"), ("ap-south-1", "ap-south-1")],
)
def test_when_the_partitions_own_host_fails_a_regional_one_is_asked(aws: Aws, region: str, second: str) -> None:
    aws.status = 503
    with pytest.raises(AwsUnavailable):
        regional(aws, region)
    assert [asked.path for asked in aws.asked] == [
        "/signin.aws.amazon.com/federation",
        f"/{second}.signin.aws.amazon.com/federation",
    ]


def test_a_refusal_is_not_asked_for_twice_and_the_address_is_of_the_host_that_answered(aws: Aws) -> None:
    aws.status = 400
    with pytest.raises(AwsRefused):
        regional(aws)
    assert len(aws.asked) == 1
    aws.status, aws.answer = 200, json.dumps({"SigninToken": SIGN_IN})
    assert regional(aws).value.startswith(f"{aws.url}/signin.aws.amazon.com/federation?")


def test_a_replaced_endpoint_is_the_only_one(aws: Aws) -> None:
    aws.status = 503
    there = console_destination(THERE, Partition.AWS)
    with pytest.raises(AwsUnavailable):
        Console(f"{aws.url}/federation").sign_in_url(HERS, Partition.AWS, there, BACK, "eu-west-1")
    assert len(aws.asked) == 1


def test_forms_may_lead_to_the_partitions_sign_in_and_to_the_console_behind_it() -> None:
    """Chromium stops a submitted form at the first redirect to a host that is not named, AWS's own redirects too."""
    assert Console().targets(Partition.CHINA) == (
        "https://signin.amazonaws.cn https://*.signin.amazonaws.cn "
        "https://console.amazonaws.cn https://*.console.amazonaws.cn"
    )
    assert Console("http://127.0.0.1:9/federation").targets(Partition.AWS) == "http://127.0.0.1:9"
