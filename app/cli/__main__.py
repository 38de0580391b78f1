"""Where the program starts: finds the command, and turns every end into an exit code and plain words."""

from __future__ import annotations

import os
import sys

from .failures import INTERRUPTED, UNEXPECTED, USAGE, Failure

ON_POSIX = frozenset(("exec", "serve", "doctor"))  # they live on signals, terminals and owners
PROCESS = ("credential-process", "credential_process", "process")


def main() -> int:
    """Runs the command that was typed. Returns the exit code."""
    umask = os.umask(0o077)  # whatever a command creates, it is nobody else's to read
    words = sys.argv[1:]
    process = process_words(words)
    short = process is not None
    try:
        return started(words, process, umask)
    except Failure as failure:
        say(failure, short)
        return failure.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (`| head`) has left; Python would complain about it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return UNEXPECTED
    except Exception as problem:
        if os.environ.get("FEDGATE_DEBUG") == "1":
            raise
        sentence = f"unexpected problem ({type(problem).__name__}); FEDGATE_DEBUG=1 shows more"
        say(Failure(UNEXPECTED, sentence), short)
        return UNEXPECTED


def process_words(words: list[str]) -> list[str] | None:
    """The options of `credential-process`; None when another command was typed, or help is wanted."""
    rest = list(words)
    front: list[str] = []
    while rest and rest[0].partition("=")[0] in ("--gateway", "--ca-bundle"):
        taken = 1 if "=" in rest[0] else 2
        front, rest = front + rest[:taken], rest[taken:]
    if not rest or rest[0] not in PROCESS or "--help" in rest or "-h" in rest:
        return None
    return front + rest[1:]


def started(words: list[str], process: list[str] | None, umask: int) -> int:
    if sys.platform == "win32" and not ON_POSIX.isdisjoint(words):
        raise Failure(USAGE, "exec, serve and doctor are there on Linux, on macOS and in WSL", run="env --help")
    if process is not None:
        from . import hand_over

        return hand_over.run(process)
    from . import commands

    code = commands.run(words, umask)
    sys.stdout.flush()
    return code


def say(failure: Failure, short: bool) -> None:
    if short:
        sys.stderr.write(failure.as_line())
        return
    from . import output

    output.explain(failure)


if __name__ == "__main__":
    sys.exit(main())
