"""`python -m app.sessions`: what operators do about a sign-in in other hands. Run it as the gateway's own user and with
its settings: it reads the same Redis and writes into the same journal.

    show PROVIDER SUBJECT   what of this person is alive: browsers, terminals, since when, last used
    end PROVIDER SUBJECT    ends all of it, and forgets the credentials that are kept

SUBJECT is what the provider calls them: `subject` in the journal. Exit codes: 0 done, 1 not done, 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from app.audit import Audit, JournalFiles, JournalStream
from app.core.events import Event, Kind
from app.core.identity import Person
from app.errors import ConfigurationProblems, GatewayError, InvalidRequest
from app.gateway_file import load_gateway
from app.sessions.book import open_book
from app.sessions.live import LiveSession, LiveSessions
from app.settings import Settings
from app.store.redis import connect
from app.store.sealing import Sealer


def show(live: LiveSessions, _audit: Audit, person: Person) -> None:
    for one in live.of(person):
        sys.stdout.write(f"{_line(one)}\n")


def end(live: LiveSessions, audit: Audit, person: Person) -> None:
    """The journal first; but an end is never kept from happening because it names nothing that is alive."""
    alive = live.of(person)
    audit.record(Event(Kind.ENDED_BY_OPERATOR, person.provider, person.subject, facts={"ended": len(alive)}))
    for one in live.end(person):
        sys.stdout.write(f"ended: {_line(one)}\n")


_COMMANDS = {"show": show, "end": end}


def run(live: LiveSessions, audit: Audit, arguments: Sequence[str]) -> None:
    """Raises GatewayError."""
    match arguments:
        case [name, provider, subject] if name in _COMMANDS:
            _COMMANDS[name](live, audit, Person(provider, subject))
        case _:
            raise InvalidRequest(__doc__ or "")


def _line(one: LiveSession) -> str:
    what = f"terminal {one.device!r}" if one.device else "browser or terminal without a name"
    return f"{one.handle}  {what}, since {one.opened_at:%H:%M}, last used {one.used_at:%H:%M}, until {_until(one)} UTC"


def _until(one: LiveSession) -> str:
    return f"{min(one.expires_at, one.used_at + one.idle):%Y-%m-%d %H:%M}"


def _now() -> datetime:
    return datetime.now(UTC)


def main(arguments: Sequence[str]) -> int:
    if not arguments or arguments[0] not in _COMMANDS:  # who asks how it is used needs no settings for that
        sys.stderr.write(__doc__ or "")
        return 2
    try:
        settings = Settings.from_environment()
        lifetimes = load_gateway(settings.config).lifetimes
        book = open_book(connect(settings.redis_url), Sealer(settings.sealing_keys), lifetimes, _now)
        journal = JournalStream(_now) if settings.audit_journal is None else JournalFiles(settings.audit_journal, _now)
        run(book.live, journal, arguments)
    except (ConfigurationProblems, InvalidRequest) as error:
        sys.stderr.write(f"{error.sentence}\n")
        return 2
    except GatewayError as error:
        sys.stderr.write(f"{error.sentence} ({error.reason})\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
