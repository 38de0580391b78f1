"""Where the program starts: finds the command, and turns every end into an exit code and plain words."""

from __future__ import annotations

import os
import sys

from .failures import INTERRUPTED, UNEXPECTED, USAGE, Failure

ON_POSIX = frozenset(("exec", "serve", "doctor"))  # they live on signals, terminals and owners
LAST_STREAM = 2
PROCESS = ("credential-process", "credential_process", "process")


def main() -> int:
    """Runs the command that was typed. Returns the exit code."""
    umask = os.umask(0o077)  # whatever a command creates, it is nobody else's to read
    open_closed_streams()
    words = sys.argv[1:]
    process = process_words(words)
    short = process is not None
    try:
        return started(words, process, umask)
    except Failure as failure:
        say(failure, short)
        return failure.code
    except KeyboardInterrupt:
        leave_the_line()
        return INTERRUPTED
    except BrokenPipeError:
        return UNEXPECTED  # the reader (`| head`) has left
    except Exception as problem:
        if os.environ.get("FEDGATE_DEBUG") == "1":
            raise
        why = problem.strerror if isinstance(problem, OSError) and problem.strerror else type(problem).__name__
        say(Failure(UNEXPECTED, f"unexpected problem ({why}); FEDGATE_DEBUG=1 shows more"), short)
        return UNEXPECTED
    finally:
        give_up_what_cannot_be_written()


def open_closed_streams() -> None:
    """Where our caller has closed one, the next file that we open would take its number, and a warning would be
    written into it. What we start finds it closed, as it was."""
    while (number := os.open(os.devnull, os.O_RDWR)) <= LAST_STREAM:
        pass
    os.close(number)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115  # as long as we run
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115  # likewise


def leave_the_line() -> None:
    """A terminal has shown `^C`: what the shell says next begins a line of its own."""
    try:
        sys.stderr.write("\n" if sys.stderr.isatty() else "")
    except OSError:
        pass


def give_up_what_cannot_be_written() -> None:
    """On a full disk, and when the reader has left, Python would try once more at exit, complain on standard error
    (AWS tools want one line there), and change the exit code to 120."""
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        try:
            stream.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)


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
    """Where it can be said; the exit code is true also where standard error is a file on a full disk."""
    try:
        if short:
            sys.stderr.write(failure.as_line())
            return
        from . import output

        output.explain(failure)
    except OSError:
        pass


if __name__ == "__main__":
    sys.exit(main())
