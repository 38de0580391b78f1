"""The one door through which credentials leave. Browser, CLI and API all come here.

    Issuance.issue(principal, request)
      1 fresh     the session is alive and its groups are young enough
      2 decide    core.decisions.decide(...) -> Granted | Denied
      3 quota     per person, and per person and role for what reaches AWS
        third party  the role is proven to ask for our external id (`thirdparty`), or is tried now
      4 reuse     sealed cache, keyed by everything that shaped the credentials; one flight per key
      5 intend    audit.record(...)        cannot record -> no credentials
      6 mint      issuer.issue(order)      a request may narrow the grant's limits, never widen them
      7 confirm   audit.record(key id, expiry), then answer

A front door supplies a principal and a renderer; it has nothing to forget.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from app.audit import Audit
from app.catalog import Catalog
from app.core.credentials import Credentials, as_zulu
from app.core.decisions import Denied, Grant, Granted, Purpose, decide
from app.core.events import Event, Kind
from app.core.identity import Identity
from app.core.names import federation_name, opaque_subject, session_name, source_identity
from app.core.roles import MAX_SESSION_SECONDS, MIN_SESSION_SECONDS, AccountId, Assertion, Base, Method, RoleArn
from app.errors import (
    AwsRefused,
    AwsUnavailable,
    GatewayError,
    InvalidRequest,
    MfaCodeRequired,
    RoleDenied,
    SignInRequired,
)
from app.issuers.order import Issuer, Order
from app.sessions import Proofs, Session
from app.store.counters import Counters
from app.store.flight import Flights
from app.store.shelf import Shelf
from app.thirdparty.gate import ThirdParties

MIN_LEFT = timedelta(minutes=15)  # botocore and .NET ask again on every call for less
_PATIENCE = timedelta(seconds=25)
_FAILURE_SHARED = timedelta(seconds=2)
_ASKS_A_MINUTE, _MINTS_A_MINUTE, _CODES_A_MINUTE = 1_200, 30, 5


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, by which session, from where. `reference` is the request's, for the audit."""

    session: Session
    address: str
    reference: str


@dataclass(frozen=True, slots=True)
class Request:
    """`seconds` may only shorten what the grant allows; None asks for all of it."""

    role: RoleArn
    purpose: Purpose
    seconds: int | None = None
    mfa_code: str = field(default="", repr=False)  # six digits, for roles with an `mfa_serial`


@dataclass(frozen=True, slots=True)
class KeptCredentials:
    """A stored document. Repeats its owner: an answer of Redis to another question must not pass."""

    provider: str
    subject: str
    access_key_id: str
    secret_access_key: str = field(repr=False)
    session_token: str = field(repr=False)
    minted_at: datetime
    expires_at: datetime
    account: str
    assumed_role_arn: str

    def credentials(self) -> Credentials:
        return Credentials(
            self.access_key_id,
            self.secret_access_key,
            self.session_token,
            self.expires_at,
            AccountId(self.account),
            self.assumed_role_arn,
        )


@dataclass(frozen=True, slots=True)
class SharedFailure:
    """A stored document: why the flight that many waited for did not land. Lives for two seconds."""

    code: str
    sentence: str
    reason: str
    retry_after: int | None = None  # seconds


@dataclass(frozen=True, slots=True)
class Issuance:
    catalog: Catalog
    audit: Audit
    issuers: Mapping[Method, Issuer]
    cache: Shelf[KeptCredentials]
    failures: Shelf[SharedFailure]
    flights: Flights
    counters: Counters
    clock: Callable[[], datetime]
    third_parties: ThirdParties
    proofs: Proofs | None = None  # None where no provider passes anything through

    def issue(self, principal: Principal, request: Request) -> Credentials:
        """Raises SignInRequired, RoleDenied, MfaCodeRequired, InvalidRequest, TooManyRequests, AwsRefused,
        AwsUnavailable, StoreUnavailable, AuditUnavailable or, for a third party's role, DatabaseUnavailable; nothing
        was given out then.
        """
        now = self.clock()
        if not principal.session.alive(now):
            raise SignInRequired("Your sign-in has ended. Sign in again.", reason="session.ended")
        granted = self._granted(principal, request)
        self.counters.spend("credentials", _person(principal), _ASKS_A_MINUTE, timedelta(minutes=1))
        external_id = self._external_id(principal, request, granted.grant)
        order = replace(self._order(principal.session.identity, granted.grant, request), external_id=external_id)
        return self._reused_or_minted(principal, request, granted, order)

    def decide(self, principal: Principal, request: Request) -> Granted:
        """May they, as far as is known without asking AWS? A refusal is an audit line and RoleDenied."""
        granted = self._granted(principal, request)
        closed = self.third_parties.why_closed(granted.grant.role)
        if closed:
            self._record(Kind.CREDENTIALS_REFUSED, principal, request, reason="third_party")
            raise RoleDenied(closed, reason="denied.third_party")
        return granted

    def _external_id(self, principal: Principal, request: Request, grant: Grant) -> str:
        """Before anything kept is looked at: a role that was closed gives out nothing, not even what is kept."""
        try:
            return self.third_parties.external_id(grant.role)
        except (RoleDenied, AwsUnavailable) as error:
            self._record(Kind.CREDENTIALS_REFUSED, principal, request, reason=error.reason)
            raise

    def _granted(self, principal: Principal, request: Request) -> Granted:
        identity, view = principal.session.identity, self.catalog.view()
        match decide(identity, view, request.role, request.purpose, self.clock()):
            case Granted() as granted:
                return granted
            case Denied(reason, sentence, considered):
                self._record(
                    Kind.CREDENTIALS_REFUSED, principal, request, reason=reason, considered=list(considered[:20])
                )
                raise RoleDenied(sentence, reason=f"denied.{reason}")

    def _order(self, identity: Identity, grant: Grant, request: Request) -> Order:
        account = self.catalog.view().accounts.get(grant.role.arn.account)
        passes = self.proofs is not None and grant.role.assertion is Assertion.PASSTHROUGH
        return replace(
            _order(identity, grant, request),
            base=Base() if account is None else account.base,
            fallback_region="" if account is None else account.fallback_region,
            proof=self.proofs.of(identity) if passes and self.proofs is not None else None,
        )

    def _reused_or_minted(self, principal: Principal, request: Request, granted: Granted, order: Order) -> Credentials:
        identity = principal.session.identity
        key = _cache_key(identity, order)
        minted: list[Credentials] = []

        def landed() -> KeptCredentials | None:
            kept = self.cache.get(key)
            if kept is not None and _usable(kept, identity, request.purpose, self.clock()):
                return kept
            failure = self.failures.get(key)
            if failure is not None:
                raise _shared(failure)
            return None

        def fetch() -> KeptCredentials:
            self._check_code(principal, request, order)
            credentials = self._minted(principal, request, granted, order, key)
            # On record before anybody else can find it: nobody is given what the journal does not know.
            self._confirm(Kind.CREDENTIALS_ISSUED, principal, request, granted, credentials)
            minted.append(credentials)
            kept = _kept(identity, credentials, self.clock())
            self.cache.put(key, kept, credentials.expires_at - kept.minted_at)
            return kept

        credentials = self.flights.share(key, landed, fetch, _PATIENCE).credentials()
        if not minted:
            self._confirm(Kind.CREDENTIALS_REUSED, principal, request, granted, credentials)
        return credentials

    def _confirm(
        self, kind: Kind, principal: Principal, request: Request, granted: Granted, credentials: Credentials
    ) -> None:
        self._record(
            kind,
            principal,
            request,
            rule=granted.rule,
            group=granted.group,
            catalog=granted.catalog_version,
            access_key_id=credentials.access_key_id,
            expires_at=as_zulu(credentials.expires_at),
            tags_left_out=list(granted.grant.packed.dropped),
        )

    def _check_code(self, principal: Principal, request: Request, order: Order) -> None:
        """Before AWS is asked: it would refuse in words that nobody understands. Guessing is slow on purpose."""
        role = order.grant.role
        if not role.mfa_serial:
            return
        if not order.mfa_code:
            self._record(Kind.CREDENTIALS_REFUSED, principal, request, reason="mfa.code_required")
            raise MfaCodeRequired(_where_to_type(order))
        self.counters.spend("mfa", f"{_person(principal)} {role.arn}", _CODES_A_MINUTE, timedelta(minutes=1))

    def _minted(self, principal: Principal, request: Request, granted: Granted, order: Order, key: str) -> Credentials:
        who = f"{_person(principal)} {order.grant.role.arn}"
        self.counters.spend("mint", who, _MINTS_A_MINUTE, timedelta(minutes=1))
        self._record(
            Kind.CREDENTIALS_INTENDED,
            principal,
            request,
            rule=granted.rule,
            group=granted.group,
            catalog=granted.catalog_version,
            method=str(order.grant.method),
            session_name=str(order.session_name),
            seconds=order.seconds,
            packed_percent=order.grant.packed.percent,
            tags_left_out=list(order.grant.packed.dropped),
        )
        try:
            return self.issuers[order.grant.method].issue(order).credentials
        except (AwsRefused, AwsUnavailable, SignInRequired) as error:
            self._record(Kind.CREDENTIALS_REFUSED, principal, request, reason=error.reason)
            if not order.mfa_code and not isinstance(error, SignInRequired):
                # Those who wait for this flight get the same answer instead of asking AWS one after another. A code
                # or a sign-in, on the other hand, is one's own, and the next one may be right.
                failure = SharedFailure(error.code, error.sentence, error.reason, error.retry_after)
                self.failures.put(key, failure, _FAILURE_SHARED)
            raise

    def _record(self, kind: Kind, principal: Principal, request: Request, **facts: str | int | list[str]) -> None:
        identity = principal.session.identity
        given = {"role": str(request.role), "purpose": str(request.purpose), "session": principal.session.handle}
        self.audit.record(
            Event(
                kind,
                identity.provider,
                identity.subject,
                identity.name,
                principal.address,
                principal.reference,
                {**given, **facts},
            )
        )


_FAILURES: Mapping[str, type[GatewayError]] = {kind.code: kind for kind in (AwsRefused, AwsUnavailable)}


def _shared(failure: SharedFailure) -> GatewayError:
    kind = _FAILURES.get(failure.code, AwsUnavailable)
    return kind(failure.sentence, reason=failure.reason, retry_after=failure.retry_after)


def _order(identity: Identity, grant: Grant, request: Request) -> Order:
    """The request narrows; what it asks beyond the grant it does not get."""
    asked = grant.max_seconds if request.seconds is None else request.seconds
    if not MIN_SESSION_SECONDS <= asked <= MAX_SESSION_SECONDS:
        raise InvalidRequest("duration_minutes: expected a number from 15 to 720.", reason="duration")
    if grant.method is Method.COGNITO and asked < grant.max_seconds:
        raise InvalidRequest("duration_minutes: this role's sessions last an hour, always.", reason="duration.cognito")
    if request.mfa_code and not re.fullmatch(r"[0-9]{6}", request.mfa_code):
        raise InvalidRequest("mfa_code: expected six digits.", reason="mfa.code")
    return Order(
        grant,
        session_name(identity),
        source_identity(identity),
        opaque_subject(identity.person),
        min(asked, grant.max_seconds),
        federation_name(identity),
        mfa_code=request.mfa_code if grant.role.mfa_serial else "",
    )


def _where_to_type(order: Order) -> str:
    ways = {Purpose.CONSOLE: "open its console link and type it there", Purpose.CLI: "run: fedgate mfa PROFILE"}
    said = " or ".join(way for purpose, way in ways.items() if purpose in order.grant.purposes)
    return f"The role {order.grant.role.label} needs a code of its MFA device: {said}."


def _cache_key(identity: Identity, order: Order) -> str:
    """Everything that shaped the credentials, as JSON, so that no two inputs run together."""
    grant = order.grant
    return json.dumps(
        [
            identity.provider,
            identity.subject,
            order.session_name,
            order.source_identity,
            grant.role.arn,
            grant.role.region,
            grant.method,
            grant.provider_arn,
            order.seconds,
            dict(grant.tags),
            grant.transitive_tags,
            grant.policy,
            grant.policy_arns,
            order.external_id,
            [order.base.profile, order.base.role, order.base.provider_arn],
            grant.role.assertion,
            grant.role.mfa_serial,
            grant.role.identity_pool,
            grant.role.pool_login,
        ],
        sort_keys=True,
    )


def _usable(kept: KeptCredentials, identity: Identity, purpose: Purpose, now: datetime) -> bool:
    owner = (kept.provider, kept.subject)
    needed = _needed_left(purpose, kept.expires_at - kept.minted_at)
    return owner == (identity.provider, identity.subject) and kept.expires_at - now >= needed


def _needed_left(purpose: Purpose, length: timedelta) -> timedelta:
    """The console session lives as long as its credentials, so it gets nearly all; a program fifteen minutes.

    `length` is what AWS gave, which may be less than was asked (role chaining). Half a minute less than all of it
    for the shortest sessions, or those who waited for a flight could not use what it brought.
    """
    wanted = length * 0.9 if purpose is Purpose.CONSOLE else MIN_LEFT
    return min(wanted, length - timedelta(seconds=30))


def _kept(identity: Identity, credentials: Credentials, now: datetime) -> KeptCredentials:
    return KeptCredentials(
        identity.provider,
        identity.subject,
        credentials.access_key_id,
        credentials.secret_access_key,
        credentials.session_token,
        now,
        credentials.expires_at,
        credentials.account,
        credentials.assumed_role_arn,
    )


def _person(principal: Principal) -> str:
    return json.dumps([principal.session.identity.provider, principal.session.identity.subject])
