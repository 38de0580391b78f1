"""create_app: the only place where things are built and joined.

Whatever a room may touch is handed to its flow here; nothing below this file looks anything up by itself.
"""

from __future__ import annotations

import atexit
import logging
import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from cryptography.x509 import load_pem_x509_certificate
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app.access import api as access_api
from app.access import views as access_views
from app.access.flow import Access
from app.admin import providers as admin_providers
from app.admin import views as admin_views
from app.admin.flow import Admin
from app.audit import Audit, JournalFiles, JournalStream
from app.audit.counted import Counted
from app.awsside.documents import Gateway as KnownToAws
from app.catalog import Catalog, CatalogFile, CatalogHistory, Known, load_catalog
from app.catalog.editing import Editing
from app.catalog.sources import Source
from app.catalog.versions import Versions
from app.core.events import Event, Kind
from app.core.expiry import Certificate
from app.core.identity import Identity
from app.database.engine import Database
from app.errors import AuditUnavailable, ConfigurationProblems, DatabaseUnavailable
from app.gateway_file import Gateway
from app.gateway_watch import WatchedGateway
from app.issuance import GivenOut, Issuance, KeptCredentials, LastEnd, SharedFailure
from app.issuance.timed import timed
from app.issuers.asked import AskedOfAws
from app.issuers.aws import Aws
from app.issuers.console import Console
from app.issuers.every import build_issuers, connect_aws, needs_keys
from app.issuers.trials import RoleTrials
from app.minting.keys import SigningKeys, load_keys
from app.minting.saml_assertions import metadata
from app.ops.certificates import ExpiryNotice
from app.ops.logging import start_logging
from app.ops.metrics import Metrics
from app.ops.repeating import Repeating
from app.planning import AccountKnowledge, PersonKnowledge, Planner
from app.planning.rounds import StudyRounds
from app.providers.arrival import Renewal
from app.providers.board import Posted
from app.providers.making import problems as provider_problems
from app.providers.oidc.provider import OidcProvider
from app.providers.registry import Registry, build_registry
from app.providers.state import described
from app.published import views as published_views
from app.sessions import open_book
from app.sessions.upstreams import Renew
from app.settings import Settings
from app.signin import leaving
from app.signin import views as signin_views
from app.signin.arrivals import SignIn
from app.signin.attempts import Attempt, Used, Verified
from app.signin.choice import Choice
from app.signin.departures import Farewell, SignOut
from app.signin.endings import Endings
from app.signin.tickets import Tickets
from app.store.counters import Counters
from app.store.flight import Flights
from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from app.terminal import views as terminal_views
from app.terminal.device import DeviceSignIn
from app.terminal.device_documents import Answer, Begun, Waiting
from app.terminal.device_limits import DeviceLimits
from app.terminal.flow import Code, TerminalSignIn
from app.terminal.redemption import Redeemed, Redemption
from app.terminal.zipapp import build
from app.thirdparty.book import TrialBook
from app.thirdparty.external_ids import ExternalIds
from app.thirdparty.gate import ThirdParties
from app.thirdparty.prober import Prober
from app.thirdparty.rounds import Rounds
from app.web import errors, guards, headers, health, metering, pages, visit
from app.web.browser_session import BrowserSession
from app.web.cookies import attempt_cookie, choice_cookie, session_cookie
from app.web.standing import Standing

_LOG = logging.getLogger("fedgate")
# gunicorn's own code for a worker that will never boot. With any other it starts the next one, for ever, and whoever
# watches the process sees it running.
_CANNOT_START = 3
_FETCHING, _TELLING = timedelta(minutes=1), timedelta(hours=1)
_LARGEST_BODY = 64 * 1024  # bytes; the SAML ACS allows itself more


def create_app(settings: Settings) -> Flask:
    """The gateway. Raises ConfigurationProblems with everything that is wrong with its files."""
    start_logging(settings.log_level, settings.log_format)
    for name in settings.unknown:
        _LOG.warning("%s is set, but there is no such setting", name)
    live, catalog = _files(settings)
    gateway = live.gateway()  # as it is at the start; only its providers are followed
    keys = _keys(settings, catalog)
    drawers, sealer = connect(settings.redis_url), Sealer(settings.sealing_keys)
    counters = Counters(drawers, sealer)
    metrics = Metrics()
    audit = Counted(_audit(settings), metrics)
    board = Shelf("fetched", Posted, drawers, sealer)
    registry = build_registry(live.providers, gateway.base_url, board=board, told=metrics.fetched)
    standing = Standing(registry, _certificates(keys), live.problems, live.waiting, now)
    metrics.show(standing.gauges)
    book = open_book(
        drawers,
        sealer,
        gateway.lifetimes,
        now,
        _renewing(registry),
        lambda person: audit.record(Event(Kind.SESSIONS_PUT_BACK, person.provider, person.subject)),
        registry.admits,
    )
    aws = connect_aws(gateway.issuer_url, keys, now)
    flights = Flights(drawers, sealer)
    third_parties = _third_parties(settings, catalog, aws, flights, audit)
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
    console = Console(settings.signin_endpoint)
    access = Access(gateway.base_url, catalog, issuance, planner, third_parties, console, audit, now)
    used = Shelf("assertion", Used, drawers, sealer)
    sign_in = SignIn(
        registry,
        Shelf("attempt", Attempt, drawers, sealer),
        Tickets(Shelf("ticket", Verified, drawers, sealer), audit),
        used,
        book.browsers,
        counters,
        audit,
        now,
        proofs=book.proofs,
    )
    sign_out = SignOut(
        gateway.base_url,
        registry,
        Shelf("farewell", Farewell, drawers, sealer),
        book.browsers,
        book.upstreams,
        given,
        book.proofs,
        counters,
        audit,
        now,
    )
    endings = Endings(registry, used, book.live, counters, audit, now)
    redemption = Redemption(Shelf("redeemed", Redeemed, drawers, sealer), book.terminals, audit)
    device = DeviceSignIn(
        Shelf("user code", Begun, drawers, sealer),
        Shelf("device code", Waiting, drawers, sealer),
        Shelf("device answer", Answer, drawers, sealer),
        DeviceLimits(counters),
        redemption,
        audit,
        now,
    )
    terminal = TerminalSignIn(
        gateway.base_url,
        Shelf("code", Code, drawers, sealer),
        book.terminals,
        redemption,
        counters,
        audit,
        now,
        device if gateway.device_sign_in else None,
    )

    labels = registry.labels
    app = _flask(settings, gateway, labels)
    cookie, attempts = session_cookie(gateway.secure), attempt_cookie(gateway.secure)
    choice = Choice(registry, choice_cookie(gateway.secure), counters)
    app.register_blueprint(signin_views.blueprint(sign_in, choice, cookie, attempts, gateway.base_url))
    app.register_blueprint(leaving.blueprint(sign_out, endings, cookie, attempts))
    app.register_blueprint(access_views.blueprint(access, labels))
    app.register_blueprint(access_api.blueprint(access, labels))
    app.register_blueprint(terminal_views.blueprint(terminal, _zipapp(gateway)))
    app.register_blueprint(admin_views.blueprint(Admin(catalog, _known_to_aws(gateway, keys), third_parties.ids.of)))
    app.register_blueprint(admin_providers.blueprint(standing))
    if keys is not None:
        app.register_blueprint(published_views.blueprint(gateway.issuer_url, gateway.base_url, keys))
    app.register_blueprint(
        health.blueprint(
            health.Health(drawers, audit, catalog, third_parties, standing, metrics, settings.metrics_token)
        )
    )
    guards.install(app, BrowserSession(book.browsers, cookie, audit), book.terminals, gateway.base_url, gateway.admins)
    metering.install(app, metrics)
    notice = ExpiryNotice(
        standing.certificates, lambda: board.add("certificates", Posted("", now()), timedelta(days=1)), now
    )
    app.extensions["fedgate.rounds"] = (
        Repeating("copies of providers", lambda: registry.refresh(now()), random.random, _FETCHING, at_once=True),
        Repeating("ends of certificates", notice.tell, random.random, _TELLING, at_once=True),
        Rounds(third_parties, flights, random.random),
        StudyRounds(planner, catalog, flights, random.random),
    )
    return app


def application() -> Flask:
    """For WSGI servers: configured by the environment; problems end the process with a line for each."""
    with _told_to_the_operator():
        app = create_app(Settings.from_environment())
    for rounds in app.extensions["fedgate.rounds"]:
        rounds.start()
        atexit.register(rounds.stop)
    return app


def check_configuration() -> None:
    """For a server's parent process, before it has workers: what is wrong is told once, and nothing is begun."""
    with _told_to_the_operator():
        settings = Settings.from_environment()
        _keys(settings, _files(settings)[1])
        _audit(settings)


@contextmanager
def _told_to_the_operator() -> Iterator[None]:
    try:
        yield
    except ConfigurationProblems as found:
        sys.stderr.write("\n".join(("fedgate cannot start:", *(f"  {problem}" for problem in found.problems), "")))
        raise SystemExit(_CANNOT_START) from None


def third_parties_from(settings: Settings) -> ThirdParties:
    """For `python -m app.thirdparty`. Raises ConfigurationProblems."""
    start_logging("warning", "text")
    live, catalog = _files(settings)
    aws = connect_aws(live.gateway().issuer_url, _keys(settings, catalog), now)
    flights = Flights(connect(settings.redis_url), Sealer(settings.sealing_keys))
    return _third_parties(settings, catalog, aws, flights, _audit(settings))


def now() -> datetime:
    return datetime.now(UTC)


def _flask(settings: Settings, gateway: Gateway, labels: Mapping[str, str]) -> Flask:
    app = Flask(__name__, static_folder=None, template_folder="web/templates")
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.config["MAX_FORM_PARTS"] = 50
    if settings.trusted_proxies:
        # Only the client's address: scheme, host and prefix come from base_url and from nowhere else.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    visit.install(app)
    pages.install(app)
    errors.install(app, labels)
    headers.install(app, gateway.secure)
    app.register_blueprint(pages.blueprint())
    return app


def _files(settings: Settings) -> tuple[WatchedGateway, Catalog]:
    """Both files, or the problems of both at once."""
    problems: list[str] = []
    try:
        live = WatchedGateway(settings.config, provider_problems)
        begun = _known_to_rules(live)
        follow = partial(_known_to_rules, live)
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
    return CatalogHistory(Versions(Database(settings.database_url), now))


def editing_from(settings: Settings) -> Editing:
    """For `python -m app.catalog`. Raises ConfigurationProblems."""
    start_logging("warning", "text")
    live = WatchedGateway(settings.config, provider_problems)
    versions = Versions(Database(settings.database_url), now)
    return Editing(versions, partial(_known_to_rules, live), _audit(settings))


def _certificates(keys: SigningKeys | None) -> tuple[Certificate, ...]:
    """Those of the keys with which we sign for AWS."""
    return tuple(
        described(f"our signing key {key.name}", load_pem_x509_certificate(key.certificate_pem))
        for key in (keys.keys if keys else ())
    )


def _known_to_rules(live: WatchedGateway) -> Known:
    gateway = live.gateway()
    return Known(frozenset(provider.id for provider in gateway.providers), gateway.passing)


def _third_parties(settings: Settings, catalog: Catalog, aws: Aws, flights: Flights, audit: Audit) -> ThirdParties:
    """A database that is away keeps nobody from starting: what does not need it works, and `/readyz` tells."""
    database = Database(settings.database_url)
    try:
        database.prepare()
    except DatabaseUnavailable as error:
        _LOG.error("the database cannot be used: %s: %s", error.reason, error.__cause__)
    return ThirdParties(
        catalog, ExternalIds(database, now), TrialBook(database), Prober(RoleTrials(aws)), flights, audit, now
    )


def _renewing(registry: Registry) -> Renew:
    """Raises NotFound for somebody whose provider is no longer one of ours."""

    def renew(kept: Mapping[str, str], identity: Identity, at: datetime) -> Renewal | None:
        provider = registry.get(identity.provider)
        return provider.renew(kept, identity, at) if isinstance(provider, OidcProvider) else None

    return renew


def _audit(settings: Settings) -> Audit:
    """Tried at start: a gateway that cannot write its journal gives nothing out, so it had better not begin."""
    audit = JournalStream(now) if settings.audit_journal is None else JournalFiles(settings.audit_journal, now)
    try:
        audit.ready()
    except AuditUnavailable as error:
        problem = f"no journal can be written in {settings.audit_journal} ({error.reason})"
        raise ConfigurationProblems([f"FEDGATE_AUDIT_JOURNAL: {problem}"]) from error
    return audit


def _keys(settings: Settings, catalog: Catalog) -> SigningKeys | None:
    if settings.issuer_keys is not None:
        return load_keys(settings.issuer_keys)
    if needs_keys(catalog.view()):
        problem = "is required, because the catalog has roles or base credentials for which the gateway signs"
        raise ConfigurationProblems([f"FEDGATE_ISSUER_KEYS: {problem}"])
    return None


def _known_to_aws(gateway: Gateway, keys: SigningKeys | None) -> KnownToAws:
    """For the documents that administrators give to AWS."""
    xml = metadata(gateway.issuer_url, keys, f"{gateway.base_url}/").decode() if keys is not None else ""
    return KnownToAws(gateway.issuer_url, gateway.aws_principal, xml, gateway.clients)


def _zipapp(gateway: Gateway) -> bytes:
    try:
        number = version("fedgate")
    except PackageNotFoundError:  # run from a checkout
        number = "0.1.0"
    return build(None, number, gateway.base_url)
