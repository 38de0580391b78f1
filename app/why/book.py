"""Everything that there is to say about one person and one role, from the books that know it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from app.catalog import Catalog
from app.catalog.versions import Version, Versions
from app.core.decisions import CatalogView
from app.core.explanations import Explanation, explain
from app.core.identity import Identity
from app.core.plans import Plan
from app.core.roles import Account, RoleArn
from app.errors import DatabaseUnavailable, GatewayError, NotFound
from app.planning import Planner
from app.thirdparty.gate import ThirdParties


class Verdict(StrEnum):
    YES = "granted"
    CONFIRM = "step_up"  # theirs, after a sign-in that is stronger or fresher
    LIMITED = "limited"  # a rule gives it, and one of the role's limits does not let them
    CLOSED = "closed"  # a third party's role, which does not hold people to its external id
    NO = "not_given"


@dataclass(frozen=True, slots=True)
class Told:
    """`version` is None where the catalog is a file, or its history cannot be read; `catalog` names it all the same.
    `closed` is why nobody gets the role of a third party now."""

    who: Identity
    arn: RoleArn
    account: Account | None
    explanation: Explanation | None
    plan: Plan | None
    closed: str
    catalog: str
    version: Version | None
    at: datetime

    @property
    def verdict(self) -> Verdict:
        if self.explanation is None or self.explanation.giving is None:
            return Verdict.NO
        denied = self.explanation.denied
        if denied is not None:
            return Verdict.CONFIRM if denied.needs else Verdict.LIMITED
        return Verdict.CLOSED if self.closed else Verdict.YES


@dataclass(frozen=True, slots=True)
class Why:
    """`versions` is None where the catalog is a file. `contact`: whom people ask for a role."""

    catalog: Catalog
    versions: Versions | None
    planner: Planner
    third_parties: ThirdParties
    contact: str
    clock: Callable[[], datetime]

    def told(self, who: Identity, arn: RoleArn) -> Told:
        """Raises StoreUnavailable where the plan is kept."""
        view, now = self.catalog.view(), self.clock()
        found = explain(who, view, arn, now)
        if found is None:
            return Told(who, arn, None, None, None, "", view.version, self._version(view), now)
        account = view.accounts[arn.account]
        return Told(
            who,
            arn,
            account,
            found,
            self.planner.plan(who.person, account, found.role),
            self._closed(found),
            view.version,
            self._version(view),
            now,
        )

    def named(self, account: str, name: str) -> RoleArn | None:
        return next((arn for arn in self.catalog.view().roles if (arn.account, arn.name) == (account, name)), None)

    def _closed(self, found: Explanation) -> str:
        try:
            return self.third_parties.why_closed(found.role)
        except GatewayError as unknown:
            return unknown.sentence

    def _version(self, view: CatalogView) -> Version | None:
        if self.versions is None or not view.version.isdecimal():
            return None
        try:
            return self.versions.version(int(view.version))
        except (DatabaseUnavailable, NotFound):
            return None  # the number is known; who saved it can be looked up later
