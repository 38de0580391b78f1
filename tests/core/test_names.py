"""What AWS calls a person."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from app.core.identity import Identity, Person
from app.core.names import opaque_subject, session_name, source_identity
from tests.core.people import person

ANY_TEXT = st.text(st.characters(), max_size=300)  # surrogates included: JSON can spell them
AWS_NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}")  # STS API Reference, AssumeRole, RoleSessionName


@given(provider=ANY_TEXT, subject=ANY_TEXT, name=ANY_TEXT)
def test_whatever_somebody_is_called_aws_takes_the_name(provider: str, subject: str, name: str) -> None:
    identity = _called(name, provider, subject)
    assert AWS_NAME.fullmatch(session_name(identity))
    assert AWS_NAME.fullmatch(source_identity(identity))
    assert 6 <= len(opaque_subject(identity.person)) <= 255


@given(st.tuples(ANY_TEXT, ANY_TEXT), st.tuples(ANY_TEXT, ANY_TEXT), ANY_TEXT)
def test_two_people_never_share_a_name_even_if_they_are_called_alike(
    one: tuple[str, str], other: tuple[str, str], name: str
) -> None:
    names = {session_name(_called(name, *who)) for who in (one, other)}
    subjects = {opaque_subject(Person(*who)) for who in (one, other)}
    assert len(names) == len(subjects) == len({one, other})


@given(st.text(min_size=1, max_size=5), st.text(min_size=1, max_size=5), st.text(min_size=1, max_size=5))
def test_a_letter_moved_from_the_provider_to_the_subject_makes_another_person(a: str, b: str, c: str) -> None:
    assert session_name(_called("alice", a + b, c)) != session_name(_called("alice", a, b + c))


def test_a_space_and_an_underscore_are_two_people() -> None:
    assert session_name(_called("a b", "corp", "a b")) != session_name(_called("a_b", "corp", "a_b"))


def test_mallory_cannot_take_alices_name_by_calling_herself_so() -> None:
    alice = session_name(_called("alice", "corp", "1"))
    assert session_name(_called(alice, "corp", "2")) != alice


def test_alice_keeps_her_name_when_only_her_groups_change() -> None:
    assert session_name(person("alice", "Developers")) == session_name(person("alice", "Staff"))


def test_the_name_begins_with_what_people_can_read() -> None:
    assert session_name(person("alice")).startswith("alice@example.test-")


def test_the_subject_for_aws_says_nothing_about_the_person() -> None:
    assert "alice" not in opaque_subject(person("alice").person)


def _called(name: str, provider: str, subject: str) -> Identity:
    return person(provider=provider, subject=subject, name=name)
