"""What is wrong with a file, collected: all of it is told at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Problems:
    """`where` is the file's name; keys are as people count them, from 1."""

    where: str
    sentences: list[str] = field(default_factory=list)

    def note(self, key: str, sentence: str) -> None:
        self.sentences.append(f"{self.where}: {key}: {sentence}")

    def note_each(self, key: str, misfits: Iterable[tuple[str, str]]) -> None:
        """Pairs of a name below `key` and a sentence."""
        for name, sentence in misfits:
            self.note(f"{key}.{name}", sentence)
