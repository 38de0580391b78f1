"""May the gateway use this role of somebody else's account? By the record, and by a trial when that is old."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.audit import Audit
from app.catalog import Catalog
from app.core.decisions import CatalogView
from app.core.events import Event, Kind
from app.core.roles import Account, Role, RoleArn, Zone
from app.errors import AuditUnavailable, AwsUnavailable, RoleDenied
from app.store.flight import Flights
from app.thirdparty.advice import closed_for_a_person, for_the_owner, not_proven_for_a_person
from app.thirdparty.book import Record, TrialBook
from app.thirdparty.external_ids import ExternalIds
from app.thirdparty.prober import Prober
from app.thirdparty.trial import Trial, Verdict

_LOG = logging.getLogger("fedgate.thirdparty")
_PATIENCE = timedelta(seconds=25)
CLOSED = "denied.third_party"


def third_party_roles(view: CatalogView) -> list[Role]:
    return [role for arn, role in view.roles.items() if view.accounts[arn.account].zone is Zone.THIRD_PARTY]


@dataclass(frozen=True, slots=True)
class ThirdParties:
    """Every method raises DatabaseUnavailable when it has to look and cannot; for roles of one's own it never looks."""

    catalog: Catalog
    ids: ExternalIds
    book: TrialBook
    prober: Prober
    flights: Flights
    audit: Audit
    clock: Callable[[], datetime]

    def why_closed(self, role: Role) -> str:
        """For the person, from the record alone; empty if the role is open, one's own, or to be tried when it is used:
        its owner may have corrected it.
        """
        if not self.of_others([role]):
            return ""
        record = self.book.of(role.arn)
        if record is None or not self._is_closed(record) or record.is_due(self.clock()):
            return ""
        return closed_for_a_person(role, self._account(role))

    def all_closed(self, roles: Iterable[Role]) -> dict[RoleArn, str]:
        """The same sentence for each of many that were closed at their last trial, for one look into the book: a page
        may list a thousand, and a database that is away is then waited for once.
        """
        theirs = {role.arn: role for role in self.of_others(roles)}
        known = self.book.all_of(theirs) if theirs else {}
        closed = [theirs[arn] for arn, record in known.items() if self._is_closed(record)]
        return {role.arn: closed_for_a_person(role, self._account(role)) for role in closed}

    def of_others(self, roles: Iterable[Role]) -> list[Role]:
        """Those in accounts of third parties."""
        accounts = self.catalog.view().accounts
        found = [(role, accounts.get(role.arn.account)) for role in roles]
        return [role for role, account in found if account is not None and account.zone is not Zone.OWN]

    def _is_closed(self, record: Record) -> bool:
        return record.trial.verdict is Verdict.FAILED and not record.is_open(self.clock())

    def closed(self) -> int:
        """How many roles of third parties were tried and are not open."""
        roles, now = third_party_roles(self.catalog.view()), self.clock()
        known = self.book.all_of(role.arn for role in roles) if roles else {}
        return sum(not record.is_open(now) for record in known.values())

    def external_id(self, role: Role) -> str:
        """What AssumeRole must send; empty for an account of one's own. Tries the role first if that was long ago.

        Raises RoleDenied if the role is closed, AwsUnavailable if AWS gives no clear answer, AuditUnavailable.
        """
        account = self._account(role)
        if account.zone is Zone.OWN:
            return ""
        live = self.ids.of(account.id)

        def landed() -> Record | None:
            record = self.book.of(role.arn)
            usable = record is not None and record.external_id in live and not record.is_due(self.clock())
            return record if usable else None

        key = f"thirdparty {role.arn}"
        record = self.flights.share(key, landed, lambda: self.prove(role), _PATIENCE)
        if record.is_open(self.clock()):
            return record.external_id
        if record.trial.verdict is Verdict.FAILED:
            raise RoleDenied(closed_for_a_person(role, account), reason=CLOSED)
        raise AwsUnavailable(not_proven_for_a_person(role), reason="thirdparty.unknown", retry_after=15)

    def prove(self, role: Role) -> Record:
        """Tries the role now and puts what came of it on record. Raises AuditUnavailable before AWS is asked."""
        account, began = self._account(role), self.clock()
        before = self.book.of(role.arn)
        external_id, trial = self._tried(role, account)
        was_open = before is not None and before.is_open(before.tried_at)
        if trial.verdict is Verdict.FAILED and was_open:
            self._alarm(role, account, trial, "drift")
        record = self.book.write(role.arn, external_id, trial, began)
        if was_open and trial.verdict is Verdict.UNKNOWN and not record.is_open(began):
            self._alarm(role, account, trial, "unknown for too long")
        self._note(before, record)
        return record

    def _tried(self, role: Role, account: Account) -> tuple[str, Trial]:
        """While an owner changes the trust policy there are two external ids: the newest that works is right."""
        newest, *older = self.ids.of(account.id)
        trial = self.try_with(role, newest)
        if older and trial.verdict is Verdict.FAILED and not trial.is_open_to_others:
            return older[0], self.try_with(role, older[0])
        return newest, trial

    def try_with(self, role: Role, external_id: str) -> Trial:
        """Leaves no record but the journal's, which is written first: a trial that succeeds has got credentials."""
        self.audit.record(Event(Kind.THIRD_PARTY_TRIED, facts={"role": str(role.arn)}))
        return self.prober.trial(role, self._account(role), external_id)

    def _alarm(self, role: Role, account: Account, trial: Trial, why: str) -> None:
        """Before the role is closed: an alarm that sounds twice is better than one that is lost."""
        owner = for_the_owner(trial, self.ids.of(account.id))
        _LOG.error("third party role closed (%s): %s", why, owner, extra={"facts": {"role": str(role.arn)}})
        facts = {"role": str(role.arn), "why": why, **_answers(trial)}
        try:
            self.audit.record(Event(Kind.THIRD_PARTY_DRIFT, facts=facts))
        except AuditUnavailable as error:
            _LOG.error("the alarm is not in the journal: %s", error.reason)  # the role must be closed all the same

    def _note(self, before: Record | None, record: Record) -> None:
        """A change for the journal; the daily same again is not."""
        if before is not None and before.trial.verdict is record.trial.verdict:
            return
        kind = Kind.THIRD_PARTY_PROVEN if record.trial.verdict is Verdict.PASSED else Kind.THIRD_PARTY_NOT_PROVEN
        self.audit.record(Event(kind, facts={"role": str(record.role), **_answers(record.trial)}))

    def _account(self, role: Role) -> Account:
        account = self.catalog.view().accounts.get(role.arn.account)
        if account is None:  # the catalog changed while this request was on its way
            raise RoleDenied("This role is no longer given out. Look at your roles again.", reason="denied.not_given")
        return account


def _answers(trial: Trial) -> dict[str, str]:
    return {"right": str(trial.right), "wrong": str(trial.wrong), "none": str(trial.none)}
