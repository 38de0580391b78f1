"""`fedgate login --device`: a code here, a browser elsewhere."""

from __future__ import annotations

import re
import signal

import pytest

from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.patience import until

LOGIN = ("login", "--device")


def test_ada_signs_in_with_a_browser_elsewhere(terminal: Terminal, gateway: Gateway) -> None:
    gateway.device_answers = ["authorization_pending"]
    typed = terminal.type(*LOGIN)
    assert (typed.code, typed.out) == (0, "")
    assert f"\n  {gateway.address}/device\n" in typed.err
    assert "\n  BCDFG-HJKLM\n" in typed.err
    assert "Signed in as ada <ada@example.com> until" in typed.err
    assert terminal.type("status", "--check").code == 0


def test_the_request_says_who_we_are_and_holds_a_challenge(terminal: Terminal, gateway: Gateway) -> None:
    """Without PKCE, whoever reads the device code on its way has the sign-in."""
    terminal.type(*LOGIN)
    asked = gateway.device_asked
    assert asked["client_id"] == "fedgate-cli"
    assert asked["code_challenge_method"] == "S256"
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", asked["code_challenge"])
    assert asked["device_name"]


def test_no_secret_is_shown(terminal: Terminal, gateway: Gateway) -> None:
    typed = terminal.type(*LOGIN)
    secrets = ["a-device-code", *gateway.access, *gateway.refresh]
    assert not [one for one in secrets if one in typed.err]


def test_it_asks_less_often_when_told_to_slow_down(terminal: Terminal, gateway: Gateway) -> None:
    """RFC 8628 section 3.5: five seconds more, for this and all later questions."""
    gateway.device_answers = ["authorization_pending", "slow_down"]
    assert terminal.type(*LOGIN).code == 0
    first, second, third = gateway.device_polls
    assert 0.9 < second - first < third - second
    assert third - second > 5.9


def test_ada_declines_there(terminal: Terminal, gateway: Gateway) -> None:
    gateway.device_answers = ["access_denied"]
    typed = terminal.type(*LOGIN)
    assert typed.code == 5
    assert "declined" in typed.err
    assert terminal.type("status", "--check").code == 4


@pytest.mark.parametrize("how", ["told", "by_its_own_clock"])
def test_a_code_that_nobody_answers_ends(terminal: Terminal, gateway: Gateway, how: str) -> None:
    gateway.device_answers = ["expired_token"] if how == "told" else ["authorization_pending"] * 50
    gateway.device_life = 300 if how == "told" else 2
    typed = terminal.type(*LOGIN)
    assert typed.code == 4
    assert typed.err.endswith(" login --device\n")


def test_the_wait_can_be_shorter(terminal: Terminal, gateway: Gateway) -> None:
    gateway.device_answers = ["authorization_pending"] * 50
    assert terminal.type(*LOGIN, "--timeout", "2s").code == 4


@pytest.mark.parametrize("error", ["invalid_grant", "unauthorized_client"])
def test_another_error_ends_the_wait(terminal: Terminal, gateway: Gateway, error: str) -> None:
    gateway.device_answers = [error, "authorization_pending"]
    typed = terminal.type(*LOGIN)
    assert typed.code in (1, 4)
    assert len(gateway.device_polls) == 1


def test_a_gateway_that_restarts_meanwhile_costs_nothing(terminal: Terminal, gateway: Gateway) -> None:
    gateway.device_answers = ["authorization_pending"] * 50
    started = terminal.start(*LOGIN)
    until(lambda: bool(gateway.device_asked))
    gateway.raw = (503, {"Content-Type": "text/plain"}, b"restarting")
    seen = len(gateway.seen)
    until(lambda: len(gateway.seen) > seen)
    gateway.device_answers.clear()
    gateway.raw = None
    _, said = started.communicate(timeout=60)
    assert started.returncode == 0, said


def test_ctrl_c_ends_it_without_a_word(terminal: Terminal, gateway: Gateway) -> None:
    gateway.device_answers = ["authorization_pending"] * 50
    started = terminal.start(*LOGIN)
    assert started.stderr
    while "Ctrl-C stops" not in started.stderr.readline():
        pass
    started.send_signal(signal.SIGINT)
    _, rest = started.communicate(timeout=60)
    assert (started.returncode, rest) == (130, "")


def test_a_gateway_that_offers_none_is_not_asked(terminal: Terminal, gateway: Gateway) -> None:
    gateway.offers_device = False
    typed = terminal.type(*LOGIN)
    assert typed.code == 2
    assert "does not sign in by a code" in typed.err
    assert typed.err.endswith(" login --no-device\n")
    assert gateway.calls["/oauth/device_authorization"] == 0


def test_a_page_of_another_host_is_never_shown(terminal: Terminal, gateway: Gateway) -> None:
    gateway.device_page = "https://evil.example"
    typed = terminal.type(*LOGIN)
    assert typed.code == 1
    assert "evil.example" not in typed.err


@pytest.mark.parametrize("offered", [True, False])
def test_without_a_browser_the_other_way_is_named_if_there_is_one(
    terminal: Terminal, gateway: Gateway, offered: bool
) -> None:
    gateway.offers_device = offered
    terminal.env["SSH_CONNECTION"] = "192.0.2.7 5 192.0.2.9 22"
    typed = terminal.type("login", "--no-device", "--timeout", "1s")
    assert ("login --device" in typed.err) == offered
    assert gateway.calls["/oauth/device_authorization"] == 0


def test_the_old_sign_in_ends_at_the_gateway(signed_in: Terminal, gateway: Gateway) -> None:
    [old] = gateway.refresh
    assert signed_in.type(*LOGIN, "--force").code == 0
    assert gateway.calls["/oauth/revoke"] == 1
    assert old not in gateway.refresh
    assert len(gateway.refresh) == 1
    assert signed_in.type("status", "--check").code == 0


def over_ssh(terminal: Terminal) -> Terminal:
    terminal.env["SSH_CONNECTION"] = "192.0.2.1 50000 192.0.2.2 22"
    return terminal


def test_over_ssh_the_sign_in_goes_by_a_code_and_says_so(terminal: Terminal, gateway: Gateway) -> None:
    typed = over_ssh(terminal).type("login")
    assert (typed.code, typed.out) == (0, "")
    assert "Over SSH without a display" in typed.err
    assert "login --no-device" in typed.err
    assert "BCDFG-HJKLM" in typed.err
    assert gateway.calls["/oauth/authorize"] == 0


@pytest.mark.parametrize("words", [("--no-device",), ("--no-browser",), ("--port", "0", "--no-device")])
def test_over_ssh_too_what_was_typed_counts(terminal: Terminal, gateway: Gateway, words: tuple[str, ...]) -> None:
    typed = over_ssh(terminal).type("login", "--timeout", "1", *words)
    assert typed.code == 4
    assert "/oauth/authorize?" in typed.err
    assert "ssh -L" in typed.err
    assert gateway.calls["/oauth/device_authorization"] == 0


def test_over_ssh_a_browser_that_is_named_is_used(terminal: Terminal, gateway: Gateway) -> None:
    over_ssh(terminal).env["BROWSER"] = terminal.browser()
    assert terminal.type("login", "--timeout", "120s").code == 0
    assert gateway.calls["/oauth/device_authorization"] == 0


def test_over_ssh_at_a_gateway_without_codes(terminal: Terminal, gateway: Gateway) -> None:
    gateway.offers_device = False
    typed = over_ssh(terminal).type("login", "--timeout", "1")
    assert typed.code == 4
    assert "Over SSH" not in typed.err


def test_how_to_sign_in_can_be_said_for_good(terminal: Terminal, gateway: Gateway) -> None:
    typed = terminal.type("configure", "--login", "device")
    assert typed.code == 0
    assert "by a code that you type into a browser elsewhere" in typed.err
    assert terminal.type("login").code == 0
    assert gateway.calls["/oauth/device_authorization"] == 1
    assert terminal.type("configure", "--login", "browser").code == 0
    typed = over_ssh(terminal).type("login", "--force", "--timeout", "1")
    assert "/oauth/authorize?" in typed.err
    (terminal.home / ".config/fedgate/config.json").write_text('{"login": "smoke"}')
    typed = terminal.type("login", "--force")
    assert typed.code == 2
    assert "auto, browser, device" in typed.err
