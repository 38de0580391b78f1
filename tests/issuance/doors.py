"""The door with real Redis, journal and catalog file; AWS is ours, and remembers what it was asked. Limits, and what is
shared for two seconds, go by the clock that the test sets."""

from __future__ import annotations

import json
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from app.audit import JournalFiles
from app.catalog import Catalog, CatalogFile
from app.core.credentials import Credentials
from app.core.decisions import Purpose
from app.core.events import Event, Kind
from app.core.identity import Identity, Person
from app.core.roles import Method, RoleArn
from app.database.engine import Database
from app.errors import AuditUnavailable, GatewayError
from app.issuance import GivenOut, Issuance, KeptCredentials, LastEnd, Principal, Request, SharedFailure
from app.issuers.asked import AskedOfAws
from app.issuers.aws import Aws
from app.issuers.order import Issued, Order
from app.issuers.trials import Attempt
from app.planning import AccountKnowledge, PersonKnowledge, Planner
from app.sessions import Lifetimes, LiveSessions, Session, open_book
from app.store.counters import Counters
from app.store.flight import Flights
from app.store.memory import MemoryDrawers
from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from app.thirdparty.book import TrialBook
from app.thirdparty.external_ids import ExternalIds
from app.thirdparty.gate import ThirdParties
from app.thirdparty.prober import Prober
from tests.core.people import NOW, UPDATE_APP, person

CATALOG = """
[[account]]
id = "999999999999"
name = "Production"

[[role]]
arn = "arn:aws:iam::999999999999:role/UpdateApp"
method = "assume_role"
max_minutes = 120

[[role]]
arn = "arn:aws:iam::999999999999:role/Short"
method = "assume_role"
max_minutes = 15

[[rule]]
id = "developers"
provider = "corp"
groups = ["Developers"]
roles = ["arn:aws:iam::999999999999:role/UpdateApp", "arn:aws:iam::999999999999:role/Short"]
"""


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass(slots=True)
class RecordingIssuer:
    """Gives new credentials for each order, or raises what it was told to."""

    clock: Clock
    steps: list[str]
    orders: list[Order] = field(default_factory=list)
    fails: GatewayError | None = None
    at_most: int = 43_200  # seconds that AWS really gives
    takes: float = 0.0
    meanwhile: Callable[[], object] | None = None  # what happens while AWS is being asked
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def issue(self, order: Order) -> Issued:
        with self._lock:
            self.orders.append(order)
            number = len(self.orders)
        self.steps.append("mint")
        time.sleep(self.takes)
        if self.meanwhile is not None:
            self.meanwhile()
        if self.fails is not None:
            raise self.fails
        end = self.clock() + timedelta(seconds=min(order.seconds, self.at_most))
        arn = order.grant.role.arn
        key, secret, token = f"ASIAEXAMPLE{number:05}", secrets.token_hex(20), secrets.token_hex(60)
        return Issued(Credentials(key, secret, token, end, arn.account))


class NobodyElse:
    """No account of these tests is somebody else's."""

    def attempt(self, attempt: Attempt) -> None:
        raise AssertionError(f"nobody should have tried {attempt.role}")


@dataclass(slots=True)
class WatchedJournal:
    """The real journal; told to, it cannot write one kind of event."""

    journal: JournalFiles
    steps: list[str]
    fails_at: Kind | None = None

    def record(self, event: Event) -> None:
        if event.kind == self.fails_at:
            raise AuditUnavailable("no")
        self.journal.record(event)
        self.steps.append(str(event.kind))

    def ready(self) -> None:
        self.journal.ready()


@dataclass(frozen=True, slots=True)
class Door:
    issuance: Issuance
    clock: Clock
    aws: RecordingIssuer
    journal: WatchedJournal
    steps: list[str]
    directory: Path
    live: LiveSessions
    sessions: dict[Person, Session] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def signed_in(self, who: Identity) -> Session:
        """The same session for each of their requests."""
        with self.lock:
            session = Session(who, NOW, NOW + timedelta(hours=8), "handle", sign_in="sign-in")
            if who.person not in self.sessions:
                self.sessions[who.person] = self.live.begin(session, timedelta(hours=24))
            return replace(session, epoch=self.sessions[who.person].epoch)

    def ask(
        self,
        who: Identity | None = None,
        role: str = UPDATE_APP,
        purpose: Purpose = Purpose.CLI,
        seconds: int | None = None,
    ) -> Credentials:
        principal = self.principal(who or person("alice", "Developers"))
        return self.issuance.issue(principal, Request(RoleArn(role), purpose, seconds))

    def principal(self, who: Identity) -> Principal:
        return Principal(self.signed_in(who), "192.0.2.7", "K7Q2-M9XA")

    def records(self) -> list[dict[str, object]]:
        files = sorted(self.directory.glob("*.jsonl"))
        return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def open_door(redis_url: str, directory: Path, key: bytes, clock: Clock) -> Door:
    """More doors on the same Redis, directory and sealing key are more workers."""
    (directory / "catalog.toml").write_text(CATALOG)
    steps: list[str] = []
    aws = RecordingIssuer(clock, steps)
    journal = WatchedJournal(JournalFiles(directory / "audit", clock), steps)
    drawers, sealer = connect(redis_url), Sealer([key])
    still = MemoryDrawers(clock)  # seconds and minutes that do not pass while a slow machine asks hundreds of times
    catalog, flights = Catalog(CatalogFile(directory / "catalog.toml"), ["corp", "other"]), Flights(drawers, sealer)
    database = Database(f"sqlite:///{directory}/fedgate.db")
    book, prober = TrialBook(database), Prober(NobodyElse())
    hours = timedelta(hours=24)
    live = open_book(drawers, sealer, Lifetimes(hours, hours, hours), clock).live
    issuance = Issuance(
        catalog,
        journal,
        {Method.ASSUME_ROLE: aws},
        Shelf("credentials", KeptCredentials, drawers, sealer),
        Shelf("failure", SharedFailure, still, sealer),
        flights,
        Counters(still, sealer),
        clock,
        ThirdParties(catalog, ExternalIds(database, clock), book, prober, flights, journal, clock),
        Planner(
            Shelf("account", AccountKnowledge, drawers, sealer),
            Shelf("refused", PersonKnowledge, drawers, sealer),
            AskedOfAws(Aws()),
            clock,
        ),
        live,
        GivenOut(Shelf("given", LastEnd, drawers, sealer), clock),
    )
    return Door(issuance, clock, aws, journal, steps, directory / "audit", live)
