"""What is fuzzed: a function from bytes, and where to begin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


@dataclass(frozen=True, slots=True)
class Target:
    """`check` raises for every input that shows a mistake of the program; `seeds` are honest inputs."""

    name: str
    check: Callable[[bytes], None]
    seeds: tuple[bytes, ...]
    words: tuple[bytes, ...] = ()  # for the mutator: what means something in this language

    @property
    def known(self) -> tuple[Path, ...]:
        """What was found once; each is replayed for ever."""
        return tuple(sorted(path for path in (CORPUS / self.name).glob("*") if path.is_file()))


def text_of(data: bytes) -> str:
    """As a form field or a query arrives: UTF-8, with what is none of it made visible."""
    return data.decode("utf-8", "replace")
