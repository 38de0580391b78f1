"""Where the gateway may be led by an address that somebody else chose."""

from __future__ import annotations

import socket
from ssl import SSLContext
from typing import Any

import pytest

from app.providers.addresses import NotAdmitted, check_url, resolve
from app.providers.wire import Wire, WireFailure, trust
from tests.forges.oidc import OidcForge

PRIVATE = [
    "https://127.0.0.1/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://[::1]/",
    "https://[fc00::1]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/",
    "https://[2002:a00:1::]/",
]
NEVER = [
    "https://169.254.169.254/",
    "https://[::ffff:169.254.169.254]/",
    "https://[64:ff9b::a9fe:a9fe]/",
    "https://[2002:a9fe:a9fe::]/",
    "https://[fd00:ec2::254]/",
    "https://[fe80::1]/",
    "https://0.0.0.0/",
    "https://[::]/",
    "https://224.0.0.1/",
]
MALFORMED = [
    "",
    "/relative",
    "https://",
    "https://user@idp.example.com/",
    "https://idp.example.com/#fragment",
    "https://idp.example.com\\@evil.example.com/",
    "https://idp.example.com/\r\nX: y",
    "https://idp.example.com:99999/",
    "https://[::1/",
    "file:///etc/passwd",
    "gopher://idp.example.com/",
]


@pytest.mark.parametrize("url", [*PRIVATE, *NEVER, *MALFORMED, "http://idp.example.com/", "http://127.0.0.1/"])
def test_refused_by_default(url: str) -> None:
    with pytest.raises(NotAdmitted):
        check_url(url, allow_private_network=False)


@pytest.mark.parametrize("url", [*NEVER, *MALFORMED, "http://idp.example.com/", "http://10.0.0.1/"])
def test_refused_even_if_the_operator_admits_private_networks(url: str) -> None:
    with pytest.raises(NotAdmitted):
        check_url(url, allow_private_network=True)


@pytest.mark.parametrize("url", [*PRIVATE, "http://127.0.0.1:8080/x", "http://localhost/", "http://[::1]/"])
def test_admitted_if_the_operator_says_so(url: str) -> None:
    check_url(url, allow_private_network=True)


def test_a_public_address_is_admitted() -> None:
    check_url("https://93.184.216.34/x?y", allow_private_network=False)
    check_url("https://idp.example.com:8443/x", allow_private_network=False)


def answers(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """A name server whose answers the test chooses; it keeps what it was asked."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_that_means_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "10.0.0.1")
    with pytest.raises(NotAdmitted):
        resolve("innocent.example.com", 443, False)


def test_one_private_address_among_public_ones_spoils_the_name(monkeypatch: pytest.MonkeyPatch) -> None:
    answers(monkeypatch, "93.184.216.34", "127.0.0.1")
    with pytest.raises(NotAdmitted):
        resolve("rebinding.example.com", 443, False)


def test_a_name_is_asked_for_once_and_connected_to_where_it_was_judged(
    monkeypatch: pytest.MonkeyPatch, op: OidcForge, tls: SSLContext
) -> None:
    """DNS rebinding: a second question would be answered with another address."""
    port = op.base.rpartition(":")[2]
    asked: list[str] = []

    def getaddrinfo(host: str, number: int, *_: Any, **__: Any) -> list[Any]:
        asked.append(host)
        address = "127.0.0.1" if asked.count("localhost") <= 1 or host == "127.0.0.1" else "169.254.169.254"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, number))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    Wire(tls, True).get(f"http://localhost:{port}/jwks")
    assert asked.count("localhost") == 1


def test_a_name_that_means_this_machine_is_not_reached(
    op: OidcForge, tls: SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "127.0.0.1")
    port = op.base.rpartition(":")[2]
    with pytest.raises(WireFailure):
        Wire(tls, False).get(f"https://innocent.example.com:{port}/jwks")
    assert op.hits["/jwks"] == 0


@pytest.mark.parametrize("how", ["redirect", "large", "drip", "500", "404"])
def test_an_answer_that_may_not_be_used(op: OidcForge, tls: SSLContext, how: str) -> None:
    op.twist.broken = {"/jwks": how}
    with pytest.raises(WireFailure):
        Wire(tls, True, deadline_seconds=1).get(op.base + "/jwks")


def test_nothing_of_the_operators_netrc_is_sent(
    op: OidcForge, tls: SSLContext, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login operator password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    Wire(tls, True).get(op.base + "/jwks")
    assert op.authorizations["/jwks"] is None


def test_a_company_authority_is_added_and_a_stranger_is_not_trusted(tmp_path: Any) -> None:
    from tests.forges.tls import tls_server

    with tls_server(tmp_path) as (url, ca_file):
        assert Wire(trust((ca_file,)), True).get(url) == b"hello"
        with pytest.raises(WireFailure):
            Wire(trust(()), True).get(url)
