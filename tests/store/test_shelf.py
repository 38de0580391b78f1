"""Sealed documents: what Redis sees, and what happens when it lies."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
import redis

from app.store.drawers import Drawers
from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from tests.store.conftest import Place

MINUTE = timedelta(minutes=1)
SECRET = "a-secret-that-nobody-may-find"
KEY = "alice@example.test's cookie"


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    at: datetime = datetime(2026, 11, 21, tzinfo=UTC)
    groups: frozenset[str] = frozenset({"Developers"})
    more: dict[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NoteOfTomorrow:
    """The same document in a later version of the gateway."""

    text: str
    needed_now: int


def shelf(drawers: Drawers, *keys: bytes, name: str = "notes") -> Shelf[Note]:
    return Shelf(name, Note, drawers, Sealer(keys))


@pytest.fixture
def key() -> bytes:
    return secrets.token_bytes(32)


def test_a_document_comes_back_as_it_was(drawers: Drawers, key: bytes) -> None:
    notes = shelf(drawers, key)
    note = Note("é\0\n\u2028", more={"department": ("Payments", "")})
    notes.put(KEY, note, MINUTE)
    assert notes.get(KEY) == note
    assert notes.get(KEY + "x") is None
    assert notes.take(KEY) == note
    assert notes.take(KEY) is None


def test_add_and_drop(drawers: Drawers, key: bytes) -> None:
    notes = shelf(drawers, key)
    assert notes.add(KEY, Note("first"), MINUTE)
    assert not notes.add(KEY, Note("second"), MINUTE)
    assert notes.get(KEY) == Note("first")
    notes.drop(KEY)
    assert notes.add(KEY, Note("third"), MINUTE)


def test_a_key_with_half_a_surrogate_pair_finds_nothing(drawers: Drawers, key: bytes) -> None:
    assert shelf(drawers, key).get("\ud800") is None


def test_a_dump_of_redis_holds_neither_names_nor_contents(redis_url: str, key: bytes) -> None:
    notes = shelf(connect(redis_url), key)
    notes.put(KEY, Note(SECRET), MINUTE)
    assert notes.get(KEY) == Note(SECRET)
    names, values = _dump(redis_url)
    for plain in (b"alice", b"cookie", SECRET.encode(), b"Developers", b"2026-11-21", key):
        assert plain not in names + values


def test_two_seals_of_one_document_differ(drawers: Drawers, key: bytes) -> None:
    sealer = Sealer([key])
    name = sealer.names("notes", KEY)[0]
    assert sealer.seal("notes", KEY, name, b"x") != sealer.seal("notes", KEY, name, b"x")


@pytest.mark.parametrize("to", [("notes", "mallory"), ("tickets", KEY)])
def test_a_document_moved_to_another_key_or_shelf_does_not_open(
    drawers: Drawers, key: bytes, to: tuple[str, str]
) -> None:
    sealer = Sealer([key])
    shelf(drawers, key).put(KEY, Note("Alice's"), MINUTE)
    sealed = drawers.get(sealer.names("notes", KEY)[0])
    assert sealed is not None
    drawers.put(sealer.names(*to)[0], sealed, MINUTE)
    assert shelf(drawers, key, name=to[0]).get(to[1]) is None
    assert shelf(drawers, key).get(KEY) == Note("Alice's")


def test_a_document_with_one_flipped_bit_does_not_open(drawers: Drawers, key: bytes) -> None:
    notes, name = shelf(drawers, key), Sealer([key]).names("notes", KEY)[0]
    notes.put(KEY, Note("x"), MINUTE)
    sealed = drawers.get(name)
    assert sealed is not None
    for bit in range(len(sealed) * 8):
        flipped = bytearray(sealed)
        flipped[bit // 8] ^= 1 << bit % 8
        drawers.put(name, bytes(flipped), MINUTE)
        assert notes.get(KEY) is None, f"bit {bit}"


@pytest.mark.parametrize("found", [b"", b"\x01", b"\x01" * 13, b"{}", b"\x02" + bytes(60), bytes(60)])
def test_what_was_never_sealed_is_as_if_it_were_not_there(drawers: Drawers, key: bytes, found: bytes) -> None:
    drawers.put(Sealer([key]).names("notes", KEY)[0], found, MINUTE)
    notes = shelf(drawers, key)
    assert notes.get(KEY) is None
    assert notes.change(KEY, lambda note: replace(note, text="new")) is None
    assert notes.take(KEY) is None


def test_the_sealing_key_alone_opens_nothing_without_the_documents_key(drawers: Drawers, key: bytes) -> None:
    """A stolen dump and a stolen sealing key: the cookie, token or code is still missing."""
    sealer = Sealer([key])
    name = sealer.names("notes", KEY)[0]
    shelf(drawers, key).put(KEY, Note(SECRET), MINUTE)
    sealed = drawers.get(name)
    assert sealed is not None
    assert sealer.open("notes", "", name, sealed) is None
    assert sealer.open("notes", name, name, sealed) is None
    assert sealer.open("notes", KEY, name, sealed) is not None


def test_a_document_of_another_version_is_as_if_it_were_not_there(drawers: Drawers, key: bytes) -> None:
    shelf(drawers, key).put(KEY, Note("old"), MINUTE)
    assert Shelf("notes", NoteOfTomorrow, drawers, Sealer([key])).get(KEY) is None


def test_with_a_new_sealing_key_old_documents_are_read_changed_and_taken(drawers: Drawers, key: bytes) -> None:
    new = secrets.token_bytes(32)
    shelf(drawers, key).put(KEY, Note("old"), MINUTE)
    both = shelf(drawers, new, key)
    assert both.get(KEY) == Note("old")
    assert not both.add(KEY, Note("another"), MINUTE)
    assert both.change(KEY, lambda note: replace(note, text="changed")) == Note("changed")
    assert both.get(KEY) == Note("changed")
    assert both.take(KEY) == Note("changed")
    assert both.get(KEY) is None


def test_what_stands_under_two_sealing_keys_is_still_taken_once(drawers: Drawers, key: bytes) -> None:
    new = secrets.token_bytes(32)
    shelf(drawers, key).put(KEY, Note("old"), MINUTE)
    both = shelf(drawers, new, key)
    both.put(KEY, Note("new"), MINUTE)
    assert both.take(KEY) == Note("new")
    assert both.take(KEY) is None


def test_when_the_old_sealing_key_is_gone_so_are_its_documents(drawers: Drawers, key: bytes) -> None:
    shelf(drawers, key).put(KEY, Note("old"), MINUTE)
    assert shelf(drawers, secrets.token_bytes(32)).get(KEY) is None


@pytest.mark.parametrize("keys", [[], [b""], [b"x" * 31], [b"x" * 32, b"x" * 33]])
def test_a_sealing_key_of_another_size_is_refused(keys: list[bytes]) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Sealer(keys)


def test_printing_a_sealer_shows_no_key(key: bytes) -> None:
    assert repr(Sealer([key])) == "Sealer(1 keys)"


def test_change_keeps_the_end_and_leaves_alone_what_it_does_not_want(place: Place, key: bytes) -> None:
    notes, life = shelf(place.drawers, key), timedelta(seconds=20)
    notes.put(KEY, Note("a"), life)
    assert notes.change(KEY, lambda note: None) == Note("a")
    assert notes.change(KEY, lambda note: replace(note, text=note.text + "b")) == Note("ab")
    place.wait(life * 1.2)
    assert notes.change(KEY, lambda note: note) is None


def test_change_with_a_life_of_its_own_begins_it_anew(place: Place, key: bytes) -> None:
    notes, life = shelf(place.drawers, key), timedelta(seconds=20)
    notes.put(KEY, Note("a"), life)
    assert notes.change(KEY, lambda note: replace(note, text="b"), MINUTE) == Note("b")
    place.wait(life * 1.2)
    assert notes.get(KEY) == Note("b")


def test_of_ten_threads_that_change_one_document_none_loses_anything(drawers: Drawers, key: bytes) -> None:
    notes = shelf(drawers, key)
    notes.put(KEY, Note(""), MINUTE)
    with ThreadPoolExecutor(10) as threads:
        list(threads.map(lambda _: notes.change(KEY, lambda note: replace(note, text=note.text + "x")), range(60)))
    assert notes.get(KEY) == Note("x" * 60)


def _dump(url: str) -> tuple[bytes, bytes]:
    with redis.from_url(url) as client:
        names = list(client.scan_iter())
        return b"\n".join(names), b"\n".join(client.get(n) or b"" for n in names if client.type(n) == b"string")
