"""Whom a request comes from, as proxies write it."""

from __future__ import annotations

import pytest
from flask import Flask

from app.core.networks import network_of
from app.web.visit import address


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:51234", "203.0.113.7"),
        ("[2001:db8::7]:51234", "2001:db8::7"),
        ("[2001:db8::7]", "2001:db8::7"),
        ("2001:db8::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.7"),
        ("unknown", "unknown"),
        ("", ""),
    ],
)
def test_a_port_beside_the_address_makes_nobody_somebody_new(written: str, meant: str) -> None:
    """As Azure's Application Gateway writes it: otherwise each connection would have limits of its own."""
    with Flask(__name__).test_request_context(environ_base={"REMOTE_ADDR": written}):
        assert address() == meant


def test_of_ipv6_it_is_the_network_that_counts() -> None:
    assert network_of("2001:db8::7") == network_of("2001:db8::ffff:8") == "2001:db8::/64"
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.7")
