"""What the gateway is made of below its rooms: the two files, the drivers, the three books, and the door to AWS.

Built here once for a process, for the server and for the operators' commands alike.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from app.activity import ActivityBook, Pending
from app.audit import Audit, JournalFiles, JournalStream, record_end
from app.audit.counted import Counted
from app.awsside.documents import Gateway as KnownToAws
from app.catalog import Catalog, CatalogFile, CatalogHistory, Known, load_catalog
from app.catalog.editing import Editing
from app.catalog.sources import Source
from app.catalog.versions import Versions
from app.core.events import Event, Kind
from app.core.identity import Identity
from app.database.engine import Database
from app.doctor.charts import AccountCharts, Chart
from app.doctor.ward import Ward
from app.errors import AuditUnavailable, ConfigurationProblems, DatabaseUnavailable
from app.gateway_file import Gateway
from app.gateway_watch import WatchedGateway
from app.issuance import GivenOut, Issuance, KeptCredentials, LastEnd, SharedFailure
from app.issuance.timed import timed
from app.issuers.asked import AskedOfAws
from app.issuers.aws import Aws
from app.issuers.every import build_issuers, connect_aws, needs_keys
from app.issuers.inspecting import RoleInspection
from app.issuers.signing_keys import load_signing_keys
from app.issuers.trials import RoleTrials
from app.minting.keys import SigningKeys
from app.ops.logging import start_logging
from app.ops.metrics import Metrics
from app.people import PeopleBook
from app.planning import AccountKnowledge, PersonKnowledge, Planner
from app.providers.arrival import Renewal
from app.providers.board import Posted
from app.providers.making import problems as provider_problems
from app.providers.oidc.provider import OidcProvider
from app.providers.registry import Registry, build_registry
from app.sessions import SessionBook, open_book
from app.sessions.upstreams import Renew
from app.settings import Settings
from app.store.counters import Counters
from app.store.drawers import Drawers
from app.store.flight import Flights
from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from app.thirdparty.book import TrialBook
from app.thirdparty.external_ids import ExternalIds
from app.thirdparty.gate import ThirdParties
from app.thirdparty.prober import Prober

_LOG = logging.getLogger("fedgate")
Doc = TypeVar("Doc")


@dataclass(frozen=True, slots=True)
class Parts:
    """`gateway` is as it was at the start; of `live` only the providers are followed. `history` is in the database,
    also where the catalog in force is a file."""

    live: WatchedGateway
    gateway: Gateway
    catalog: Catalog
    history: CatalogHistory
    keys: SigningKeys | None
    drawers: Drawers
    sealer: Sealer
    database: Database
    counters: Counters
    metrics: Metrics
    audit: Audit
    registry: Registry
    board: Shelf[Posted]
    book: SessionBook
    people: PeopleBook
    flights: Flights
    third_parties: ThirdParties
    planner: Planner
    given: GivenOut
    issuance: Issuance
    activity: ActivityBook
    pending: Pending

    def shelf(self, name: str, kind: type[Doc]) -> Shelf[Doc]:
        return Shelf(name, kind, self.drawers, self.sealer)


def open_parts(settings: Settings) -> Parts:
    """Raises ConfigurationProblems with everything that is wrong with the files."""
    live, catalog = files(settings)
    history = catalog.source if isinstance(catalog.source, CatalogHistory) else _history(settings)
    gateway = live.gateway()
    keys = issuer_keys(settings, lambda: catalog)
    drawers, sealer = connect(settings.redis_url), Sealer(settings.sealing_keys)
    counters, flights, metrics = Counters(drawers, sealer), Flights(drawers, sealer), Metrics()
    pending = Pending()
    audit = Counted(journal(settings, pending), metrics)
    board = Shelf("fetched", Posted, drawers, sealer)
    registry = build_registry(live.providers, gateway.base_url, board=board, told=metrics.fetched)
    database = history.versions.database
    people = PeopleBook(database, now, gateway.remember_people, metrics.forgotten.inc)
    book = open_book(
        drawers,
        sealer,
        gateway.lifetimes,
        now,
        renewing(registry.get, people.note),
        lambda person: record_end(audit, Event(Kind.SESSIONS_PUT_BACK, person.provider, person.subject)),
        registry.admits,
    )
    aws = connect_aws(gateway.issuer_url, keys, now)
    third_parties = _third_parties(database, catalog, aws, flights, audit)
    planner = Planner(
        Shelf("account", AccountKnowledge, drawers, sealer),
        Shelf("refused", PersonKnowledge, drawers, sealer),
        AskedOfAws(aws),
        now,
    )
    given = GivenOut(Shelf("given", LastEnd, drawers, sealer), now)
    issuance = Issuance(
        catalog,
        audit,
        timed(build_issuers(aws, gateway.issuer_url, keys, now), metrics),
        Shelf("credentials", KeptCredentials, drawers, sealer),
        Shelf("failure", SharedFailure, drawers, sealer),
        flights,
        counters,
        now,
        third_parties,
        planner,
        book.live,
        given,
        proofs=book.proofs,
    )
    return Parts(
        live=live,
        gateway=gateway,
        catalog=catalog,
        history=history,
        keys=keys,
        drawers=drawers,
        sealer=sealer,
        database=database,
        counters=counters,
        metrics=metrics,
        audit=audit,
        registry=registry,
        board=board,
        book=book,
        people=people,
        flights=flights,
        third_parties=third_parties,
        planner=planner,
        given=given,
        issuance=issuance,
        activity=ActivityBook(database),
        pending=pending,
    )


def third_parties_from(settings: Settings) -> ThirdParties:
    """For `python -m app.thirdparty`. Raises ConfigurationProblems."""
    start_logging("warning", "text")
    live, catalog = files(settings)
    aws = connect_aws(live.gateway().issuer_url, issuer_keys(settings, lambda: catalog), now)
    flights = Flights(connect(settings.redis_url), Sealer(settings.sealing_keys))
    return _third_parties(Database(settings.database_url), catalog, aws, flights, journal(settings))


def ward_of(parts: Parts) -> Ward:
    """The trust doctor's."""
    gateway = parts.gateway
    return Ward(
        parts.catalog,
        KnownToAws(gateway.issuer_url, gateway.aws_principal, clients=gateway.clients),
        parts.third_parties.ids.of,
        RoleInspection(parts.planner.aws.aws),
        parts.shelf("chart", Chart),
        parts.shelf("ward", AccountCharts),
        parts.audit,
        now,
    )


def ward_from(settings: Settings) -> Ward:
    """For `python -m app.doctor`. Raises ConfigurationProblems."""
    start_logging("warning", "text")
    return ward_of(open_parts(settings))


def editing_from(settings: Settings) -> Editing:
    """For `python -m app.catalog`. Raises ConfigurationProblems."""
    start_logging("warning", "text")
    live = WatchedGateway(settings.config, provider_problems)
    versions = Versions(Database(settings.database_url), now)
    return Editing(versions, partial(known_to_rules, live), journal(settings))


def now() -> datetime:
    return datetime.now(UTC)


def files(settings: Settings) -> tuple[WatchedGateway, Catalog]:
    """Both files, or the problems of both at once."""
    problems: list[str] = []
    try:
        live = WatchedGateway(settings.config, provider_problems)
        begun = known_to_rules(live)
        follow = partial(known_to_rules, live)
        return live, Catalog(_source(settings), begun.providers, begun.passing, follow)
    except ConfigurationProblems as found:
        problems += found.problems
    try:
        if settings.catalog is not None:
            load_catalog(settings.catalog, None)
    except ConfigurationProblems as found:
        problems += [problem for problem in found.problems if problem not in problems]
    raise ConfigurationProblems(problems)


def _source(settings: Settings) -> Source:
    if settings.catalog is not None:
        return CatalogFile(settings.catalog)
    return _history(settings)


def _history(settings: Settings) -> CatalogHistory:
    return CatalogHistory(Versions(Database(settings.database_url), now))


def known_to_rules(live: WatchedGateway) -> Known:
    gateway = live.gateway()
    return Known(frozenset(provider.id for provider in gateway.providers), gateway.passing)


def _third_parties(database: Database, catalog: Catalog, aws: Aws, flights: Flights, audit: Audit) -> ThirdParties:
    """A database that is away keeps nobody from starting: what does not need it works, and `/readyz` tells."""
    try:
        database.prepare()
    except DatabaseUnavailable as error:
        _LOG.error("the database cannot be used: %s: %s", error.reason, error.__cause__)
    return ThirdParties(
        catalog, ExternalIds(database, now), TrialBook(database), Prober(RoleTrials(aws)), flights, audit, now
    )


def renewing(provider_of: Callable[[str], object], remember: Callable[[Identity], None]) -> Renew:
    """Raises NotFound for somebody whose provider is no longer one of ours."""

    def renew(kept: Mapping[str, str], identity: Identity, at: datetime) -> Renewal | None:
        provider = provider_of(identity.provider)
        found = provider.renew(kept, identity, at) if isinstance(provider, OidcProvider) else None
        # With an old `verified_at` it said nothing new; somebody else is refused (`Upstreams`).
        is_new = found is not None and found.identity.verified_at > identity.verified_at
        if found is not None and is_new and found.identity.person == identity.person:
            remember(found.identity)
        return found

    return renew


def journal(settings: Settings, pending: Pending | None = None) -> Audit:
    """Tried at start: a gateway that cannot write its journal gives nothing out, so it had better not begin.

    `pending` hears what was written to a stream; files are read back.
    """
    place, hear = settings.audit_journal, (pending or Pending(0)).hear
    audit = JournalStream(now, told=hear) if place is None else JournalFiles(place, now)
    try:
        audit.ready()
    except AuditUnavailable as error:
        problem = f"no journal can be written in {settings.audit_journal} ({error.reason})"
        raise ConfigurationProblems([f"FEDGATE_AUDIT_JOURNAL: {problem}"]) from error
    return audit


def issuer_keys(settings: Settings, catalog: Callable[[], Catalog]) -> SigningKeys | None:
    """`catalog` is read only where there are no keys, to see whether that is well."""
    if settings.issuer_keys:
        try:
            return load_signing_keys(settings.issuer_keys)
        except ConfigurationProblems as found:
            named = [f"FEDGATE_ISSUER_KEYS: {problem}" for problem in found.problems]
            raise ConfigurationProblems(named, passing=found.passing) from found
    if needs_keys(catalog().view()):
        problem = "is required, because the catalog has roles or base credentials for which the gateway signs"
        raise ConfigurationProblems([f"FEDGATE_ISSUER_KEYS: {problem}"])
    return None
