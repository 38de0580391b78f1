"""Credentials as AWS tools read them, and as nobody may read them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from app.core.credentials import Credentials
from app.core.roles import AccountId

HERS = Credentials(
    "ASIAIOSFODNN7EXAMPLE",
    "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "a-session-token",
    datetime(2026, 11, 21, 22, 28, 6, 999999, tzinfo=timezone(timedelta(hours=2))),
    AccountId("000000000001"),
    "arn:aws:sts::000000000001:assumed-role/UpdateApp/alice",
)


def test_the_expiry_is_utc_with_a_z_and_without_a_fraction() -> None:
    assert HERS.as_process_json()["Expiration"] == "2026-11-21T20:28:06Z"


def test_aws_tools_find_every_field_they_look_for() -> None:
    assert HERS.as_process_json() == {
        "Version": 1,
        "AccessKeyId": HERS.access_key_id,
        "SecretAccessKey": HERS.secret_access_key,
        "SessionToken": HERS.session_token,
        "Expiration": "2026-11-21T20:28:06Z",
        "AccountId": "000000000001",
    }


def test_printing_credentials_shows_nothing_that_opens_anything() -> None:
    for shown in (repr(HERS), str(HERS), f"{[HERS]}"):
        assert HERS.secret_access_key not in shown
        assert HERS.session_token not in shown
        assert HERS.access_key_id in shown
