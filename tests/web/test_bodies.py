"""Bodies that cannot be read as what they should be: a sentence and a 4xx, never a fault of the gateway."""

from __future__ import annotations

import socket
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import requests

from tests.prompt import bearer
from tests.servers.browser import Browser, User
from tests.world import World

pytestmark = pytest.mark.slow


def sent(url: str, path: str, head: str, body: bytes) -> str:
    """The answer to these bytes, which no client library would send."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    request = f"POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{head}\r\n\r\n".encode()
    with socket.create_connection((parts.hostname, parts.port or 80), timeout=60) as connection:
        answer = b""
        with suppress(ConnectionError):  # it hangs up on what it does not read to its end
            connection.sendall(request + body)
        with suppress(ConnectionError):
            while part := connection.recv(65536):
                answer += part
    return answer.decode("latin-1")


FORM = "Content-Type: application/x-www-form-urlencoded\r\nTransfer-Encoding: chunked"


@pytest.mark.parametrize("path", ["/oauth/token", "/oauth/revoke", "/signin/corp/acs"])
@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"ZZ\r\nxx\r\n0\r\n\r\n", id="broken"),
        pytest.param(b"11170\r\ntoken=" + b"a" * 69_994 + b"\r\n0\r\n\r\n", id="larger than is taken"),
        pytest.param(b"7\r\ntoken=a\r\n0\r\n\r\n", id="in order"),
    ],
)
def test_a_body_in_chunks_is_refused_whatever_is_in_it(world: World, path: str, body: bytes) -> None:
    answer = sent(world.main.url, path, FORM, body)
    assert answer.startswith("HTTP/1.1 400 ")
    assert "Content-Length" in answer.partition("\r\n\r\n")[2]


@pytest.mark.parametrize("body", ["[" * 30_000, '{"a":' * 9_000 + "1" + "}" * 9_000])
def test_json_that_is_nested_without_end_is_no_json_object(world: World, body: str) -> None:
    browser = Browser()
    browser.sign_in(browser.open(f"{world.main.url}/signin/corp-oidc"), User("bob"))
    headers = {**bearer(world.main.url, browser).header, "Content-Type": "application/json"}
    answer = requests.post(f"{world.main.url}/api/v1/credentials", data=body, headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize(("path", "allowed"), [("/api/v1/credentials", "OPTIONS, POST"), ("/", "GET, HEAD, OPTIONS")])
def test_who_asks_with_the_wrong_method_is_told_the_right_ones(world: World, path: str, allowed: str) -> None:
    """RFC 9110, 15.5.6."""
    answer = requests.delete(f"{world.main.url}{path}", timeout=60)
    assert (answer.status_code, answer.headers.get("Allow")) == (405, allowed)


@pytest.mark.parametrize(
    ("header", "challenge"),
    [({}, 'Bearer realm="fedgate"'), ({"Authorization": "Bearer x"}, 'Bearer realm="fedgate", error="invalid_token"')],
)
def test_a_token_that_is_none_is_told_from_a_token_that_is_missing(
    world: World, header: dict[str, str], challenge: str
) -> None:
    """RFC 6750, 3.1."""
    answer = requests.get(f"{world.main.url}/api/v1/me", headers=header, timeout=60)
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, challenge)


@pytest.mark.parametrize("moment", ["01 Jan 99999999999 00:00:00 GMT", "01 Jan 2026 00:00:00 +99999999999999"])
@pytest.mark.parametrize(("name", "beside"), [("If-Modified-Since", {}), ("If-Range", {"Range": "bytes=0-9"})])
def test_a_moment_outside_the_calendar_is_passed_over(
    world: World, name: str, beside: dict[str, str], moment: str
) -> None:
    """RFC 9110, 13.1.3."""
    headers = {name: f"Fri, {moment}", **beside}
    answer = requests.get(f"{world.main.url}/static/fedgate.css", headers=headers, timeout=60)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/css; charset=utf-8")
