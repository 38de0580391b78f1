"""A client id is a statement that anybody may have made: read with care, and never forgotten."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.native.clients import LIFE, client_of, may_redirect_to, register

NOW = datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


@given(st.text(), st.booleans())
def test_what_was_registered_is_read_again(name: str, redirects: bool) -> None:
    made = register(name, redirects, NOW)
    found = client_of(made.client_id)
    assert found is not None
    assert (found.redirects, len(found.name) <= 64) == (redirects, True)
    assert len(made.client_id) <= 400


@given(st.text())
def test_anything_else_is_no_client(text: str) -> None:
    assert client_of(text) is None
    client_of(f"fedgate-{text}")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_json_that_is_no_statement_is_no_client(found: object) -> None:
    client = client_of("fedgate-" + base64.urlsafe_b64encode(json.dumps(found).encode()).decode().rstrip("="))
    assert client is None or isinstance(found, list)


def test_a_secret_can_be_a_verifier_and_lives_as_long_as_awss() -> None:
    made, other = register("a", True, NOW), register("a", True, NOW)
    assert 43 <= len(made.client_secret) <= 128
    assert made.client_secret != other.client_secret
    assert made.client_secret not in repr(made)
    assert timedelta(seconds=made.expires_at - made.issued_at) == LIFE == timedelta(days=90)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("botocore-client-fedgate", "AWS CLI (fedgate)"),
        ("botocore-client-1795293073", "AWS CLI"),
        ("AWS IDE Extensions for VSCode", "AWS tool (AWS IDE Extensions for VSCode)"),
        ("fedgate", "AWS tool (fedgate)"),
        ("", "AWS tool"),
        ("Amazon-Q_1.2/x+y", "AWS tool (Amazon-Q_1.2/x+y)"),
        ("a\x1b[2J\u202eb", "AWS tool"),
        ("botocore-client-fedgate) is up to date. Press the button to go on (", "AWS CLI"),
        ("up to date. Go on", "AWS tool"),
        ("botocore-client-" + "W" * 41, "AWS CLI"),
        pytest.param("_" * 39 + "!", "AWS tool", id="read in 10^8 ways, if a pattern lets it"),
    ],
)
def test_people_read_that_it_is_an_aws_tool_whatever_it_calls_itself(name: str, label: str) -> None:
    found = client_of(register(name, True, NOW).client_id)
    assert found is not None
    assert found.label == label


@pytest.mark.parametrize("address", ["http://127.0.0.1/oauth/callback", "http://127.0.0.1:8080/oauth/callback"])
def test_the_loopback_is_a_way_back(address: str) -> None:
    assert may_redirect_to(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/oauth/callback",
        "http://127.0.0.1/oauth/callback/",
        "http://127.0.0.1/oauth/callback#x",
        "http://127.0.0.1:/oauth/callback",
        "http://127.0.0.1:0x50/oauth/callback",
        "http://127.1/oauth/callback",
        "http://[::1]/oauth/callback",
        "http://localhost/oauth/callback",
        "http://127.0.0.1/oauth/callback\n",
        "http://evil.example/oauth/callback",
        "javascript:alert(1)",
    ],
)
def test_nothing_else_is(address: str) -> None:
    assert not may_redirect_to(address)
