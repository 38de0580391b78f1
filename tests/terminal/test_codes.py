"""Authorization codes: what becomes of one that is stolen on its way to the terminal."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from app.core.events import Event, Kind
from app.core.identity import Identity
from app.core.needs import Needs
from app.errors import InvalidRequest, SignInRefused, SignInRequired, StepUpRequired
from app.grants.flow import Code, TerminalSignIn
from app.grants.redemption import Redeemed, Redemption, Refused
from app.grants.requests import CLIENT_ID, AuthorizationRequest
from app.issuance import Principal
from app.sessions import Lifetimes, Session, SessionBook, Tokens, open_book
from app.store.counters import Counters
from app.store.memory import MemoryDrawers
from app.store.sealing import Sealer
from app.store.shelf import Shelf

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
def book() -> SessionBook:
    hours = timedelta(hours=8)
    drawers, sealer = MemoryDrawers(lambda: NOW), Sealer([b"k" * 32])
    return open_book(drawers, sealer, Lifetimes(hours, hours, hours), lambda: NOW)


@pytest.fixture
def flow(audit: Recording, book: SessionBook) -> TerminalSignIn:
    drawers, sealer = MemoryDrawers(lambda: NOW), Sealer([b"k" * 32])
    redemption = Redemption(Shelf("redeemed", Redeemed, drawers, sealer), book.terminals, audit)
    codes, counters = Shelf("code", Code, drawers, sealer), Counters(drawers, sealer)
    return TerminalSignIn(
        "https://aws.example.com", codes, book.terminals, redemption, counters, audit, lambda: NOW, None
    )


@pytest.fixture
def session(book: SessionBook) -> Session:
    """Bob's browser."""
    return book.browsers.open(BOB)[1]


@pytest.fixture
def seen_half_an_hour_ago(book: SessionBook) -> Session:
    """His browser, too. His provider asked for no second factor."""
    return book.browsers.open(replace(BOB, authenticated_at=NOW - timedelta(minutes=30)))[1]


@pytest.fixture
def code(flow: TerminalSignIn, session: Session) -> str:
    """Bob agreed; this is on its way to his terminal."""
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


def test_a_code_from_before_the_gateway_knew_whose_it_was_still_works(flow: TerminalSignIn, session: Session) -> None:
    flow.codes.put("old", Code(session, WANTED.redirect_uri, CHALLENGE, "laptop"), timedelta(minutes=1))
    assert isinstance(redeem(flow, "old"), Tokens)


def test_a_code_that_never_was_leaves_no_line(flow: TerminalSignIn, audit: Recording) -> None:
    assert isinstance(redeem(flow, "never"), Refused)
    assert audit.events == []


def test_a_code_is_worth_nothing_after_a_sign_out(
    flow: TerminalSignIn, book: SessionBook, session: Session, code: str
) -> None:
    """Or a terminal that was approved a moment before would outlive it."""
    book.live.end(BOB.person, sign_in=session.sign_in)
    with pytest.raises(SignInRequired):
        redeem(flow, code)


@pytest.mark.parametrize("needs", [Needs(mfa=True), Needs(max_age=timedelta(minutes=20))])
def test_a_terminal_that_asks_for_more_than_this_browser_has_gets_no_code(
    flow: TerminalSignIn, audit: Recording, seen_half_an_hour_ago: Session, needs: Needs
) -> None:
    with pytest.raises(StepUpRequired) as missing:
        flow.approve(Principal(seen_half_an_hour_ago, "192.0.2.7", "AAAA-AAAA"), replace(WANTED, needs=needs))
    age = None if needs.max_age is None else int(needs.max_age.total_seconds())
    assert (missing.value.mfa, missing.value.max_age) == (needs.mfa, age)
    assert audit.events == []


@pytest.mark.parametrize("needs", [Needs(), Needs(max_age=timedelta(minutes=30))])
def test_a_terminal_that_asks_for_what_is_there_gets_its_code(
    flow: TerminalSignIn, seen_half_an_hour_ago: Session, needs: Needs
) -> None:
    answer = flow.approve(Principal(seen_half_an_hour_ago, "192.0.2.7", "AAAA-AAAA"), replace(WANTED, needs=needs))
    assert "code=" in answer


def test_what_a_terminal_asks_for_survives_the_page() -> None:
    wanted = replace(WANTED, needs=Needs(mfa=True, max_age=timedelta(minutes=15)))
    assert AuthorizationRequest.parse(wanted.fields()) == wanted


@pytest.mark.parametrize(
    ("device", "shown"),
    [
        ("ip-10-0-0-1.eu-west-1.compute.internal", "ip-10-0-0-1.eu-west-1.compute.internal"),
        ("Alice's MacBook", "Alice's MacBook"),
        ("laptop is up to date. Press the button", ""),
        ("laptop, which", ""),
        ("<b>laptop</b>", ""),
        ("build_7", "build_7"),
        pytest.param("_" * 63 + "!", "", id="read in 10^13 ways, if a pattern lets it"),
    ],
)
def test_a_name_that_is_a_sentence_is_not_shown_in_the_question(device: str, shown: str) -> None:
    assert AuthorizationRequest.parse({**WANTED.fields(), "device_name": device}).device == shown


@pytest.mark.parametrize("max_age", ["0", "59", "86401", "-900", "900.0", "fifteen", "\uff19\uff10\uff10", "9" * 30])
def test_an_age_that_means_nothing_is_refused(max_age: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        AuthorizationRequest.parse({**WANTED.fields(), "max_age": max_age})
    assert refused.value.reason == "oauth.max_age"


def test_a_refresh_says_that_the_provider_ended_the_sign_in(audit: Recording) -> None:
    def over(_kept: Mapping[str, str], _identity: Identity, _now: datetime) -> None:
        raise SignInRefused("The provider says that it is over.", reason="oidc.renew.invalid_grant")

    clock = [NOW]
    hours, drawers, sealer = timedelta(hours=8), MemoryDrawers(lambda: clock[-1]), Sealer([b"k" * 32])
    lifetimes = Lifetimes(hours, hours, hours, group_refresh=timedelta(minutes=5))
    book = open_book(drawers, sealer, lifetimes, lambda: clock[-1], over)
    redemption = Redemption(Shelf("redeemed", Redeemed, drawers, sealer), book.terminals, audit)
    codes, counters = Shelf("code", Code, drawers, sealer), Counters(drawers, sealer)
    flow = TerminalSignIn(
        "https://aws.example.com", codes, book.terminals, redemption, counters, audit, lambda: clock[-1]
    )
    session = book.browsers.open(BOB, {"refresh_token": "of-the-provider"})[1]
    tokens = [book.terminals.open(BOB, name, parent=session)[0] for name in ("laptop", "server")]
    clock.append(NOW + timedelta(minutes=10))
    form = {"client_id": CLIENT_ID, "grant_type": "refresh_token", "refresh_token": tokens[0].refresh_token}
    said = flow.token(form, "192.0.2.9", "BBBB-BBBB")
    assert isinstance(said, Refused)
    assert (said.error, "identity provider has ended" in said.description) == ("invalid_grant", True)
    assert [event.kind for event in audit.events] == [Kind.SIGN_IN_ENDED]
    assert flow.terminals.find(tokens[1].access_token) is None, "the other terminal of that sign-in"
