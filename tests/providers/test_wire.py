"""Where the gateway may be led by an address that somebody else chose."""

from __future__ import annotations

import gzip
import socket
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from ssl import SSLContext
from typing import Any

import pytest

from app.providers.addresses import NotAdmitted, check_url, resolve
from app.providers.wire import MOST_AT_ONCE, Wire, WireFailure, trust
from tests import patience
from tests.forges.oidc import OidcForge
from tests.patience import until, without_waiting
from tests.providers.raw_server import at_once, drip, raw_server

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
    "https://192.0.0.8/",
    "https://198.18.0.1/",
    "https://203.0.113.7/",
    "https://240.0.0.1/",
    "https://[2001:db8::1]/",
    "https://[5f00::1]/",
    "https://[100::1]/",
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
    "https://255.255.255.255/",
    "https://0.1.2.3/",
    "https://169.254.170.2/",  # credentials of ECS
    "https://169.254.170.23/",  # of EKS Pod Identity
    "https://[fd00:ec2::23]/",
    "https://[fd20:ce::254]/",  # Google
    "https://100.100.100.200/",  # Alibaba
    "https://168.63.129.16/",  # Azure
    "https://192.0.0.192/",  # Oracle
    "https://[::a9fe:a9fe]/",  # IPv4-compatible
    "https://[::ffff:0:a9fe:a9fe]/",  # IPv4-translated
    "https://[64:ff9b:1::a9fe:a9fe]/",  # a site's own NAT64
    "https://[2001:0:a9fe:a9fe::]/",  # Teredo
    "https://[ff02::1]/",
    "https://[fe80::1%25eth0]/",
    # What resolvers take for 127.0.0.1, and a proxy would be asked for as it stands.
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://idp.0x7f000001/",
    "https://127.0.0.1./",
]
ONLY_HERE = ["https://localhost/", "https://localhost./", "https://idp.localhost/", "https://metadata.google.internal/"]
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


@pytest.mark.parametrize(
    "url", [*PRIVATE, *NEVER, *MALFORMED, *ONLY_HERE, "http://idp.example.com/", "http://127.0.0.1/"]
)
def test_refused_by_default(url: str) -> None:
    with pytest.raises(NotAdmitted):
        check_url(url, allow_private_network=False)


@pytest.mark.parametrize("url", [*NEVER, *MALFORMED, "http://idp.example.com/", "http://10.0.0.1/"])
def test_refused_even_if_the_operator_admits_private_networks(url: str) -> None:
    with pytest.raises(NotAdmitted):
        check_url(url, allow_private_network=True)


@pytest.mark.parametrize("url", [*PRIVATE, *ONLY_HERE, "http://127.0.0.1:8080/x", "http://localhost/", "http://[::1]/"])
def test_admitted_if_the_operator_says_so(url: str) -> None:
    check_url(url, allow_private_network=True)


def test_a_public_address_is_admitted() -> None:
    check_url("https://93.184.216.34/x?y", allow_private_network=False)
    check_url("https://idp.example.com:8443/x", allow_private_network=False)
    check_url("https://[2a00:1450:4001::1]/x", allow_private_network=False)
    check_url("https://4chan.example./x", allow_private_network=False)


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


DRIPS = {
    "the status line": (b"", b"H"),
    "one header": (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "many headers": (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
    "a body of known length": (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "),
    # Shut in the middle it looks complete: no length, and the end of the connection is the end of the body.
    "a body of unknown length": (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b" "),
    "a chunked body": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "early hints": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize("what", DRIPS)
def test_an_exchange_ends_in_time_whatever_is_dripped(tls: SSLContext, what: str) -> None:
    with raw_server(drip(*DRIPS[what], 0.05)) as (host, _), without_waiting(), pytest.raises(WireFailure):
        Wire(tls, True, deadline_seconds=0.5).get(f"http://{host}/")


def test_a_provider_that_hangs_holds_few_and_the_others_are_told_at_once(tls: SSLContext) -> None:
    """Strangers with invented codes held every thread of the gateway with it."""
    wire, ends = Wire(tls, allow_private_network=True, deadline_seconds=patience.NEVER), threading.Event()

    def drips(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while not ends.wait(0.1):
            connection.sendall(b"x")
        connection.sendall(b"x" * 2_000_000)  # more than is read

    with raw_server(drips) as (host, asked), ThreadPoolExecutor(16) as pool:

        def ask() -> str:
            with pytest.raises(WireFailure) as caught:
                wire.get(f"http://{host}/")
            return str(caught.value)

        people = [pool.submit(ask) for _ in range(16)]
        try:
            until(lambda: sum(one.done() for one in people) == 16 - MOST_AT_ONCE)
            told = [one.result() for one in people if one.done()]
        finally:
            ends.set()
        assert set(told) == {"too many at once"}
        assert [one.result() for one in people].count("too large") == len(asked) == MOST_AT_ONCE
        assert ask() == "too large"


def test_a_tls_handshake_that_drips_ends_in_time(tls: SSLContext) -> None:
    dripping = drip(b"\x16\x03\x03\x40\x00", b"\x02", 0.05)
    with raw_server(dripping) as (host, _), without_waiting(), pytest.raises(WireFailure):
        Wire(tls, True, deadline_seconds=0.5).get(f"https://{host}/")


def test_a_name_server_that_does_not_answer_holds_nobody(tls: SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: released.wait(patience.NEVER) and [])
    with without_waiting(), pytest.raises(WireFailure):
        Wire(tls, False, deadline_seconds=0.5).get("https://slow.example.com/")
    released.set()


def test_a_bomb_of_compressed_zeros_is_not_unpacked(tls: SSLContext) -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 9)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with raw_server(at_once(head + bomb)) as (host, _):
        tracemalloc.start()
        with pytest.raises(WireFailure):
            Wire(tls, True).get(f"http://{host}/")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 8 * 1024 * 1024


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(tls: SSLContext, status: int) -> None:
    with raw_server(at_once(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!")) as (inside, asked):
        head = f"HTTP/1.1 {status} Elsewhere\r\nLocation: http://{inside}/\r\nContent-Length: 0\r\n\r\n".encode()
        with raw_server(at_once(head)) as (host, _), pytest.raises(WireFailure):
            Wire(tls, True).get(f"http://{host}/")
    assert asked == []


def test_plain_http_does_not_leave_this_machine_under_the_name_localhost(
    tls: SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers(monkeypatch, "10.0.0.1")
    with pytest.raises(WireFailure):
        Wire(tls, True, deadline_seconds=1).get("http://localhost:9/")


PROXY_SAYS_NO = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"


def test_a_proxy_is_asked_by_name_and_resolves_by_itself(tls: SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(at_once(PROXY_SAYS_NO)) as (proxy, asked):
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
        with pytest.raises(WireFailure):
            Wire(tls, False).get("https://idp.example.com/x")
    assert asked[0].startswith(b"CONNECT idp.example.com:443 ")


@pytest.mark.parametrize("url", [*PRIVATE, *NEVER, *ONLY_HERE])
def test_a_proxy_is_not_asked_for_what_no_name_server_is_needed_to_judge(
    tls: SSLContext, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    with raw_server(at_once(PROXY_SAYS_NO)) as (proxy, asked):
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
        with pytest.raises(WireFailure):
            Wire(tls, False).get(url)
    assert asked == []


def test_who_is_named_by_no_proxy_is_judged_here(tls: SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(at_once(PROXY_SAYS_NO)) as (proxy, asked):
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
        monkeypatch.setenv("NO_PROXY", "inside.example.com")
        answers(monkeypatch, "10.0.0.1")
        with pytest.raises(WireFailure):
            Wire(tls, False).get("https://inside.example.com/")
    assert asked == []


def test_a_proxy_that_drips_holds_nobody(tls: SSLContext, monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n", 0.05)) as (proxy, _):
        monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
        with without_waiting(), pytest.raises(WireFailure):
            Wire(tls, False, deadline_seconds=0.5).get("https://idp.example.com/x")
