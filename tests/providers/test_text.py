"""Which texts may be names."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.providers.text import is_plain


@pytest.mark.parametrize("text", ["alice", "Alice Ops", "josé", "Ørsted/Team (EU)", "日本", "a\u00a0b", "x" * 256, ""])
def test_plain(text: str) -> None:
    assert is_plain(text, 256)


@pytest.mark.parametrize(
    "text",
    [
        *(" a", "a ", "a\u00a0", "\ta", "a\nb", "a\x00b", "a\x7fb", "a\x85b"),
        *("a\u200bb", "a\u200db", "a\u202eb", "a\u2066b", "a\ufeffb", "a\u00adb", "a\u2028b"),
        *("\ud800", "a\ue000", "a\U000e0041b", "a\ufe0fb", "a\u034fb", "\u3164", "a\u2800b", "a\uffffb"),
        *("e\u0301", "\u212b", "x" * 257, "é" * 129),
    ],
)
def test_not_what_it_looks_like(text: str) -> None:
    assert not is_plain(text, 256)


@given(st.text(max_size=40))
def test_what_is_plain_can_be_written_normalised_and_split_without_change(text: str) -> None:
    if is_plain(text, 256):
        assert text == text.strip() == unicodedata.normalize("NFC", text)
        assert text.isprintable() or any(unicodedata.category(c) == "Zs" for c in text)
        assert len(text.encode()) <= 256
