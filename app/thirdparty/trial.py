"""What three questions to AWS gave, and what follows from it. No I/O here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Word(StrEnum):
    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """`code` is AWS's, or ours for what never reached AWS; for operators."""

    word: Word
    code: str = ""

    def __str__(self) -> str:
        return f"{self.word} {self.code}".strip()

    @classmethod
    def read(cls, text: str) -> Answer:
        word, _, code = text.partition(" ")
        return cls(Word(word), code)


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether AWS gave the role out with the right external id, with a wrong one, and with none."""

    right: Answer
    wrong: Answer
    none: Answer

    @property
    def verdict(self) -> Verdict:
        """One wrong answer is enough to fail, whatever the others are; to pass, all three must be known."""
        words = (self.right.word, self.wrong.word, self.none.word)
        if words == (Word.YES, Word.NO, Word.NO):
            return Verdict.PASSED
        if self.right.word is Word.NO or Word.YES in words[1:]:
            return Verdict.FAILED
        return Verdict.UNKNOWN

    @property
    def is_open_to_others(self) -> bool:
        """The role is given out without the right external id: the confused deputy's door."""
        return Word.YES in (self.wrong.word, self.none.word)

    def as_table(self) -> str:
        rows = (("the right external id", self.right), ("a wrong external id", self.wrong), ("none", self.none))
        wanted = (Word.YES, Word.NO, Word.NO)
        lines = [f"{'asked with':24}{'wanted':9}AWS said"]
        lines += [f"{name:24}{want:9}{answer}" for (name, answer), want in zip(rows, wanted, strict=True)]
        return "\n".join(lines)
