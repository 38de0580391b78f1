"""A catalog that was read is not read again while it is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from app.catalog.documents import Documents, packed
from app.catalog.entries import Entries, Fields, Key, Kind
from app.catalog.known import Known
from app.catalog.reading import read_entries
from app.catalog.views import Views
from app.errors import ConfigurationProblems, DatabaseUnavailable
from app.toml_files import Table, parse_what_fits

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


def test_problems_are_named_without_going_through_the_catalog_for_each() -> None:
    """Ten thousand rules of a provider that is misspelt took eight seconds."""

    class Counting(dict[Key, Fields]):
        times = 0

        def __iter__(self) -> Iterator[Key]:
            Counting.times += 1
            return super().__iter__()

    rules = {
        name: {"id": name, "provider": "crop", "attributes": {"a": ["b"]}, "roles": [name]} for name in "abcdefghij"
    }
    with pytest.raises(ConfigurationProblems) as found:
        read_entries(Counting({Key(Kind.RULE, name): said for name, said in rules.items()}), "1", {"corp"})
    assert found.value.problems[-1].startswith("rule j: roles: there is no [[role]]")
    assert (len(found.value.problems), Counting.times) == (20, len(Kind))


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


def test_a_slip_that_is_made_often_is_looked_up_once() -> None:
    """Ten thousand rules with the same misspelt key took a minute."""

    class Counted(Table):
        id: str = ""
        asked: ClassVar[int] = 0

        @classmethod
        def model_json_schema(cls, *said: Any, **more: Any) -> dict[str, Any]:
            Counted.asked += 1
            return super().model_json_schema(*said, **more)

    fitting = parse_what_fits("ids = 1\nidd = 2\nide = 3", "catalog.toml", Counted)
    assert [problem.endswith("did you mean id?") for problem in fitting.problems] == [True] * 3
    assert Counted.asked == 1
