"""A role that wants a stronger sign-in than the one that is here (RFC 9470)."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal

BOTH = 'Bearer error="insufficient_user_authentication", max_age=900, acr_values="mfa"'


@pytest.mark.parametrize(
    ("challenge", "options"),
    [
        (BOTH, "--mfa --max-age 15"),
        ('Bearer error="insufficient_user_authentication", max_age="90"', "--max-age 1"),
        ('Bearer error="insufficient_user_authentication", acr_values="mfa"', "--mfa"),
        ('Bearer realm="fedgate"', "--force"),
    ],
)
def test_one_line_says_how_to_sign_in(signed_in: Terminal, gateway: Gateway, challenge: str, options: str) -> None:
    gateway.step_up = challenge
    typed = signed_in.credentials()
    assert (typed.code, typed.out) == (4, "")
    assert typed.err.endswith(f"; run: fedgate login {options}\n")
    assert typed.err.count("\n") == 1
    assert len(typed.err.encode()) <= 200


def test_the_sign_in_that_is_here_is_kept(signed_in: Terminal, gateway: Gateway) -> None:
    """Nothing is wrong with it: other roles go on, and its refresh token is not spent for nothing."""
    gateway.step_up = BOTH
    for _ in range(3):
        assert signed_in.credentials().code == 4
    assert gateway.calls["grant:refresh_token"] == 0
    gateway.step_up = ""
    assert signed_in.credentials().code == 0


def test_credentials_that_were_handed_out_before_are_used_to_their_end(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.credentials()
    signed_in.age(50 * 60)  # ten minutes are left, for which the gateway is asked for new ones
    gateway.step_up = BOTH
    asked = gateway.calls["/api/v1/credentials"]
    assert signed_in.credentials().code == 0
    assert gateway.calls["/api/v1/credentials"] == asked + 1
    signed_in.age(50 * 60)
    assert signed_in.credentials().code == 4


@pytest.mark.parametrize("way", ["browser", "device"])
def test_the_terminal_asks_for_what_is_wanted_also_when_it_is_signed_in(
    signed_in: Terminal, gateway: Gateway, way: str
) -> None:
    [old] = gateway.refresh
    options = ("--mfa", "--max-age", "15")
    typed = signed_in.login(*options) if way == "browser" else signed_in.type("login", "--device", *options)
    assert typed.code == 0, typed.err
    asked = gateway.device_asked
    if way == "browser":
        [target] = [path for _, path, _, _ in gateway.seen if path.startswith("/oauth/authorize")]
        asked = {name: values[0] for name, values in parse_qs(urlsplit(target).query).items()}
    assert (asked["acr_values"], asked["max_age"]) == ("mfa", "900")
    assert old not in gateway.refresh, "the old sign-in still lives at the gateway"


@pytest.mark.parametrize("age", ["0", "-5", "1441", "soon", "1.5", "99999999"])
def test_an_age_that_means_nothing_is_a_usage_error(terminal: Terminal, age: str) -> None:
    assert terminal.type("login", "--max-age", age).code == 2


def test_who_ended_a_sign_in_is_said(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.said_at_the_end = "Your company's identity provider has ended this sign-in. Run: fedgate login"
    gateway.end_sign_ins()
    typed = signed_in.credentials()
    assert typed.code == 4
    assert typed.err == "fedgate: Your company's identity provider has ended this sign-in; run: fedgate login\n"
