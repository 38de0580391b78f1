"""A catalog that was read is not read again while it is looked at."""

from __future__ import annotations

import pytest

from app.catalog.documents import Documents, packed
from app.catalog.entries import Entries, Key, Kind
from app.catalog.known import Known
from app.catalog.views import Views
from app.errors import DatabaseUnavailable

KNOWN = Known(frozenset({"corp"}), {})


def catalog(name: str) -> Entries:
    return {Key(Kind.ACCOUNT, "111111111111"): {"id": "111111111111", "name": name}}


def test_the_same_entries_are_read_once_and_the_present_ones_are_not_pushed_out() -> None:
    views, present = Views(), catalog("Development")
    first = views.read(present, KNOWN)
    for number in range(10):
        views.read(catalog(f"wanted {number}"), KNOWN)
        assert views.read(present, KNOWN) is first


def test_other_providers_or_other_entries_are_another_catalog() -> None:
    views, present = Views(), catalog("Development")
    first = views.read(present, KNOWN)
    assert views.read(present, Known(frozenset({"okta"}), {})) is not first
    assert views.read(dict(present), KNOWN) is not first


def test_the_same_document_is_unpacked_once_and_only_a_few_are_kept() -> None:
    documents, present = Documents(), packed(catalog("Development"))
    first = documents.read(present, "it")
    assert first == catalog("Development")
    for number in range(10):
        documents.read(packed(catalog(f"wanted {number}")), "it")
        assert documents.read(bytes(bytearray(present)), "it") is first
    for number in range(10):
        documents.read(packed(catalog(f"wanted {number}")), "it")
    assert documents.read(present, "it") is not first
    with pytest.raises(DatabaseUnavailable, match="it cannot be read"):
        documents.read(b"broken", "it")
