"""Whatever a file says: entries that can be used, or a refusal in words."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.catalog.importing import FORMATS, Source, joined, read
from app.catalog.reading import read_entries
from app.errors import ConfigurationProblems
from tests.catalog.importing.reading import FILES

_FILES = sorted(FILES.iterdir())
_PIECES = st.sampled_from(
    [
        '"',
        ":",
        ";",
        ",",
        "\n",
        "{",
        "}",
        "[",
        "]",
        "&a ",
        "*a",
        "<<",
        "\x00",
        "\u202e",
        "é",
        "$1",
        "(",
        "*",
        "- ",
        "role/",
    ]
)
_json = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.just("arn:aws:iam::111111111111:role/X")
    ),
    lambda inside: st.one_of(
        st.lists(inside, max_size=4),
        st.dictionaries(
            st.sampled_from(
                "Arn Tags Key Value Roles Role policy arn:x clients groups roles users clientScopes protocolMappers "
                "config composites client realm name mapRoles data group_mapping rolearn group".split()
            ),
            inside,
            max_size=5,
        ),
    ),
    max_leaves=20,
)


def can_be_used(name: str, text: str) -> None:
    try:
        found = joined(read(name, Source(text, "corp", ("AWS-Dev", "AWS-111111111111-X"))), {}, FORMATS[name].method)
    except ConfigurationProblems as refused:
        problems = refused.problems
    else:
        read_entries(found.entries, "1", ["corp"])
        problems = [*found.notes, *found.skipped]
    assert all(len(line) < 600 and line.isprintable() for line in problems)


@pytest.mark.parametrize("name", FORMATS)
@given(found=_json)
@settings(max_examples=60, deadline=None)
def test_any_json(name: str, found: object) -> None:
    can_be_used(name, json.dumps(found) or "0")


@pytest.mark.parametrize("file", _FILES, ids=lambda path: path.name)
@given(seed=st.integers(), piece=_PIECES, cuts=st.integers(1, 4))
@settings(max_examples=40, deadline=None)
def test_any_damaged_file(file: Path, seed: int, piece: str, cuts: int) -> None:
    text, chosen = file.read_text("utf-8"), random.Random(seed)  # noqa: S311 - places in a text
    for _ in range(cuts):
        start = chosen.randrange(len(text))
        text = text[:start] + piece + text[start + chosen.randrange(4) :]
    for name in FORMATS:
        can_be_used(name, text)
