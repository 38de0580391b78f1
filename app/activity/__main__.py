"""`python -m app.activity`: the journal for searching, by hand. Run it as the gateway's own user and with its settings.

    rebuild [FILE ...]   reads the journal in again, whole: what is missing is added, what differs is put right

Without files it reads the directory of FEDGATE_AUDIT_JOURNAL; with files, those: journals of other machines, or what
was collected from standard output. Lines that are no records are passed over. Lines older than `activity_days` of
gateway.toml are, too: the next round of the gateway would remove them. The gateway may run meanwhile.

Exit codes: 0 done, 1 not done, 2 wrong usage or settings.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from app.activity.book import ActivityBook
from app.activity.following import batches, journal_files
from app.database.engine import Database
from app.errors import ConfigurationProblems, GatewayError, InvalidRequest
from app.gateway_file import load_gateway
from app.settings import Settings


def rebuild(book: ActivityBook, files: Sequence[Path], since: datetime, told: Callable[[str], object]) -> None:
    """Raises DatabaseUnavailable or OSError; it can then be done again."""
    for path in files:
        lines = 0
        for batch, _ in batches(path, 0):
            kept = [entry for entry in batch if entry.at >= since]
            book.put_right(kept)
            lines += len(kept)
        told(f"{path.name}: {lines} {'event' if lines == 1 else 'events'}")


def main(arguments: Sequence[str]) -> int:
    try:
        if not arguments or arguments[0] != "rebuild":
            raise InvalidRequest(__doc__ or "")
        settings = Settings.from_environment()
        files = [Path(name) for name in arguments[1:]] or _journal(settings)
        since = datetime.now(UTC) - load_gateway(settings.config).activity_kept
        book = ActivityBook(Database(settings.database_url))
        rebuild(book, files, since, lambda line: sys.stdout.write(f"{line}\n"))
    except (ConfigurationProblems, InvalidRequest) as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 2
    except GatewayError as error:
        sys.stderr.write(f"{error.sentence} ({error.reason})\n")
        return 1
    except OSError as error:
        sys.stderr.write(f"{error.filename}: {error.strerror}\n")
        return 1
    return 0


def _journal(settings: Settings) -> list[Path]:
    if settings.audit_journal is None:
        raise InvalidRequest("The journal is a stream: name the files in which it was collected.")
    return journal_files(settings.audit_journal)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
