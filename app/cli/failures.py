"""What stops a command: one class, with the exit code that scripts see and the command that helps."""

from __future__ import annotations

UNEXPECTED = 1
USAGE = 2  # usage or local configuration
UNREACHABLE = 3  # trying again may help
SIGN_IN = 4
DENIED = 5
BUSY = 6  # another process holds a lock
AWS = 7  # AWS refused
INTERRUPTED = 130

LONGEST_LINE = 200  # bytes, newline included: AWS tools show or log the whole of a helper's stderr


class Failure(Exception):
    """`sentence` is for people and holds no secret; `run` is the command that helps, without the program's name.
    `reference` ends the sentence: under it the gateway's log has the rest."""

    def __init__(self, code: int, sentence: str, *, run: str = "", reference: str = "") -> None:
        self.code = code
        self.tail = f" (reference {reference})" if reference else ""
        self.sentence = sentence + self.tail
        super().__init__(self.sentence)
        self.run = run
        self.goes_on = False  # what was handed out before this may be used to its end: more is wanted, nothing is over

    def as_line(self) -> str:
        """One printable line of at most 200 bytes that ends in the command to run. What has no room stands in the
        gateway's log, so the reference stays."""
        end = printable(f"{self.tail}; run: fedgate {self.run or 'status'}")
        room = LONGEST_LINE - len("fedgate: ") - len(end.encode()) - 1
        said = printable(self.sentence[: len(self.sentence) - len(self.tail)]).rstrip(".")
        return f"fedgate: {shortened(said, room)}{end}\n"


def printable(text: str) -> str:
    """Without control characters: a gateway's or a file's text must not be able to steer the terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def shortened(text: str, size: int) -> str:
    """At most `size` bytes of ASCII, whatever the locale of the tool that reads it."""
    plain = text.encode("ascii", "replace").decode("ascii")
    return plain if len(plain) <= size else plain[: max(size - 3, 0)] + "..."
