"""Today's groups at a terminal's refresh: asked for once, believed for as long as they may be, and a grant that is over
ends everything that grew from it."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from app.core.identity import Identity
from app.core.proof import Proof
from app.core.roles import Method
from app.errors import GatewayError, NotFound, ProviderUnavailable, SignInRefused, SignInRequired
from app.providers.arrival import Renewal
from app.sessions import Lifetimes, Session, SessionBook, Tokens, open_book
from app.sessions.terminals import Ended
from app.store.redis import connect
from app.store.sealing import Sealer
from tests.core.people import NOW, person
from tests.sessions.conftest import Clock

HOUR = timedelta(hours=1)
LIFETIMES = Lifetimes(8 * HOUR, 12 * HOUR, 4 * HOUR, 8 * HOUR, 12 * HOUR, HOUR)
ALICE = person("alice", "Developers", "Staff", mfa=True)
FIRST = {"refresh_token": "theirs-1"}


@dataclass(slots=True)
class Company:
    """The provider: a refresh token of its own that works once, and today's groups."""

    groups: frozenset[str] = frozenset({"Staff"})
    fails: GatewayError | None = None
    answers_for: Identity = ALICE
    gives: bool = True
    proof: Proof | None = None
    meanwhile: Callable[[], object] = lambda: None
    asked: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def renew(self, kept: Mapping[str, str], identity: Identity, now: datetime) -> Renewal | None:
        with self._lock:
            self.asked.append(kept["refresh_token"])
            number = len(self.asked)
        time.sleep(0.05)
        self.meanwhile()
        if self.fails is not None:
            raise self.fails
        if not self.gives:
            return None
        # A careless answer: it says nothing of how she signed in, which must not undo or better what she proved.
        who = self.answers_for
        fresh = replace(who, groups=self.groups, verified_at=now, authenticated_at=now, mfa=False)
        return Renewal(fresh, {"refresh_token": f"theirs-{number + 1}"}, self.proof)


@dataclass(frozen=True, slots=True)
class Story:
    book: SessionBook
    other_worker: SessionBook
    company: Company
    clock: Clock
    cookie: str
    parent: Session

    def terminal(self, device: str = "laptop") -> Tokens:
        return self.book.terminals.open(self.parent.identity, device, parent=self.parent)[0]

    def refreshed(self, tokens: Tokens) -> Tokens:
        answer = self.book.terminals.refresh(tokens.refresh_token)
        assert isinstance(answer, Tokens)
        return answer

    def session(self, tokens: Tokens) -> Session:
        found = self.book.terminals.find(tokens.access_token)
        assert found is not None
        return found


@pytest.fixture
def story(redis_url: str) -> Story:
    clock, company, sealer = Clock(), Company(), Sealer([secrets.token_bytes(32)])
    one, two = (open_book(connect(redis_url), sealer, LIFETIMES, clock, company.renew) for _ in range(2))
    cookie, parent = one.browsers.open(ALICE, FIRST)
    return Story(one, two, company, clock, cookie, parent)


def test_groups_that_are_young_are_not_asked_for(story: Story) -> None:
    tokens = story.terminal()
    story.clock.forward(minutes=59)
    assert story.session(story.refreshed(tokens)).identity == ALICE
    assert story.company.asked == []


def test_a_group_that_was_taken_away_is_gone_with_the_refresh_after_an_hour(story: Story) -> None:
    tokens = story.terminal()
    story.clock.forward(hours=1)
    session = story.session(story.refreshed(tokens))
    assert session.identity.groups == {"Staff"}
    assert session.identity.verified_at == NOW + HOUR
    assert session.expires_at == NOW + 5 * HOUR  # the age is counted from today's groups


def test_a_refresh_proves_nothing_about_the_person(story: Story) -> None:
    tokens = story.terminal()
    story.clock.forward(hours=1)
    identity = story.session(story.refreshed(tokens)).identity
    assert (identity.authenticated_at, identity.mfa) == (NOW, True)


def test_no_renewal_makes_a_terminal_live_longer_than_it_may(story: Story) -> None:
    tokens = story.terminal()
    for hour in range(1, 12):
        story.clock.now = NOW + hour * HOUR
        tokens = story.refreshed(tokens)
    assert story.session(tokens).expires_at == NOW + 12 * HOUR
    assert story.company.asked == [f"theirs-{n}" for n in range(1, 12)]  # each of its tokens once
    story.clock.now = NOW + 12 * HOUR
    with pytest.raises(SignInRequired):
        story.book.terminals.refresh(tokens.refresh_token)


def test_a_terminal_that_was_approved_at_the_end_of_the_browsers_day_is_still_renewed(redis_url: str) -> None:
    clock, company = Clock(), Company()
    book = open_book(
        connect(redis_url),
        Sealer([secrets.token_bytes(32)]),
        replace(LIFETIMES, max_group_age=24 * HOUR),
        clock,
        company.renew,
    )
    _, parent = book.browsers.open(ALICE, FIRST)
    clock.forward(hours=7)
    tokens: object = book.terminals.open(ALICE, "late", parent=parent)[0]
    for _ in range(11):
        clock.forward(hours=1)
        assert isinstance(tokens, Tokens)
        tokens = book.terminals.refresh(tokens.refresh_token)
    assert isinstance(tokens, Tokens)


def test_ten_terminals_of_one_sign_in_on_two_workers_ask_the_company_once(story: Story) -> None:
    terminals = [story.terminal(f"terminal {n}") for n in range(10)]
    story.clock.forward(hours=2)
    workers = [story.book, story.other_worker]
    with ThreadPoolExecutor(10) as threads:
        answers = list(threads.map(lambda n: workers[n % 2].terminals.refresh(terminals[n].refresh_token), range(10)))
    assert story.company.asked == ["theirs-1"]
    for answer in answers:
        assert isinstance(answer, Tokens)
        assert story.session(answer).identity.groups == {"Staff"}


def test_while_the_company_is_away_yesterdays_groups_count_until_they_are_too_old(story: Story) -> None:
    story.company.fails = ProviderUnavailable("away", reason="oidc.unreachable")
    tokens, other = story.terminal(), story.terminal("desktop")
    story.clock.forward(hours=2)
    tokens, other = story.refreshed(tokens), story.refreshed(other)
    assert story.session(tokens).identity == story.session(other).identity == ALICE
    assert len(story.company.asked) == 1  # the second did not wait for its timeout again
    story.clock.forward(minutes=1)
    tokens = story.refreshed(tokens)
    assert len(story.company.asked) == 2
    story.clock.now = NOW + 4 * HOUR
    with pytest.raises(SignInRequired):
        story.book.terminals.refresh(tokens.refresh_token)


@pytest.mark.parametrize(
    ("fails", "who", "reason"),
    [
        (SignInRefused("over", reason="oidc.refresh.over"), ALICE, "oidc.refresh.over"),
        (NotFound("switched off"), ALICE, "provider.gone"),
        (None, replace(ALICE, subject="somebody-else"), "upstream.subject"),
        (None, replace(ALICE, provider="other"), "upstream.subject"),
    ],
)
def test_a_grant_that_is_over_ends_everything_that_grew_from_it(
    story: Story, fails: GatewayError | None, who: Identity, reason: str
) -> None:
    story.company.fails, story.company.answers_for = fails, who
    laptop, desktop = story.terminal("laptop"), story.terminal("desktop")
    story.clock.forward(hours=1)
    answer = story.book.terminals.refresh(laptop.refresh_token)
    assert isinstance(answer, Ended)
    assert (answer.reason, len(answer.ended)) == (reason, 3)
    assert story.book.browsers.find(story.cookie) is None
    assert story.book.upstreams.of(story.parent) is None
    for tokens in (laptop, desktop):
        assert story.book.terminals.find(tokens.access_token) is None
        with pytest.raises(SignInRequired):
            story.book.terminals.refresh(tokens.refresh_token)


def test_many_who_hear_at_once_that_the_grant_is_over_are_one_event_and_one_question(story: Story) -> None:
    story.company.fails = SignInRefused("over", reason="oidc.refresh.over")
    terminals = [story.terminal(f"terminal {n}") for n in range(6)]
    story.clock.forward(hours=1)

    def go(tokens: Tokens) -> Tokens | object:
        try:
            return story.book.terminals.refresh(tokens.refresh_token)
        except SignInRequired:
            return None

    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(go, terminals))
    assert not any(isinstance(answer, Tokens) for answer in answers)
    assert [len(answer.ended) for answer in answers if isinstance(answer, Ended) and answer.ended] == [7]
    assert story.company.asked == ["theirs-1"]


def test_a_sign_out_while_the_company_is_asked_means_what_it_says(story: Story) -> None:
    tokens = story.terminal()
    story.clock.forward(hours=1)
    story.company.meanwhile = lambda: story.other_worker.browsers.sign_out(story.cookie)
    with pytest.raises(SignInRequired):
        story.book.terminals.refresh(tokens.refresh_token)
    assert story.book.live.of(ALICE.person) == ()


def test_a_step_up_while_the_company_is_asked_is_not_overwritten(story: Story) -> None:
    tokens = story.terminal()
    story.clock.forward(hours=1)
    newer = {"refresh_token": "of-the-step-up"}
    fresh = replace(ALICE, verified_at=NOW + HOUR, authenticated_at=NOW + HOUR)
    story.company.meanwhile = lambda: story.other_worker.browsers.open(fresh, newer, replacing=story.cookie)
    story.refreshed(tokens)
    kept = story.book.upstreams.of(story.parent)
    assert kept is not None
    assert kept.kept == newer


def test_a_step_up_in_the_browser_gives_its_terminals_no_second_factor(story: Story) -> None:
    """Or whoever had copied a terminal's tokens would step up with their owner."""
    plain = replace(ALICE, mfa=False)
    cookie, parent = story.book.browsers.open(plain, FIRST)
    tokens, _ = story.book.terminals.open(plain, "laptop", parent=parent)
    story.clock.forward(hours=2)
    stronger = replace(ALICE, authenticated_at=NOW + 2 * HOUR, verified_at=NOW + 2 * HOUR)
    story.book.browsers.open(stronger, FIRST, replacing=cookie)
    identity = story.session(story.refreshed(tokens)).identity
    assert (identity.mfa, identity.authenticated_at) == (False, NOW)
    assert identity.verified_at == NOW + 2 * HOUR
    assert story.company.asked == []


def test_without_a_refresh_token_of_theirs_the_groups_stay_and_age(story: Story) -> None:
    _, parent = story.book.browsers.open(ALICE)
    tokens, _ = story.book.terminals.open(ALICE, "laptop", parent=parent)
    story.company.gives = False
    story.clock.forward(hours=2)
    assert story.session(story.refreshed(tokens)).identity == ALICE
    assert story.session(story.refreshed(story.terminal())).identity == ALICE
    assert story.company.asked == ["theirs-1"]  # of the sign-in that had one, and it gave nothing


def test_a_new_statement_of_the_company_is_kept_for_aws(story: Story) -> None:
    proof = Proof(Method.WEB_IDENTITY, "eyJ", NOW + 2 * HOUR)
    story.company.proof = proof
    tokens = story.terminal()
    story.clock.forward(hours=1)
    assert story.book.proofs.of(story.session(story.refreshed(tokens)).identity) == proof
