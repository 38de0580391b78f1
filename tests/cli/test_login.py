from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import threading
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import IO
from urllib.parse import parse_qs, urlsplit

import pytest

from app.terminal import zipapp
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.patience import SECONDS


def test_ada_signs_in_with_her_browser(terminal: Terminal, gateway: Gateway) -> None:
    typed = terminal.login()
    assert (typed.code, typed.out) == (0, "")
    assert "Signed in as ada <ada@example.com> until" in typed.err
    assert terminal.page().startswith("200\n")
    assert "You can close this tab" in terminal.page()
    assert gateway.calls["grant:authorization_code"] == 1


def test_the_page_in_the_browser_holds_no_token_and_no_code(terminal: Terminal, gateway: Gateway) -> None:
    terminal.login()
    secrets = [*gateway.access, *gateway.refresh]
    assert secrets
    assert not [one for one in secrets if one in terminal.page()]


def test_the_request_is_that_of_a_public_client_with_pkce_and_says_where_it_comes_from(
    terminal: Terminal, gateway: Gateway
) -> None:
    terminal.login()
    [target] = [path for _, path, _, _ in gateway.seen if path.startswith("/oauth/authorize")]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    assert asked["client_id"] == "fedgate-cli"
    assert asked["response_type"] == "code"
    assert asked["code_challenge_method"] == "S256"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", asked["code_challenge"])
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/callback", asked["redirect_uri"])
    assert len(asked["state"]) >= 43
    assert asked["device_name"]


def test_somebody_who_is_signed_in_is_not_asked_again(signed_in: Terminal, gateway: Gateway) -> None:
    typed = signed_in.login()
    assert typed.code == 0
    assert "Already signed in as ada" in typed.err
    assert gateway.calls["/oauth/authorize"] == 0


def test_force_signs_in_again_and_drops_what_was_cached(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.credentials()
    assert signed_in.login("--force").code == 0
    assert gateway.calls["/oauth/authorize"] == 1
    assert signed_in.cached() == []


def test_without_a_browser_the_address_is_printed(terminal: Terminal, gateway: Gateway) -> None:
    started = terminal.start("login", "--no-browser", "--timeout", "120s")
    assert started.stderr
    url = address_in(started.stderr)
    visit(url)
    out, err = started.communicate(timeout=60)
    assert (started.returncode, out) == (0, "")
    assert "Signed in as ada" in err


def test_the_browser_variable_is_honoured(terminal: Terminal) -> None:
    terminal.env["BROWSER"] = f"/nowhere/at-all:{terminal.browser()}"
    assert terminal.type("login", "--timeout", "120s").code == 0


def test_a_browser_that_does_not_exist_is_a_usage_error(terminal: Terminal) -> None:
    typed = terminal.type("login", "--browser", "no-such-browser")
    assert typed.code == 2
    assert "no-such-browser" in typed.err


def test_ada_declines(terminal: Terminal, gateway: Gateway) -> None:
    gateway.denied = True
    typed = terminal.login()
    assert typed.code == 5
    assert "declined" in typed.err
    assert terminal.page().startswith("400\n")
    assert terminal.type("status", "--check").code == 4


@pytest.mark.parametrize("issuer", ["https://evil.example", ""])
def test_an_answer_of_another_issuer_is_not_redeemed(terminal: Terminal, gateway: Gateway, issuer: str) -> None:
    gateway.iss_in_answer = issuer
    typed = terminal.login()
    assert typed.code == 1
    assert "another server" in typed.err
    assert gateway.calls["grant:authorization_code"] == 0


def test_a_gateway_that_calls_itself_otherwise_gets_nothing(terminal: Terminal, gateway: Gateway) -> None:
    gateway.issuer = "https://aws.example.com"
    typed = terminal.login()
    assert typed.code == 2
    assert gateway.calls["/oauth/authorize"] == 0


def test_foreign_requests_do_not_end_the_wait(terminal: Terminal) -> None:
    started = terminal.start("login", "--no-browser", "--timeout", "120s")
    assert started.stderr
    url = address_in(started.stderr)
    asked = parse_qs(urlsplit(url).query)
    port = urlsplit(asked["redirect_uri"][0]).port
    assert port
    state = asked["state"][0]
    assert answer(port, f"/callback?code=stolen&state={'x' * len(state)}") == 400
    assert answer(port, "/callback?code=stolen") == 400
    assert answer(port, f"/callback?code=a&code=b&state={state}") == 400
    assert answer(port, f"/callback/?code=a&state={state}") == 404
    assert answer(port, f"/callback?code=a&state={state}", host="rebound.example") == 404
    assert answer(port, "/favicon.ico") == 404
    visit(url)
    assert started.wait(60) == 0


def test_a_silent_connection_does_not_block_the_answer(terminal: Terminal) -> None:
    started = terminal.start("login", "--no-browser", "--timeout", "120s")
    assert started.stderr
    url = address_in(started.stderr)
    port = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).port
    over = threading.Event()

    def say_little(silent: socket.socket) -> None:
        with suppress(OSError):
            while not over.wait(1):
                silent.sendall(b"x")

    with socket.create_connection(("127.0.0.1", port or 0)) as silent:
        threading.Thread(target=say_little, args=(silent,), daemon=True).start()
        visit(url)
        assert started.wait(SECONDS) == 0
        over.set()


def test_the_listener_is_gone_after_the_answer(terminal: Terminal) -> None:
    started = terminal.start("login", "--no-browser", "--timeout", "120s")
    assert started.stderr
    url = address_in(started.stderr)
    port = urlsplit(parse_qs(urlsplit(url).query)["redirect_uri"][0]).port
    assert port
    visit(url)
    started.wait(60)
    with pytest.raises(ConnectionRefusedError):
        answer(port, "/callback")


def test_a_port_that_is_taken_is_named(terminal: Terminal, gateway: Gateway) -> None:
    port = gateway.address.rsplit(":", 1)[1]
    typed = terminal.login("--port", port)
    assert typed.code == 2
    assert f"port {port} on 127.0.0.1 is in use" in typed.err


def test_nobody_comes(terminal: Terminal) -> None:
    typed = terminal.type("login", "--no-browser", "--timeout", "1")
    assert typed.code == 4
    assert "nobody signed in within 1 s" in typed.err


def test_ctrl_c_ends_the_wait_quietly(terminal: Terminal) -> None:
    started = terminal.start("login", "--no-browser")
    assert started.stderr
    address_in(started.stderr)
    started.send_signal(signal.SIGINT)
    _, err = started.communicate(timeout=60)
    assert started.returncode == 130
    assert "Traceback" not in err


def test_a_downloaded_copy_knows_its_gateway(tmp_path: Path, gateway: Gateway) -> None:
    path = tmp_path / "fedgate.pyz"
    zipapp.build(path, "1.2.3", gateway.address + "/")
    terminal = Terminal(tmp_path / "home", path, "")
    del terminal.env["FEDGATE_GATEWAY"]
    assert terminal.login().code == 0
    assert terminal.type("status", "--check").code == 0


def test_the_first_gateway_becomes_the_usual_one(terminal: Terminal, gateway: Gateway) -> None:
    del terminal.env["FEDGATE_GATEWAY"]
    assert terminal.login("--gateway", gateway.address).code == 0
    assert terminal.type("status", "--check").code == 0


def test_what_is_kept_is_for_its_owner_only(signed_in: Terminal) -> None:
    signed_in.credentials()
    kept = signed_in.everything_kept()
    assert len(kept) > 8
    assert {name: oct(seen.st_mode & 0o077) for name, seen in kept.items() if seen.st_mode & 0o077} == {}


def address_in(stream: IO[str]) -> str:
    for line in stream:
        if line.startswith("  http"):
            return line.strip()
    raise AssertionError("no address was printed")


def visit(url: str) -> None:
    urllib.request.urlopen(url, timeout=60).read()


def answer(port: int, target: str, host: str = "") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", target, headers={"Host": host} if host else {})
    status = connection.getresponse().status
    connection.close()
    return status


def test_a_home_in_which_nothing_can_be_kept_is_a_clear_error(terminal: Terminal) -> None:
    (terminal.home / ".local").write_text("a file where a directory should be")
    typed = terminal.login()
    assert typed.code == 2
    assert "Traceback" not in typed.err
    assert os.fspath(terminal.home) in typed.err


@pytest.mark.parametrize(("wanted", "again"), [("7h", 0), ("9h", 1), ("28000", 0), ("481m", 1)])
def test_who_has_too_little_time_left_signs_in_again(
    signed_in: Terminal, gateway: Gateway, wanted: str, again: int
) -> None:
    """The sign-in of these tests ends in eight hours."""
    typed = signed_in.login("--min-ttl", wanted)
    assert typed.code == 0
    assert gateway.calls["/oauth/authorize"] == again
    assert ("only; signing in anew" in typed.err) == bool(again)


@pytest.mark.parametrize("wanted", ["soon", "-1h", "1d", "h", "1h30m", "\u0663h"])
def test_what_is_no_time_is_refused(terminal: Terminal, wanted: str) -> None:
    for command in ("login", "status"):
        typed = terminal.type(command, f"--min-ttl={wanted}")
        assert (typed.code, typed.out) == (2, "")
        assert "90s, 30m or 8h" in typed.err
