"""Who is signed in on which terminal: tokens, their rotation and their end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis

from app.errors import SignInRequired
from app.sessions import Tokens
from app.sessions.terminals import ACCESS_TOKEN_LIFE, GRACE, Reused
from app.store.sealing import Sealer
from tests.core.people import NOW, person
from tests.sessions.conftest import LIFETIMES, Book

ALICE = person("alice", "Developers")


def refreshed(book: Book, token: str) -> Tokens:
    answer = book.terminals.refresh(token)
    assert isinstance(answer, Tokens)
    return answer


def test_alice_is_found_by_her_access_token(book: Book) -> None:
    tokens, session = book.approved(ALICE, "alice's laptop")
    assert book.terminals.find(tokens.access_token) == session
    assert (session.identity, session.device) == (ALICE, "alice's laptop")
    assert tokens.expires_in == ACCESS_TOKEN_LIFE.total_seconds()
    assert tokens.refresh_expires_in == LIFETIMES.max_group_age.total_seconds()


def test_one_kind_of_token_does_not_do_for_the_other(book: Book) -> None:
    tokens, session = book.approved(ALICE, "")
    assert book.terminals.find(tokens.refresh_token) is None
    assert book.terminals.find(session.handle) is None
    assert book.terminals.find("") is None
    for token in (tokens.access_token, session.handle, "", "\ud800"):
        with pytest.raises(SignInRequired):
            book.terminals.refresh(token)


def test_printing_tokens_shows_none(book: Book) -> None:
    tokens, _ = book.approved(ALICE, "")
    assert tokens.access_token not in repr(tokens)
    assert tokens.refresh_token not in repr(tokens)


def test_a_refresh_gives_a_new_pair_for_the_same_session(book: Book) -> None:
    tokens, session = book.approved(ALICE, "")
    book.clock.forward(minutes=50)
    fresh = refreshed(book, tokens.refresh_token)
    assert len({tokens.access_token, tokens.refresh_token, fresh.access_token, fresh.refresh_token}) == 4
    assert book.terminals.find(fresh.access_token) == session
    assert fresh.refresh_expires_in == tokens.refresh_expires_in - 50 * 60  # a refresh makes nothing last longer


def test_an_access_token_does_not_outlive_its_session(book: Book) -> None:
    tokens, _ = book.approved(person("alice", verified_at=NOW - timedelta(hours=9, minutes=50)))
    assert tokens.expires_in == 600
    book.clock.forward(minutes=10)
    assert book.terminals.find(tokens.access_token) is None
    with pytest.raises(SignInRequired):
        book.terminals.refresh(tokens.refresh_token)


def test_groups_that_are_too_old_open_no_terminal(book: Book) -> None:
    _, parent = book.browsers.open(ALICE)
    with pytest.raises(SignInRequired):
        book.terminals.open(person("alice", verified_at=NOW - LIFETIMES.max_group_age), "", parent=parent)


def test_within_the_grace_the_old_token_gives_the_same_successor(book: Book) -> None:
    tokens, _ = book.approved(ALICE, "")
    first = refreshed(book, tokens.refresh_token)
    book.clock.now += GRACE
    assert refreshed(book, tokens.refresh_token) == first


def test_after_the_grace_the_old_token_ends_the_whole_session(book: Book) -> None:
    tokens, session = book.approved(ALICE, "")
    fresh = refreshed(book, tokens.refresh_token)
    book.clock.now += GRACE + timedelta(seconds=1)
    assert book.terminals.find(fresh.access_token) is not None
    assert book.terminals.refresh(tokens.refresh_token) == Reused(session)
    for token in (tokens.access_token, fresh.access_token):
        assert book.terminals.find(token) is None
    for token in (tokens.refresh_token, fresh.refresh_token):
        with pytest.raises(SignInRequired):
            book.terminals.refresh(token)


def test_twenty_processes_that_refresh_at_once_get_one_successor_that_works(book: Book) -> None:
    tokens, session = book.approved(ALICE, "")
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: refreshed(book, tokens.refresh_token), range(20)))
    assert len({(answer.access_token, answer.refresh_token) for answer in answers}) == 1
    assert book.terminals.find(answers[0].access_token) == session
    assert refreshed(book, answers[0].refresh_token) != answers[0]


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_revoking_either_token_ends_the_session_and_leaves_the_other_terminal_alone(book: Book, kind: str) -> None:
    (tokens, session), (others, _) = book.approved(ALICE, "laptop"), book.approved(ALICE, "desktop")
    assert book.terminals.revoke(getattr(tokens, kind)) == session
    assert book.terminals.find(tokens.access_token) is None
    with pytest.raises(SignInRequired):
        book.terminals.refresh(tokens.refresh_token)
    assert book.terminals.revoke(tokens.access_token) is None
    assert book.terminals.find(others.access_token) is not None


def test_a_token_that_was_rotated_away_still_revokes(book: Book) -> None:
    tokens, session = book.approved(ALICE, "")
    fresh = refreshed(book, tokens.refresh_token)
    assert book.terminals.revoke(tokens.refresh_token) == session
    assert book.terminals.find(fresh.access_token) is None


def test_revoking_what_nobody_was_given_is_no_error(book: Book) -> None:
    assert book.terminals.revoke("unknown") is None
    assert book.terminals.revoke("") is None


def test_whoever_steals_redis_and_the_sealing_key_finds_no_token_and_opens_no_session(
    book: Book, redis_url: str
) -> None:
    tokens, session = book.approved(ALICE, "laptop")
    fresh = refreshed(book, tokens.refresh_token)
    cookie, _ = book.browsers.open(ALICE)
    dump = _dump(redis_url)
    whole = b"\n".join([*dump, *dump.values()])
    for secret in (*_secrets(tokens), *_secrets(fresh), cookie, session.handle, "alice", "Developers", "laptop"):
        assert secret.encode() not in whole
    thief = Sealer([book.sealing_key])
    for name, sealed in dump.items():
        shelf, key = name.decode().split(":")[1:3]
        for guess in ("", key, name.decode(), session.handle):
            assert thief.open(shelf, guess, name.decode(), sealed) is None


def _secrets(tokens: Tokens) -> tuple[str, str]:
    return tokens.access_token, tokens.refresh_token


def _dump(url: str) -> dict[bytes, bytes]:
    with redis.from_url(url) as client:
        found = {name: client.get(name) for name in client.scan_iter("fg:*")}
    return {name: value for name, value in found.items() if value is not None}
