"""What stands between the terminal and the gateway: redirects, proxies, certificates, and answers without end."""

from __future__ import annotations

import datetime as dt
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.cli.failures import Failure
from app.cli.wire import Wire
from tests.cli import fake_gateway
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal


@pytest.fixture
def other() -> Iterator[Gateway]:
    """Somebody else's server."""
    with fake_gateway.running() as running:
        yield running


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_carries_no_token_away(signed_in: Terminal, gateway: Gateway, other: Gateway, status: int) -> None:
    gateway.raw = (status, {"Location": other.address + "/api/v1/roles"}, b"")
    typed = signed_in.type("roles")
    assert typed.code == 3
    assert "redirect" in typed.err
    assert other.seen == []


def test_an_endpoint_of_another_origin_gets_no_code(terminal: Terminal, gateway: Gateway, other: Gateway) -> None:
    gateway.address, kept = other.address, gateway.address
    terminal.env["FEDGATE_GATEWAY"] = kept
    typed = terminal.login()
    assert typed.code == 2
    assert "endpoint of its own" in typed.err
    assert other.seen == []


def test_a_gateway_on_this_machine_is_never_asked_through_a_proxy(signed_in: Terminal, other: Gateway) -> None:
    signed_in.env |= {"HTTP_PROXY": other.address, "http_proxy": other.address, "ALL_PROXY": other.address}
    assert signed_in.type("roles").code == 0
    assert other.seen == []


def test_a_gateway_elsewhere_is_asked_through_the_proxy(terminal: Terminal) -> None:
    with connects() as (address, asked):
        terminal.env |= {"HTTPS_PROXY": address, "FEDGATE_GATEWAY": "https://aws.example.com"}
        assert terminal.type("login", "--no-browser").code == 3
        assert asked == ["CONNECT aws.example.com:443"]


def test_no_proxy_is_honoured(terminal: Terminal) -> None:
    with connects() as (address, asked):
        terminal.env |= {"HTTPS_PROXY": address, "NO_PROXY": ".invalid", "FEDGATE_GATEWAY": "https://aws.invalid"}
        assert terminal.type("login", "--no-browser").code == 3
        assert asked == []


def test_an_answer_without_end_is_cut_off(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.raw = (200, {"Content-Type": "application/json"}, b" " * 3_000_000)
    typed = signed_in.type("roles")
    assert typed.code == 3
    assert "answer too large" in typed.err


def test_a_half_answer_is_not_used(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.raw = (200, {"Content-Type": "application/json", "Content-Length": "500", "Connection": "close"}, b'{"a":')
    typed = signed_in.type("roles", seconds=40)
    assert typed.code in (1, 3)
    assert "Traceback" not in typed.err


def test_a_gateway_that_says_nothing_is_given_up(terminal: Terminal) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        terminal.env["FEDGATE_GATEWAY"] = f"http://127.0.0.1:{silent.getsockname()[1]}"
        typed = terminal.type("login")
    assert typed.code == 3
    assert "timed out" in typed.err


@pytest.mark.parametrize(
    "reply",
    [b"", b"\x16\x03\x01garbage\r\n\r\n", b"HTTP/1.1 99999 \r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 500],
)
def test_what_is_no_http_is_unreachable_and_no_traceback(terminal: Terminal, reply: bytes) -> None:
    with answers(reply) as address:
        terminal.env["FEDGATE_GATEWAY"] = address
        typed = terminal.type("login")
    assert typed.code == 3
    assert "Traceback" not in typed.err


def test_a_private_ca_is_trusted_when_it_is_named(terminal: Terminal, gateway: Gateway, tmp_path: Path) -> None:
    certificate = with_tls(gateway, tmp_path)
    terminal.env["FEDGATE_GATEWAY"] = gateway.address
    typed = terminal.type("configure")
    assert typed.code == 3
    assert "its certificate is not trusted" in typed.err
    for name in ("AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"):
        terminal.env[name] = str(certificate)
        assert terminal.type("configure").code == 0, name
        del terminal.env[name]
    assert terminal.type("configure", "--ca-bundle", str(certificate)).code == 0
    # Remembered: AWS tools start credential-process without the shell's variables.
    assert terminal.type("login", "--no-browser", "--timeout", "1").code == 4


@pytest.mark.parametrize(
    "kept", ["by its hash", "by its hash, beside others", "in a file", "under a name, and in a file"]
)
def test_the_systems_certificates_are_found_however_they_are_kept(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    """In a directory by their hashes OpenSSL finds the one that it needs; in a file it reads them all."""
    certificate = with_tls(gateway, tmp_path)
    folder = tmp_path / "certs"
    folder.mkdir()
    monkeypatch.setenv("SSL_CERT_DIR", str(folder))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "none.pem"))
    if "in a file" in kept:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    if "others" in kept:
        shutil.copy("/etc/ssl/certs/ca-certificates.crt", folder / "ca-certificates.crt")
    if "under a name" in kept:
        (folder / "00000000.0").write_text("another's")
    if "by its hash" in kept:
        shutil.copy(certificate, folder / f"{subject_hash(certificate)}.0")
    assert Wire(gateway.address, "").get("/healthz").status == 200


def test_a_certificate_that_nobody_vouches_for_is_refused(
    gateway: Gateway, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_tls(gateway, tmp_path)
    for folder in (tmp_path, Path("/etc/ssl/certs")):
        monkeypatch.setenv("SSL_CERT_DIR", str(folder))
        with pytest.raises(Failure, match="its certificate is not trusted"):
            Wire(gateway.address, "").get("/healthz")
    assert gateway.seen == []


def subject_hash(certificate: Path) -> str:
    command = ["openssl", "x509", "-noout", "-subject_hash", "-in", str(certificate)]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def with_tls(gateway: Gateway, folder: Path) -> Path:
    """From now on it answers in TLS; the certificate of the CA that vouches for it."""
    certificate = make_certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, folder / "key.pem")
    gateway.server.socket = context.wrap_socket(gateway.server.socket, server_side=True)
    gateway.address = gateway.issuer = gateway.address.replace("http:", "https:")
    return certificate


def test_a_ca_file_that_cannot_be_read_is_named(terminal: Terminal, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("not a certificate")
    for path in (tmp_path / "ca.pem", tmp_path / "none.pem"):
        typed = terminal.type("configure", "--gateway", "https://aws.example.com", "--ca-bundle", str(path))
        assert typed.code == 2
        assert str(path) in typed.err
        assert typed.err.endswith("configure --ca-bundle FILE\n")


def test_a_ca_file_that_is_remembered_can_be_taken_back(terminal: Terminal, gateway: Gateway, tmp_path: Path) -> None:
    ca = with_tls(gateway, tmp_path)
    terminal.env["FEDGATE_GATEWAY"] = gateway.address
    assert terminal.type("configure", "--ca-bundle", str(ca)).code == 0
    assert terminal.type("configure").code == 0
    ca.rename(tmp_path / "moved.pem")
    assert "cannot be read as a file of certificates" in terminal.type("configure").err
    terminal.env["SSL_CERT_FILE"] = str(tmp_path / "moved.pem")
    assert terminal.type("configure", "--ca-bundle", "").code == 0
    assert terminal.type("configure").code == 0


@contextmanager
def answers(reply: bytes, asked: list[str] | None = None) -> Iterator[str]:
    """A server that reads one request at a time, answers each with these bytes, and hangs up."""
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                request = connection.recv(65536).decode("latin-1")
                if asked is not None:
                    asked.append(" ".join(request.split(" ")[:2]))
                connection.sendall(reply)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


@contextmanager
def connects() -> Iterator[tuple[str, list[str]]]:
    """A proxy that notes where it should connect to, and refuses."""
    asked: list[str] = []
    with answers(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", asked) as address:
        yield address, asked


def make_certificate(folder: Path, host: str = "localhost") -> Path:
    """For 127.0.0.1 and that name."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Example private CA")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1")), x509.DNSName(host)]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (folder / "key.pem").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (folder / "ca.pem").write_bytes(made.public_bytes(pem))
    return folder / "ca.pem"
