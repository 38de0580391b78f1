"""A company's network: the gateway has a certificate of the company's own CA, and is reached through a proxy only."""

from __future__ import annotations

import base64
import json
import select
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.cli.test_wire import make_certificate

HOST = "gateway.fedgate.test"  # RFC 6761: nobody but the proxy can resolve it
PASSWORD = "hunter2"


class Proxy(ThreadingHTTPServer):
    """Tunnels whatever is asked for to one port of this machine, and keeps what was asked."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), Tunnel)
        self.port = port
        self.asked: list[str] = []
        self.password = ""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Tunnel(BaseHTTPRequestHandler):
    server: Proxy

    def do_CONNECT(self) -> None:
        self.server.asked.append(self.path)
        wanted = "Basic " + base64.b64encode(f"ada:{self.server.password}".encode()).decode()
        if self.server.password and self.headers.get("Proxy-Authorization") != wanted:
            self.send_error(407)
            return
        with socket.create_connection(("127.0.0.1", self.server.port)) as there:
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                carry(self.connection, there)
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """The tests ask `asked`."""


def carry(one: socket.socket, other: socket.socket) -> None:
    while True:
        for ready in select.select([one, other], [], [], 30)[0]:
            content = ready.recv(65536)
            if not content:
                return
            (other if ready is one else one).sendall(content)


@pytest.fixture
def proxy(gateway: Gateway) -> Iterator[Proxy]:
    running = Proxy(gateway.server.server_address[1])
    thread = threading.Thread(target=running.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join(5)


@pytest.fixture
def ca(gateway: Gateway, tmp_path: Path) -> Path:
    """Only who trusts this file trusts the gateway."""
    certificate = make_certificate(tmp_path, HOST)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, tmp_path / "key.pem")
    gateway.server.socket = context.wrap_socket(gateway.server.socket, server_side=True)
    gateway.address = gateway.issuer = f"https://{HOST}"
    return certificate


@pytest.fixture
def inside(terminal: Terminal, gateway: Gateway, proxy: Proxy, ca: Path) -> Terminal:
    """Ada's machine in that network, signed in; nothing of her shell says which CA to trust any more."""
    terminal.env |= {"FEDGATE_GATEWAY": gateway.address, "HTTPS_PROXY": proxy.address, "SSL_CERT_FILE": str(ca)}
    typed = terminal.login()
    assert typed.code == 0, typed.err
    del terminal.env["SSL_CERT_FILE"]
    proxy.asked.clear()
    return terminal


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy"])
def test_every_request_goes_through_the_proxy(inside: Terminal, proxy: Proxy, ca: Path, name: str) -> None:
    inside.env[name] = inside.env.pop("HTTPS_PROXY")
    inside.env["AWS_CA_BUNDLE"] = str(ca)
    for words in (("status",), ("roles",), ("profiles", "sync"), ("console", "UpdateApp", "-u")):
        typed = inside.type(*words)
        assert typed.code == 0, typed.err
    assert inside.credentials().code == 0
    assert len(proxy.asked) >= 5
    assert set(proxy.asked) == {f"{HOST}:443"}


@pytest.mark.parametrize("variable", ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", ""])
def test_a_private_ca_is_named_in_four_ways(inside: Terminal, ca: Path, variable: str) -> None:
    typed = inside.type("roles")
    assert typed.code == 3
    assert "its certificate is not trusted" in typed.err
    if variable:
        inside.env[variable] = str(ca)
    assert inside.type("roles", *([] if variable else ["--ca-bundle", str(ca)])).code == 0


def test_no_proxy_leads_around_it(inside: Terminal, proxy: Proxy, ca: Path) -> None:
    """The name is one that only the proxy knows, so around it there is nothing."""
    for listed in (HOST, ".fedgate.test", "localhost,fedgate.test"):
        inside.env["NO_PROXY"] = listed
        typed = inside.type("roles", "--ca-bundle", str(ca))
        assert typed.code == 3
        assert f"cannot reach https://{HOST}" in typed.err
    assert proxy.asked == []


def test_a_proxy_that_wants_a_password(inside: Terminal, proxy: Proxy, ca: Path) -> None:
    proxy.password = PASSWORD
    inside.env["SSL_CERT_FILE"] = str(ca)
    typed = inside.type("roles")
    assert typed.code == 3
    assert "407" in typed.err
    inside.env["HTTPS_PROXY"] = proxy.address.replace("//", f"//ada:{PASSWORD}@")
    assert inside.type("roles").code == 0
    typed = inside.type("doctor")
    assert PASSWORD not in typed.out + typed.err


def test_a_proxy_that_is_away(inside: Terminal, ca: Path) -> None:
    inside.env |= {"HTTPS_PROXY": f"http://ada:{PASSWORD}@127.0.0.1:9", "SSL_CERT_FILE": str(ca)}
    typed = inside.type("roles")
    assert typed.code == 3
    assert PASSWORD not in typed.err


def test_the_doctor_tells_which_way_and_which_ca(inside: Terminal, proxy: Proxy, ca: Path) -> None:
    inside.env["PATH"] = str(inside.home)
    found = {one["check"]: one for one in findings(inside)}
    assert found["gateway"]["level"] == "wrong"
    assert "its CA is a private one" in found["gateway"]["sentence"]
    assert f"configure --gateway https://{HOST} --ca-bundle FILE" in found["gateway"]["run"]
    assert inside.type("configure", "--ca-bundle", str(ca)).code == 0
    found = {one["check"]: one for one in findings(inside)}
    assert str(ca) in found["ca"]["sentence"]
    assert "config.json" in found["ca"]["sentence"]
    assert found["proxy"]["subject"] == proxy.address
    assert {found[check]["level"] for check in ("ca", "proxy", "gateway", "sign-in")} == {"ok"}
    inside.env |= {"NO_PROXY": HOST, "AWS_CA_BUNDLE": "/none.pem"}
    found = {one["check"]: one for one in findings(inside)}
    assert "NO_PROXY" in found["proxy"]["sentence"]
    assert found["ca"]["level"] == "wrong"
    assert found["environment"]["run"] == "unset AWS_CA_BUNDLE"


def findings(terminal: Terminal) -> list[dict[str, str]]:
    found: list[dict[str, str]] = json.loads(terminal.type("doctor", "--json").out)["findings"]
    return sorted(found, key=lambda one: one["level"] == "wrong")
