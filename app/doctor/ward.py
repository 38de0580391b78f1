"""Looking at roles, remembering what was seen, and noticing what has become worse."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.audit import Audit
from app.awsside.documents import Gateway, NotDescribed
from app.catalog import Catalog
from app.core.events import Event, Kind
from app.core.roles import Account, AccountId, Base, Role, UserArn, Zone
from app.doctor.charts import AccountCharts, Chart, Line
from app.doctor.diagnosis import Diagnosis, Patient, diagnose
from app.doctor.drift import became_worse
from app.doctor.judging import Report, asker_of, judged
from app.doctor.reach import Reached, paths_of, told
from app.errors import AuditUnavailable, AwsRefused, AwsUnavailable, NotFound
from app.issuers.asked import SIGNERS
from app.issuers.inspecting import RoleInspection, SeenRole
from app.issuers.refusals import in_short
from app.store.shelf import Shelf

_LOG = logging.getLogger("fedgate.doctor")
_REMEMBERED = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Ward:
    catalog: Catalog
    gateway: Gateway
    external_ids: Callable[[AccountId], Sequence[str]]
    inspection: RoleInspection
    charts: Shelf[Chart]
    lists: Shelf[AccountCharts]
    audit: Audit
    clock: Callable[[], datetime]

    def find(self, account: str, name: str) -> Role:
        """Raises NotFound."""
        for arn, role in self.catalog.view().roles.items():
            if (arn.account, arn.name) == (account, name):
                return role
        raise NotFound("There is no such role in the catalog. Go to the list of roles.")

    def report(self, role: Role) -> Report:
        """Asks AWS nothing."""
        return self._judged(role, self.charts.get(role.arn))

    def examine(self, role: Role, text: str) -> Report:
        """Of a trust policy that somebody pasted: nothing is remembered."""
        now = self.clock()
        known = self.charts.get(role.arn) or Chart(now)
        return self._judged(role, replace(known, trust=text, seen_at=now, looked_at=now, why_not="", worse=()))

    def look(self, role: Role, why_not: str = "") -> Report:
        """Asks IAM now, unless it is known already `why_not`. A change that makes it worse is in the journal before it
        is remembered."""
        before = self.charts.get(role.arn)
        chart = self._not_seen(before, why_not, all_alike=True) if why_not else self._looked(role, before)
        if before is not None and not chart.why_not:
            chart = self._compared(role, before, chart)
        self.charts.put(role.arn, chart, _REMEMBERED)
        report = self._judged(role, chart)
        self._list(report)
        return report

    def look_at(self, roles: Iterable[Role]) -> Iterator[Report]:
        """One after the other. Where the credentials themselves are of no use, or AWS is away, the others that are
        asked for with the same ones do not wait for it again."""
        blocked: dict[Base, str] = {}
        for role in roles:
            base = self._account(role).base
            report = self.look(role, blocked.get(base, ""))
            if report.chart is not None and report.chart.all_alike:
                blocked[base] = report.chart.why_not
            yield report

    def lines(self) -> dict[str, Line]:
        """By ARN, for every role of the catalog that was looked at. One round trip for each account."""
        view = self.catalog.view()
        return {arn: line for arn, line in self._listed(view.accounts).items() if arn in view.roles}

    def reached(self, arns: Iterable[str]) -> dict[str, Reached]:
        """What is possible with these roles, as far as they are in the catalog. Asks AWS nothing; one round trip for
        each of their accounts."""
        roles = self.catalog.view().roles
        wanted = set(arns)
        asked = [arn for arn in roles if arn in wanted]
        lines = self._listed({arn.account for arn in asked})
        return {arn: _reached(lines.get(arn)) for arn in asked}

    def _listed(self, accounts: Iterable[AccountId]) -> dict[str, Line]:
        lists = [self.lists.get(account) or AccountCharts() for account in accounts]
        return {arn: line for known in lists for arn, line in known.roles.items()}

    def is_due(self, role: Role, line: Line | None) -> bool:
        return line is None or line.is_due(self.clock(), self._made_of(role))

    def patient(self, role: Role, chart: Chart | None = None) -> Patient:
        account = self._account(role)
        external = {account.id: self.external_ids(account.id)} if account.zone is Zone.THIRD_PARTY else {}
        asker = asker_of(chart, account, self.gateway)
        principal = asker.principal or self.gateway.principal  # what AWS says goes before what gateway.toml says
        gateway = replace(self.gateway, external_ids=external, principal=principal)
        return Patient(role, account, gateway, asker)

    def _looked(self, role: Role, before: Chart | None) -> Chart:
        account = self._account(role)
        if isinstance(role.arn, UserArn):
            return Chart(self.clock())
        try:
            caller = self.inspection.caller(account, role)
        except (AwsRefused, AwsUnavailable) as error:
            return self._not_seen(before, _why(error), all_alike=True)
        known = replace(before or Chart(self.clock()), asker=caller.arn, signer=SIGNERS[caller.kind])
        try:
            return self._reaching(role, account, self._seen(known, self.inspection.role(account, role)))
        except (AwsRefused, AwsUnavailable) as error:
            _LOG.info("%s could not be looked at: %s", role.arn, error.reason)
            return self._not_seen(known, _why(error), all_alike=isinstance(error, AwsUnavailable))

    def _not_seen(self, before: Chart | None, why_not: str, *, all_alike: bool) -> Chart:
        """What was seen earlier stays on the chart, and is no longer taken for the truth."""
        now = self.clock()
        return replace(before or Chart(now), looked_at=now, why_not=why_not, all_alike=all_alike)

    def _seen(self, known: Chart, seen: SeenRole) -> Chart:
        now = self.clock()
        return replace(
            known,
            looked_at=now,
            seen_at=now,
            trust=seen.trust,
            longest_seconds=seen.longest_seconds,
            description=seen.description,
            boundary=seen.boundary,
            why_not="",
            all_alike=False,
        )

    def _reaching(self, role: Role, account: Account, chart: Chart) -> Chart:
        try:
            found = self.inspection.policies(account, role)
        except (AwsRefused, AwsUnavailable) as error:
            return replace(chart, reach=(), reach_why_not=_why(error))
        return replace(chart, reach=paths_of([policy.text for policy in found]), reach_why_not="")

    def _compared(self, role: Role, before: Chart, after: Chart) -> Chart:
        if not before.trust or (before.trust, before.longest_seconds) == (after.trust, after.longest_seconds):
            return after
        was, now_is = (self._diagnosed(role, chart) for chart in (before, after))
        worse = became_worse(was, now_is) if was is not None and now_is is not None else ()
        if not worse:
            return replace(after, worse=(), worse_at=None)
        _LOG.error("the trust policy of %s has become worse: %s", role.arn, " ".join(worse))
        try:
            self.audit.record(Event(Kind.DOCTOR_DRIFT, facts={"role": str(role.arn), "worse": list(worse)}))
        except AuditUnavailable:
            _LOG.error("the alarm is not in the journal; the next look sounds it again")
            return replace(before, looked_at=after.looked_at)
        return replace(after, worse=worse, worse_at=after.looked_at)

    def _diagnosed(self, role: Role, chart: Chart) -> Diagnosis | None:
        try:
            return diagnose(self.patient(role, chart), chart.trust, self.clock(), chart.longest_seconds)
        except NotDescribed:
            return None

    def _judged(self, role: Role, chart: Chart | None) -> Report:
        return judged(role, self._account(role), chart, lambda: self.patient(role, chart), self.clock())

    def _list(self, report: Report) -> None:
        chart, found = report.chart, report.diagnosis.findings if report.diagnosis else ()
        assert chart is not None
        line = Line(
            report.state,
            chart.looked_at,
            self._made_of(report.role),
            len(found),
            str(found[0].severity) if found else "",
            chart.worse_at,
            chart.reach,
            chart.reach_at,
        )

        def listed(known: AccountCharts) -> AccountCharts:
            return AccountCharts({**known.roles, report.role.arn: line})

        account = report.account.id
        if self.lists.change(account, listed, _REMEMBERED) is None:
            self.lists.put(account, listed(AccountCharts()), _REMEMBERED)

    def _made_of(self, role: Role) -> str:
        """Another entry in the catalog makes another call, and so another judgement."""
        account = self._account(role)
        parts = repr((role, account, self.gateway.issuer_url, self.gateway.principal))
        return hashlib.sha256(parts.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def _account(self, role: Role) -> Account:
        account = self.catalog.view().accounts.get(role.arn.account)
        if account is None:
            raise NotFound("The role's account is no longer in the catalog. Go to the list of roles.")
        return account


def _reached(line: Line | None) -> Reached:
    return Reached() if line is None else Reached(told(line.reach), line.reach_at)


def _why(error: AwsRefused | AwsUnavailable) -> str:
    return in_short(error) if isinstance(error, AwsRefused) else error.sentence
