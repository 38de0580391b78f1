"""What strangers write into the links and registrations of AWS's tools."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl, urlencode

import ada_url

from app.errors import InvalidRequest
from app.native.clients import client_of, may_redirect_to, register
from app.native.requests import Asked
from tests.fuzz.target import Target, text_of

_CLIENT = register("botocore-client-fedgate", True, datetime(2026, 11, 22, tzinfo=UTC)).client_id
_WISH = {
    "client_id": _CLIENT,
    "response_type": "code",
    "redirect_uri": "http://127.0.0.1:40705/oauth/callback",
    "state": "0cf1c9c2-9d2b-4f4e-9d0c-b5a3a2a7d9e1",
    "code_challenge": "a" * 43,
    "code_challenge_method": "S256",
}


def way_back(data: bytes) -> None:
    """Whatever is accepted, the browser goes to this machine, to one path, with our answer and the state as sent."""
    try:
        asked = Asked.parse(dict(parse_qsl(text_of(data), keep_blank_values=True)))
    except InvalidRequest:
        return
    went = ada_url.URL(asked.wanted.answer("https://aws.example.com", code="the-code"))
    assert (went.protocol, went.hostname, went.pathname) == ("http:", "127.0.0.1", "/oauth/callback")
    assert (went.username, went.password, went.hash) == ("", "", "")
    said = parse_qs(went.search.removeprefix("?"))
    assert (said["code"], said["state"]) == (["the-code"], [asked.wanted.state])
    assert Asked.parse(asked.fields()) == asked, "carried through the page it is another request"


def client(data: bytes) -> None:
    """Whoever it says that it is, people read one line, and that it is an AWS tool."""
    text = text_of(data)
    made = client_of(register(text, True, datetime(2026, 11, 22, tzinfo=UTC)).client_id)
    assert made is not None
    for found in (made, client_of(text)):
        if found is not None:
            assert found.label.startswith("AWS ")
            assert found.label.isprintable()
            assert len(found.label) < 100
    if may_redirect_to(text):
        assert ada_url.URL(text).hostname == "127.0.0.1"


TARGETS = (
    Target(
        "way_back",
        way_back,
        (urlencode(_WISH).encode(), urlencode({**_WISH, "redirect_uri": "http://127.0.0.1:1/oauth/callback"}).encode()),
        (
            b"%40evil.com",
            b"%5c",
            b"%0a",
            b"%00",
            b"..",
            b"%2f",
            b"127.0.0.1",
            b":0",
            b"%23",
            b"&state=",
            b"S256",
            b"plain",
        ),
    ),
    Target(
        "client",
        client,
        (_CLIENT.encode(), b"botocore-client-fedgate", b"http://127.0.0.1:8080/oauth/callback"),
        (b"fedgate-", b"W10", b"=", b"\xe2\x80\xae", b"\x1b[2J", b"botocore-client-", b"@", b"[::1]", b"\\"),
    ),
)
