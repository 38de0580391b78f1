"""Authorization codes: what becomes of one that is stolen on its way to the terminal."""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.core.events import Event, Kind
from app.core.identity import Identity
from app.issuance import Principal
from app.sessions import Lifetimes, Session, Tokens, open_book
from app.store.counters import Counters
from app.store.memory import MemoryDrawers
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from app.terminal.flow import Code, Redeemed, Refused, TerminalSignIn
from app.terminal.requests import CLIENT_ID, AuthorizationRequest

NOW = datetime(2026, 11, 21, 20, 0, tzinfo=UTC)
BOB = Identity("corp", "bob", "bob@example.com", frozenset({"Staff"}), NOW, NOW)
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
WANTED = AuthorizationRequest("http://127.0.0.1:9/callback", "a-state-of-bobs", CHALLENGE, "laptop")


class Recording:
    """A journal in a list."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def record(self, event: Event) -> None:
        self.events.append(event)

    def ready(self) -> None:
        """Always."""


@pytest.fixture
def audit() -> Recording:
    return Recording()


@pytest.fixture
def flow(audit: Recording) -> TerminalSignIn:
    drawers, sealer = MemoryDrawers(lambda: NOW), Sealer([b"k" * 32])
    hours = timedelta(hours=8)
    terminals = open_book(drawers, sealer, Lifetimes(hours, hours, hours), lambda: NOW).terminals
    codes, redeemed = Shelf("code", Code, drawers, sealer), Shelf("redeemed", Redeemed, drawers, sealer)
    return TerminalSignIn("https://aws.example.com", codes, redeemed, terminals, Counters(drawers, sealer), audit)


@pytest.fixture
def code(flow: TerminalSignIn) -> str:
    """Bob agreed; this is on its way to his terminal."""
    session = Session(BOB, NOW, NOW + timedelta(hours=8), "handle")
    answer = flow.approve(Principal(session, "192.0.2.7", "AAAA-AAAA"), WANTED)
    return parse_qs(urlsplit(answer).query)["code"][0]


def redeem(flow: TerminalSignIn, code: str, **changes: str) -> Tokens | Refused:
    form = {
        "client_id": CLIENT_ID,
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": WANTED.redirect_uri,
        "code_verifier": VERIFIER,
    }
    return flow.token({**form, **changes}, "192.0.2.9", "BBBB-BBBB")


def last(audit: Recording) -> Event:
    return audit.events[-1]


def test_what_a_code_brought_ends_when_the_code_comes_again(flow: TerminalSignIn, audit: Recording, code: str) -> None:
    tokens = redeem(flow, code)
    assert isinstance(tokens, Tokens)
    assert flow.terminals.find(tokens.access_token) is not None
    assert isinstance(redeem(flow, code), Refused)
    assert flow.terminals.find(tokens.access_token) is None
    assert (last(audit).kind, last(audit).subject, last(audit).address) == (Kind.CODE_REUSED, "bob", "192.0.2.9")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"code_verifier": "w" * 43}, "oauth.verifier"),
        ({"code_verifier": ""}, "oauth.verifier"),
        ({"redirect_uri": "http://127.0.0.1:10/callback"}, "oauth.redirect"),
    ],
)
def test_a_code_in_the_wrong_hands_is_worth_nothing_and_is_on_record(
    flow: TerminalSignIn, audit: Recording, code: str, changes: dict[str, str], reason: str
) -> None:
    assert isinstance(redeem(flow, code, **changes), Refused)
    assert (last(audit).kind, last(audit).facts["reason"]) == (Kind.TERMINAL_REFUSED, reason)
    assert isinstance(redeem(flow, code), Refused)  # it was used up


def test_a_code_that_never_was_leaves_no_line(flow: TerminalSignIn, audit: Recording) -> None:
    assert isinstance(redeem(flow, "never"), Refused)
    assert audit.events == []
