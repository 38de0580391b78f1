"""create_app: the only place where things are built and joined.

Whatever a room may touch is handed to its flow here; nothing below this file looks anything up by itself.
"""

from __future__ import annotations

import atexit
import hashlib
import logging
import random
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from cryptography.x509 import load_pem_x509_certificate
from flask import Blueprint, Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import aws_tools, desks
from app.access import api as access_api
from app.access import setup_views
from app.access import views as access_views
from app.access.flow import Access
from app.access.setup_lines import Served
from app.core.expiry import Certificate
from app.errors import ConfigurationProblems
from app.gateway_file import Gateway
from app.grants.device import DeviceSignIn
from app.grants.device_documents import Answer, Begun, Waiting
from app.grants.device_limits import DeviceLimits
from app.grants.flow import Code, TerminalSignIn
from app.grants.redemption import Redeemed, Redemption
from app.issuers.console import Console
from app.issuers.signing_keys import try_to_sign
from app.minting.keys import SigningKeys
from app.native.refusals import renderings
from app.ops.certificates import ExpiryNotice
from app.ops.logging import start_logging
from app.ops.repeating import Repeating
from app.parts import Parts, files, issuer_keys, journal, now, open_parts, ward_of
from app.planning.rounds import StudyRounds
from app.providers.board import Posted
from app.providers.state import described
from app.published import views as published_views
from app.settings import Settings
from app.signin import leaving
from app.signin import views as signin_views
from app.signin.arrivals import SignIn
from app.signin.attempts import Attempt, Used, Verified
from app.signin.choice import Choice
from app.signin.departures import Farewell, SignOut
from app.signin.endings import Endings
from app.signin.tickets import Tickets
from app.terminal import views as terminal_views
from app.terminal.zipapp import build
from app.thirdparty.rounds import Rounds
from app.web import errors, guards, headers, health, metering, pages, visit
from app.web.browser_session import BrowserSession
from app.web.cookies import Cookies
from app.web.standing import Standing

_LOG = logging.getLogger("fedgate")
# gunicorn's own code for a worker that will never boot. With any other it starts the next one, for ever, and whoever
# watches the process sees it running.
_CANNOT_START = 3
_NOT_NOW = 1  # and with this one it goes on with the workers that it has: they may still work when AWS KMS is away
_FETCHING, _TELLING, _FORGETTING = timedelta(minutes=1), timedelta(hours=1), timedelta(hours=1)
_TRYING = timedelta(minutes=5)  # a signature of AWS KMS costs little, but not nothing
_LARGEST_BODY = 64 * 1024  # bytes; the SAML ACS allows itself more


def create_app(settings: Settings) -> Flask:
    """The gateway. Raises ConfigurationProblems with everything that is wrong with its files."""
    start_logging(settings.log_level, settings.log_format)
    for name in settings.unknown:
        _LOG.warning("%s is set, but there is no such setting", name)
    parts = open_parts(settings)
    ward = ward_of(parts)
    gateway, labels = parts.gateway, parts.registry.labels
    standing = Standing(parts.registry, _certificates(parts.keys), parts.live.problems, parts.live.waiting, now)
    parts.metrics.show(standing.gauges)
    cookies = Cookies.of(gateway.secure)
    app, program = _flask(settings, gateway, labels), _zipapp(gateway)
    terminals, heard = _terminal(parts), aws_tools.heard(parts)
    for room in (
        *_sign_in(parts, cookies),
        *_access(parts, settings, program),
        terminal_views.blueprint(terminals, program),
        aws_tools.room(parts, terminals),
        *desks.catalog(parts, standing, settings, ward),
        *desks.what_happens(parts),
        *desks.why(parts, settings),
        *desks.doctor(ward),
        *_published(parts),
        health.blueprint(_health(parts, standing, settings, heard)),
    ):
        app.register_blueprint(room)
    browser = BrowserSession(parts.book.browsers, cookies.session, parts.audit)
    guards.install(app, browser, parts.book.terminals, gateway.base_url, gateway.admins, gateway.auditors)
    metering.install(app, parts.metrics)
    app.extensions["fedgate.rounds"] = (
        *_rounds(parts, standing),
        *heard.rounds(),
        desks.journal_rounds(parts, settings),
        desks.ward_rounds(parts, ward),
    )
    return app


def _sign_in(parts: Parts, cookies: Cookies) -> Iterable[Blueprint]:
    used, book, base_url = parts.shelf("assertion", Used), parts.book, parts.gateway.base_url
    arrivals = SignIn(
        parts.registry,
        parts.shelf("attempt", Attempt),
        Tickets(parts.shelf("ticket", Verified), parts.audit),
        used,
        book.browsers,
        parts.counters,
        parts.audit,
        now,
        proofs=book.proofs,
        remember=parts.people.note,
    )
    departures = SignOut(
        base_url,
        parts.registry,
        parts.shelf("farewell", Farewell),
        book.browsers,
        book.upstreams,
        parts.given,
        book.proofs,
        parts.counters,
        parts.audit,
        now,
    )
    endings = Endings(parts.registry, used, book.live, parts.counters, parts.audit, now)
    choice = Choice(parts.registry, cookies.choice, parts.counters)
    yield signin_views.blueprint(arrivals, choice, cookies.session, cookies.attempt, base_url)
    yield leaving.blueprint(departures, endings, cookies.session, cookies.attempt)


def _access(parts: Parts, settings: Settings, program: bytes) -> Iterable[Blueprint]:
    access = Access(
        parts.gateway.base_url,
        parts.catalog,
        parts.issuance,
        parts.planner,
        parts.third_parties,
        Console(settings.signin_endpoint),
        parts.audit,
        now,
    )
    yield access_views.blueprint(access, parts.registry.labels, parts.gateway.contact)
    yield access_api.blueprint(access, parts.registry.labels)
    gateway = parts.gateway
    digest = hashlib.sha256(program).hexdigest()
    served = Served(gateway.base_url, digest, gateway.device_sign_in, gateway.aws_tools)
    yield setup_views.blueprint(access, served)


def _terminal(parts: Parts) -> TerminalSignIn:
    redemption = Redemption(parts.shelf("redeemed", Redeemed), parts.book.terminals, parts.audit)
    device = DeviceSignIn(
        parts.shelf("user code", Begun),
        parts.shelf("device code", Waiting),
        parts.shelf("device answer", Answer),
        DeviceLimits(parts.counters),
        redemption,
        parts.audit,
        now,
    )
    return TerminalSignIn(
        parts.gateway.base_url,
        parts.shelf("code", Code),
        parts.book.terminals,
        redemption,
        parts.counters,
        parts.audit,
        now,
        device if parts.gateway.device_sign_in else None,
    )


def _published(parts: Parts) -> Iterable[Blueprint]:
    if parts.keys is not None:
        yield published_views.blueprint(parts.gateway.issuer_url, parts.gateway.base_url, parts.keys)


def _health(parts: Parts, standing: Standing, settings: Settings, heard: aws_tools.Heard) -> health.Health:
    return health.Health(
        parts.drawers,
        parts.audit,
        parts.catalog,
        parts.third_parties,
        standing,
        parts.metrics,
        settings.metrics_token,
        heard.said,
        lambda: (parts.keys.newest.signer.problem() if parts.keys else "") or "ok",
    )


def _rounds(parts: Parts, standing: Standing) -> tuple[Repeating | Rounds | StudyRounds, ...]:
    def first_today() -> bool:
        return parts.board.add("certificates", Posted("", now()), timedelta(days=1))

    notice, registry = ExpiryNotice(standing.certificates, first_today, now), parts.registry
    return (
        Repeating("copies of providers", lambda: registry.refresh(now()), random.random, _FETCHING, at_once=True),
        Repeating("ends of certificates", notice.tell, random.random, _TELLING, at_once=True),
        Repeating("people who are forgotten", parts.people.forget, random.random, _FORGETTING),
        Repeating("signing key", partial(try_to_sign, parts.keys), random.random, _TRYING),
        Rounds(parts.third_parties, parts.flights, random.random),
        StudyRounds(parts.planner, parts.catalog, parts.flights, random.random),
    )


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
        _check_all(Settings.from_environment())


def _check_all(settings: Settings) -> None:
    found: list[ConfigurationProblems] = []
    for step in (files, lambda given: issuer_keys(given, lambda: files(given)[1]), journal):
        try:
            step(settings)
        except ConfigurationProblems as problems:
            found.append(problems)
    if found:
        each = dict.fromkeys(problem for one in found for problem in one.problems)
        raise ConfigurationProblems(list(each), passing=all(one.passing for one in found))


@contextmanager
def _told_to_the_operator() -> Iterator[None]:
    try:
        yield
    except ConfigurationProblems as found:
        sys.stderr.write("\n".join(("fedgate cannot start:", *(f"  {problem}" for problem in found.problems), "")))
        raise SystemExit(_NOT_NOW if found.passing else _CANNOT_START) from None


def _flask(settings: Settings, gateway: Gateway, labels: Mapping[str, str]) -> Flask:
    app = Flask(__name__, static_folder=None, template_folder="web/templates")
    app.config["MAX_CONTENT_LENGTH"] = _LARGEST_BODY
    app.config["MAX_FORM_PARTS"] = 50
    if settings.trusted_proxies:
        # Only the client's address: scheme, host and prefix come from base_url and from nowhere else. Assigned to the
        # method, as Flask's manual says to wrap an application.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    visit.install(app)
    pages.install(app)
    errors.install(app, labels, renderings(gateway.base_url))
    headers.install(app, gateway.secure)
    app.register_blueprint(pages.blueprint())
    return app


def _certificates(keys: SigningKeys | None) -> tuple[Certificate, ...]:
    """Those of the keys with which we sign for AWS."""
    return tuple(
        described(f"our signing key {key.name}", load_pem_x509_certificate(key.certificate_pem))
        for key in (keys.keys if keys else ())
    )


def _zipapp(gateway: Gateway) -> bytes:
    try:
        number = version("fedgate")
    except PackageNotFoundError:  # run from a checkout
        number = "0.1.0"
    return build(None, number, gateway.base_url)
