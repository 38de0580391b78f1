"""YAML and JSON from strangers."""

from __future__ import annotations

import pytest

from app.catalog.importing import Source
from app.catalog.importing.json_text import read_json
from app.catalog.importing.yaml_text import read_yaml
from app.errors import ConfigurationProblems
from tests.patience import without_waiting

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_words_stay_words() -> None:
    found = read_yaml("a: 012345670123\non: yes\nnothing:\ndate: 2026-11-22\nfloat: 1e3\nquoted: '1'")
    assert found == {
        "a": "012345670123",
        "on": "yes",
        "nothing": "",
        "date": "2026-11-22",
        "float": "1e3",
        "quoted": "1",
    }


def test_an_alias_is_what_it_stands_for() -> None:
    assert read_yaml("a: &x [1, 2]\nb: *x") == {"a": ["1", "2"], "b": ["1", "2"]}


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        "a: &a [*a]",
        "a: *nowhere",
        "[" * 60 + "]" * 60,
        "[" * 100_000,
        "{a: " * 100_000,
        "a: 1\na: 2",
        "<<: {a: 1}",
        "[a]: b",
        "a: 1\n---\nb: 2",
        "a: [",
        "a: \x00",
        "\ud800",
        "- x\n" * 600_000,
    ],
)
def test_yaml_that_means_harm_or_nothing_is_refused_soon(text: str) -> None:
    with without_waiting(60), pytest.raises(ConfigurationProblems):
        read_yaml(text)


def test_tags_make_no_objects() -> None:
    text = "!!python/object/apply:os.system ['exit 1']"
    assert read_yaml(text) == ["exit 1"]
    assert read_yaml("!!int 5") == "5"


@pytest.mark.parametrize("text", ["{", '{"a": 1, "a": 2}', "[" * 100_000, "1" * 5000, "NaN{", ""])
def test_json_that_means_harm_or_nothing_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationProblems):
        read_json(text)


def test_nothing_larger_than_a_catalog_is_looked_at() -> None:
    with pytest.raises(ConfigurationProblems, match="larger than 32 MiB"):
        Source("x" * (32 * 1024 * 1024 + 1), "corp")
    with pytest.raises(ConfigurationProblems, match="empty"):
        Source(" \n", "corp")
