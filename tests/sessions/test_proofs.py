"""The company's own statements at rest: found by who verified them, gone when AWS would not take them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from app.core.proof import Proof
from app.core.roles import Method
from app.sessions import Proofs
from app.store.memory import MemoryDrawers
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from tests.core.people import NOW, person

PROOF = Proof(Method.SAML, "PHNhbWxwOlJlc3BvbnNl", NOW + timedelta(minutes=5))


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def a_book(clock: Clock) -> Proofs:
    return Proofs(Shelf("proof", Proof, MemoryDrawers(clock), Sealer([b"k" * 32])), clock)


def test_a_statement_is_found_by_the_sign_in_that_brought_it_and_by_no_other() -> None:
    book, alice = a_book(Clock()), person("alice", "Developers")
    book.keep(alice, PROOF)
    assert book.of(alice) == PROOF
    assert book.of(replace(alice, groups=frozenset())) == PROOF  # the same verification, however it is looked at
    assert book.of(replace(alice, verified_at=NOW + timedelta(seconds=1))) is None
    assert book.of(replace(alice, provider="other")) is None
    assert book.of(person("bob", "Developers")) is None


def test_a_statement_ends_when_aws_stops_taking_it() -> None:
    clock = Clock()
    book, alice = a_book(clock), person("alice", "Developers")
    book.keep(alice, PROOF)
    clock.now = PROOF.expires_at
    assert book.of(alice) is None
    book.keep(alice, PROOF)  # too late: nothing to keep
    assert book.of(alice) is None


def test_who_signs_out_leaves_no_statement_behind() -> None:
    book, alice = a_book(Clock()), person("alice", "Developers")
    book.keep(alice, PROOF)
    book.forget(alice)
    assert book.of(alice) is None
