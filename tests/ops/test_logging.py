"""The log: one line for each thing, and nothing in it that opens anything."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest

from app.ops.logging import redact, start_logging

SECRETS = [
    "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl",
    "SAMLResponse=PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXMi",
    "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXMi",
    '"SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"',
    "SessionToken=IQoJb3JpZ2luX2VjEXAMPLE",
    "'sessionToken': 'IQoJb3JpZ2luX2VjEXAMPLE'",
    "Authorization: Bearer abcdefghijklmnop",
    "/signin/okta/callback?code=0123456789abcdef",
    "&state=0123456789abcdef",
    "https://signin.aws.amazon.com/federation?Action=login&SigninToken=x-0123456789abcdef",
    "refresh_token=0123456789abcdef",
    "IQoJb3JpZ2luX2Vj" + "A1b2" * 40,
]
HARMLESS = [
    "POST /api/v1/credentials 200 in 12 ms",
    "status_code=200",
    "ASIAIOSFODNN7EXAMPLE until 2026-11-21T20:28:06Z",
    "arn:aws:iam::999999999999:role/UpdateApp for alice@example.test-mfzwizltoq3dkmbs",
    "aws.AccessDenied 01234567-89ab-cdef-0123-456789abcdef",
]


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


def lines(form: str, stream: io.StringIO | None = None) -> io.StringIO:
    stream = stream or io.StringIO()
    start_logging("debug", form, stream)
    return stream


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("form", ["json", "text"])
def test_what_looks_like_a_secret_is_taken_out_wherever_it_stands(form: str, secret: str) -> None:
    out = lines(form)
    try:
        raise ValueError(secret)
    except ValueError:
        logging.getLogger("x").exception("about %s", secret, extra={"facts": {"detail": secret}})
    kept = secret.rsplit("=", maxsplit=1)[-1].rsplit('": "', maxsplit=1)[-1].rsplit(" ", maxsplit=1)[-1].strip("'\"")
    assert kept not in out.getvalue()
    assert "[secret]" in out.getvalue()


@pytest.mark.parametrize("text", HARMLESS)
def test_what_people_need_to_read_stays(text: str) -> None:
    assert redact(text) == text


def test_a_line_of_json_cannot_be_broken_and_its_facts_replace_nothing() -> None:
    out = lines("json")
    logging.getLogger("x").warning(
        "a\nb\x1b[2J\u2028", extra={"facts": {"message": "forged", "at": "never", "who": "é"}}
    )
    (line,) = out.getvalue().splitlines()
    entry = json.loads(line)
    assert (entry["message"], entry["who"], entry["level"]) == ("a\nb\x1b[2J\u2028", "é", "warning")
    assert entry["at"].endswith("Z")
    assert line.isascii()
    assert line.isprintable()


def test_a_line_of_text_cannot_be_broken_either() -> None:
    out = lines("text")
    logging.getLogger("x").warning("a\nb\x1b[2J", extra={"facts": {"who": "c\nd"}})
    (line,) = out.getvalue().splitlines()
    assert line.isprintable()


@pytest.mark.parametrize("name", ["botocore.endpoint", "urllib3.connectionpool", "werkzeug", "requests", "authlib"])
def test_libraries_that_print_requests_stay_quiet_even_at_debug(name: str) -> None:
    out = lines("json")
    logging.getLogger(name).debug("the whole request")
    assert out.getvalue() == ""
