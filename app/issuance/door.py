"""The steps of an issuing, in their order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.audit import Audit
from app.catalog import Catalog
from app.core.credentials import Credentials, as_zulu
from app.core.decisions import CatalogView, Denied, Grant, Granted, decide, not_given
from app.core.events import Event, Kind
from app.core.identity import Identity
from app.core.roles import Account, Assertion, Method
from app.errors import AwsRefused, AwsUnavailable, MfaCodeRequired, RoleDenied, SignInRequired, StepUpRequired
from app.issuance.given import GivenOut
from app.issuance.kept import KeptCredentials, SharedFailure
from app.issuance.orders import cache_key, narrowed, where_to_type
from app.issuance.requests import Principal, Request
from app.issuers.order import Issuer, Order
from app.planning import Planner
from app.sessions import LiveSessions, Proofs
from app.sessions.session import AWS_TOOLS
from app.store.counters import Counters
from app.store.flight import Flights
from app.store.shelf import Shelf
from app.thirdparty.gate import ThirdParties

_PATIENCE = timedelta(seconds=25)
_FAILURE_SHARED = timedelta(seconds=2)
_ASKS_A_MINUTE, _MINTS_A_MINUTE = 1_200, 30
_CODES_A_MINUTE, _CODES_AN_HOUR = 5, 40
REFUSALS_A_MINUTE = 300  # each is a line of the journal, and a program that asks again at once would fill the disk


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
    planner: Planner
    live: LiveSessions
    given: GivenOut
    proofs: Proofs | None = None  # None where no provider passes anything through

    def issue(self, principal: Principal, request: Request) -> Credentials:
        """Raises SignInRequired, RoleDenied, MfaCodeRequired, InvalidRequest, TooManyRequests, AwsRefused,
        AwsUnavailable, StoreUnavailable, AuditUnavailable or, for a third party's role, DatabaseUnavailable; nothing
        was given out then.
        """
        now = self.clock()
        if not principal.session.alive(now):
            raise SignInRequired("Your sign-in has ended. Sign in again.", reason="session.ended")
        view = self.catalog.view()  # one, so that an edit in between does not mix two
        granted = self._granted(principal, request, view)
        self.counters.spend("credentials", principal.key, _ASKS_A_MINUTE, timedelta(minutes=1))
        external_id = self._external_id(principal, request, granted.grant)
        account = view.accounts[granted.grant.role.arn.account]
        order = self._order(principal.session.identity, granted.grant, account, request)
        order = replace(order, external_id=external_id)
        return self._reused_or_minted(principal, request, granted, order)

    def decide(self, principal: Principal, request: Request) -> Granted:
        """May they, as far as is known without asking AWS? A refusal is an audit line and RoleDenied."""
        granted = self._granted(principal, request, self.catalog.view())
        closed = self.third_parties.why_closed(granted.grant.role)
        if closed:
            self._refused(principal, request, reason="third_party")
            raise RoleDenied(closed, reason="denied.third_party")
        return granted

    def unknown(self, principal: Principal, account: str, name: str) -> RoleDenied:
        """To be raised for a name that is no role of the catalog: counted, on record and in the words of one that was
        not given, so nobody learns the catalog by asking. Raises TooManyRequests."""
        self._count_refusal(principal)
        self._write(Kind.CREDENTIALS_REFUSED, principal, role=f"{account[:12]}/{name[:64]}", reason="not_given")
        # `role/ci/Deploy`, as it stands in ARNs, is refused as `Deploy`: a difference would tell that it is not there.
        plain = name.rpartition("/")[2] if name.startswith("role/") else name
        return RoleDenied(not_given(plain[:64], account[:12]), reason="denied.not_given")

    def _external_id(self, principal: Principal, request: Request, grant: Grant) -> str:
        """Before anything kept is looked at: a role that was closed gives out nothing, not even what is kept."""
        try:
            return self.third_parties.external_id(grant.role)
        except (RoleDenied, AwsUnavailable) as error:
            self._refused(principal, request, reason=error.reason)
            raise

    def _granted(self, principal: Principal, request: Request, view: CatalogView) -> Granted:
        match decide(principal.session.identity, view, request.role, request.purpose, self.clock()):
            case Granted() as granted:
                return granted
            case Denied(reason, sentence, considered, needs):
                self._refused(principal, request, reason=reason, considered=list(considered[:20]))
                if needs:
                    age = None if needs.max_age is None else int(needs.max_age.total_seconds())
                    raise StepUpRequired(sentence, reason=f"denied.{reason}", mfa=needs.mfa, max_age=age)
                raise RoleDenied(sentence, reason=f"denied.{reason}")

    def _order(self, identity: Identity, grant: Grant, account: Account, request: Request) -> Order:
        passes = self.proofs is not None and grant.role.assertion is Assertion.PASSTHROUGH
        return replace(
            narrowed(identity, grant, request),
            base=account.base,
            fallback_region=account.fallback_region,
            proof=self.proofs.of(identity) if passes and self.proofs is not None else None,
        )

    def _reused_or_minted(self, principal: Principal, request: Request, granted: Granted, order: Order) -> Credentials:
        identity = principal.session.identity
        key = cache_key(identity, order, principal.session)
        minted: list[Credentials] = []

        def landed() -> KeptCredentials | None:
            kept = self.cache.get(key)
            if kept is not None and kept.usable(identity, request.purpose, self.clock()):
                return kept
            failure = self.failures.get(key)
            if failure is not None:
                raise failure.again()
            return None

        def fetch() -> KeptCredentials:
            self._check_code(principal, request, order)
            credentials = self._minted(principal, request, granted, order, key)
            # On record before anybody else can find it: nobody is given what the journal does not know.
            self._confirm(Kind.CREDENTIALS_ISSUED, principal, request, granted, credentials)
            minted.append(credentials)
            kept = KeptCredentials.of(identity, credentials, self.clock())
            # Noted before it can be found again: Redis may fail in between, and a sign-out would name an earlier end.
            self.given.note(identity.person, credentials.expires_at)
            self.cache.put(key, kept, credentials.expires_at - kept.minted_at)
            return kept

        credentials = self.flights.share(key, landed, fetch, _PATIENCE).credentials()
        self._check_not_ended(principal, request)
        if not minted:
            self._confirm(Kind.CREDENTIALS_REUSED, principal, request, granted, credentials)
        return credentials

    def _check_not_ended(self, principal: Principal, request: Request) -> None:
        """A flight takes seconds, and a sign-out in the middle of it means what it says. What the flight brought is
        kept under the epoch before that end, where nobody looks again.
        """
        if self.live.confirm(principal.session) is None:
            self._record(Kind.CREDENTIALS_REFUSED, principal, request, reason="session.ended")
            raise SignInRequired("Your sign-in has ended. Sign in again.", reason="session.ended")

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
            method=str(granted.grant.method),
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
            self._refused(principal, request, reason="mfa.code_required")
            raise MfaCodeRequired(where_to_type(order))
        # Of the device and not of the role: ten roles behind one device would be ten times as many guesses.
        device = f"{principal.key} {role.mfa_serial}"
        self.counters.spend("mfa", device, _CODES_A_MINUTE, timedelta(minutes=1))
        self.counters.spend("mfa.hour", device, _CODES_AN_HOUR, timedelta(hours=1))

    def _minted(self, principal: Principal, request: Request, granted: Granted, order: Order, key: str) -> Credentials:
        who = f"{principal.key} {order.grant.role.arn}"
        order = replace(order, seconds=self.planner.clamped(order.grant.role, order.seconds))
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
        person = principal.session.identity.person
        try:
            issued = self.issuers[order.grant.method].issue(order)
            self.planner.learn(person, order.grant.role, issued)
            return issued.credentials
        except (AwsRefused, AwsUnavailable, SignInRequired) as error:
            method = str(order.grant.method)
            self._record(Kind.CREDENTIALS_REFUSED, principal, request, method=method, reason=error.reason)
            if isinstance(error, AwsRefused) and not order.mfa_code:
                self.planner.refused(person, order.grant.role, error)
            if not order.mfa_code and not isinstance(error, SignInRequired):
                # Those who wait for this flight get the same answer instead of asking AWS one after another. A code
                # or a sign-in, on the other hand, is one's own, and the next one may be right.
                self.failures.put(key, SharedFailure.of(error), _FAILURE_SHARED)
            raise

    def _refused(self, principal: Principal, request: Request, **facts: str | int | list[str]) -> None:
        self._count_refusal(principal)
        self._record(Kind.CREDENTIALS_REFUSED, principal, request, **facts)

    def _count_refusal(self, principal: Principal) -> None:
        self.counters.spend("refused", principal.key, REFUSALS_A_MINUTE, timedelta(minutes=1))

    def _record(self, kind: Kind, principal: Principal, request: Request, **facts: str | int | list[str]) -> None:
        self._write(kind, principal, role=str(request.role), purpose=str(request.purpose), **facts)

    def _write(self, kind: Kind, principal: Principal, **facts: str | int | list[str]) -> None:
        identity = principal.session.identity
        given = {"session": principal.session.handle}
        if principal.session.client == AWS_TOOLS:
            given["client"] = AWS_TOOLS
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
