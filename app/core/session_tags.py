"""Session tags, inside AWS's limits (STS API Reference, "Tag"; IAM User Guide, "Passing session tags")."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from unicodedata import category

MAX_TAGS = 50


class SessionTags(Mapping[str, str]):
    """At most 50 tags; keys 1-128, values 0-256 of letters, numbers, spaces and `_.:/=+-@`.

    Keys compare without case in AWS (IAM User Guide, "Passing session tags"), so two that differ only by
    case are refused here, as is the reserved prefix `aws:`.
    """

    __slots__ = ("_tags",)

    def __init__(self, tags: Mapping[str, str]) -> None:
        if len(tags) > MAX_TAGS:
            raise ValueError(f"expected at most {MAX_TAGS} tags, got {len(tags)}")
        folded: set[str] = set()
        for key, value in tags.items():
            if not 1 <= len(key) <= 128 or not _is_tag_text(key):
                raise ValueError(f"tag key {key!r}: expected 1-128 letters, numbers, spaces or _.:/=+-@")
            if len(value) > 256 or not _is_tag_text(value):
                raise ValueError(f"tag {key!r}: expected a value of at most 256 letters, numbers, spaces or _.:/=+-@")
            if key.lower().startswith("aws:"):
                raise ValueError(f"tag key {key!r}: the prefix aws: is reserved")
            if key.casefold() in folded:
                raise ValueError(f"tag key {key!r}: another key differs from it only by case")
            folded.add(key.casefold())
        self._tags = dict(sorted(tags.items()))

    def __getitem__(self, key: str) -> str:
        return self._tags[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._tags)

    def __len__(self) -> int:
        return len(self._tags)

    def __repr__(self) -> str:
        return f"SessionTags({self._tags!r})"


def _is_tag_text(text: str) -> bool:
    """AWS's class is `[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]`. By category: `\\s` would take the control U+0085."""
    return all(c in "_.:/=+-@" or category(c)[0] in "LZN" for c in text)
