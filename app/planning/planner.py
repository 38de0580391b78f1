"""Remembering what AWS has taught, and planning with it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from app.core.identity import Person
from app.core.plans import Known, Plan, Signer, plan
from app.core.roles import Account, AccountId, Method, Role, RoleArn
from app.errors import AwsRefused, StoreUnavailable
from app.issuers.asked import AskedOfAws
from app.issuers.order import Issued
from app.issuers.refusals import in_short
from app.planning.knowledge import AccountKnowledge, PersonKnowledge, RefusedLately, RoleKnowledge
from app.store.shelf import Shelf

_LOG = logging.getLogger("fedgate.planning")
_REMEMBERED = timedelta(days=2)
_FRESH = timedelta(days=1)  # after that the role may have been changed: asked, or tried, again
_MISSING_FRESH = timedelta(minutes=10)  # somebody is probably making it
_SIGNER_FRESH = timedelta(hours=1)
_REFUSED_FOR = timedelta(minutes=10)
_SIGNED = (Method.ASSUME_ROLE, Method.FEDERATION_TOKEN, Method.SESSION_TOKEN)

Doc = TypeVar("Doc")


@dataclass(frozen=True, slots=True)
class Planner:
    accounts: Shelf[AccountKnowledge]
    people: Shelf[PersonKnowledge]
    aws: AskedOfAws
    clock: Callable[[], datetime]

    def plans(self, person: Person, roles: Mapping[RoleArn, tuple[Account, Role]]) -> dict[RoleArn, Plan]:
        """For each ARN. Asks only what is remembered: two round trips, and one more for each further account."""
        refused = self._refused(person)
        known = {id_: self._account(id_) for id_ in {account.id for account, _ in roles.values()}}
        return {
            arn: plan(role, self._known(known[account.id], refused, arn), known[account.id].signer_for(account.base))
            for arn, (account, role) in roles.items()
        }

    def plan(self, person: Person, account: Account, role: Role) -> Plan:
        return self.plans(person, {role.arn: (account, role)})[role.arn]

    def due(self, account: Account, roles: Sequence[Role]) -> list[Role]:
        """Those of the account's roles for which `study` would ask AWS. What is known of them is one document: read
        again for each of a thousand roles, it would keep a worker busy."""
        known, now = self._account(account.id), self.clock()
        signed = next(
            (role.arn for role in roles if _lacks_signer(known, account, role, now)), None
        )  # told once for all
        return [role for role in roles if role.arn == signed or _lacks_study(known, role, now)]

    def study(self, account: Account, role: Role) -> None:
        """Ask AWS what it says of the role, if that is not known or a day old. What it does not let us ask stays
        unknown. Raises AwsUnavailable; nothing was put down then, so that the next round asks again.
        """
        known = self._account(account.id)
        now = self.clock()
        if _lacks_signer(known, account, role, now):
            signer = self._asked_signer(account, role)
            self._change_account(account.id, lambda found: found.with_signer(signer, account.base, now))
        if _lacks_study(known, role, now):
            self._change_role(role, self._studied(account, role, now))

    def clamped(self, role: Role, seconds: int) -> int:
        """No longer than AWS is known to give; so that nobody waits for a refusal that is known beforehand."""
        known = self._known(self._account(role.arn.account), {}, role.arn)
        return min(seconds, known.longest_seconds or seconds)

    def learn(self, person: Person, role: Role, issued: Issued) -> None:
        """From a session that AWS gave. The answer is on its way: what cannot be remembered is not worth a failure."""
        now = self.clock()

        def taught(found: RoleKnowledge) -> RoleKnowledge:
            found = replace(found, packed_percent=issued.packed_percent, missing=False)
            if issued.learnt is None:
                return found
            return replace(found, longest_seconds=issued.learnt, source="a refusal", learnt_at=now)

        try:
            self._change_role(role, taught)
            self._forget_refusal(person, role)
        except StoreUnavailable:
            _LOG.warning("what AWS taught about a role was not remembered")

    def refused(self, person: Person, role: Role, refused: AwsRefused) -> None:
        """AWS refused the role to this person. Forgotten after ten minutes."""
        lately = RefusedLately(in_short(refused), self.clock())

        def told(found: PersonKnowledge) -> PersonKnowledge:
            return PersonKnowledge({**self._of_now(found), role.arn: lately})

        try:
            _alter(self.people, _key(person), PersonKnowledge(), told, _REFUSED_FOR)
        except StoreUnavailable:
            _LOG.warning("a refusal of AWS was not remembered")

    def _known(self, account: AccountKnowledge, refused: Mapping[str, RefusedLately], arn: str) -> Known:
        role = account.roles.get(arn, RoleKnowledge())
        stale = _is_older(role.learnt_at, self.clock(), _FRESH)
        lately = refused.get(arn)
        return Known(
            None if stale else role.longest_seconds,
            role.source,
            "" if lately is None else lately.why,
            role.missing,
            role.packed_percent,
        )

    def _studied(self, account: Account, role: Role, now: datetime) -> Callable[[RoleKnowledge], RoleKnowledge]:
        longest, missing = self._asked_longest(account, role)

        def studied(found: RoleKnowledge) -> RoleKnowledge:
            found = replace(found, studied_at=now, missing=missing)
            if longest is None:
                return found
            return replace(found, longest_seconds=longest, source="iam:GetRole", learnt_at=now)

        return studied

    def _asked_signer(self, account: Account, role: Role) -> Signer:
        try:
            return self.aws.signer(account, role)
        except AwsRefused as error:
            _LOG.info("whose credentials the gateway has for %s is unknown: %s", account.id, error.reason)
            return Signer.UNKNOWN

    def _asked_longest(self, account: Account, role: Role) -> tuple[int | None, bool]:
        """And whether IAM says that there is no such role."""
        try:
            return self.aws.longest_session(account, role), False
        except AwsRefused as error:
            _LOG.info("the longest session of %s could not be asked: %s", role.arn, error.reason)
            return None, error.reason.startswith("aws.NoSuchEntity")

    def _account(self, account: AccountId) -> AccountKnowledge:
        return self.accounts.get(account) or AccountKnowledge()

    def _change_role(self, role: Role, alter: Callable[[RoleKnowledge], RoleKnowledge]) -> None:
        def altered(found: AccountKnowledge) -> AccountKnowledge:
            return replace(found, roles={**found.roles, role.arn: alter(found.roles.get(role.arn, RoleKnowledge()))})

        self._change_account(role.arn.account, altered)

    def _change_account(self, account: AccountId, alter: Callable[[AccountKnowledge], AccountKnowledge]) -> None:
        _alter(self.accounts, account, AccountKnowledge(), alter, _REMEMBERED)

    def _refused(self, person: Person) -> Mapping[str, RefusedLately]:
        return self._of_now(self.people.get(_key(person)) or PersonKnowledge())

    def _of_now(self, found: PersonKnowledge) -> Mapping[str, RefusedLately]:
        now = self.clock()
        return {arn: lately for arn, lately in found.refused.items() if now - lately.at < _REFUSED_FOR}

    def _forget_refusal(self, person: Person, role: Role) -> None:
        def without(found: PersonKnowledge) -> PersonKnowledge | None:
            if role.arn not in found.refused:
                return None
            return PersonKnowledge({arn: lately for arn, lately in found.refused.items() if arn != role.arn})

        self.people.change(_key(person), without)


def _alter(shelf: Shelf[Doc], key: str, empty: Doc, alter: Callable[[Doc], Doc], ttl: timedelta) -> None:
    """Another worker may change, begin or end the document at the same time: nothing of either is lost.

    What changes nothing is not written, or every session that is given would be a write for which others wait.
    """

    def altered(found: Doc) -> Doc | None:
        after = alter(found)
        return None if after == found else after

    if shelf.change(key, altered, ttl) is not None or shelf.add(key, alter(empty), ttl):
        return
    if shelf.change(key, altered, ttl) is None:
        shelf.put(key, alter(empty), ttl)  # what stands there was written by another version of the gateway


def _lacks_signer(known: AccountKnowledge, account: Account, role: Role, now: datetime) -> bool:
    return role.method in _SIGNED and not known.has_signer(account.base, now - _SIGNER_FRESH)


def _lacks_study(known: AccountKnowledge, role: Role, now: datetime) -> bool:
    found = known.roles.get(role.arn, RoleKnowledge())
    return _is_older(found.studied_at, now, _MISSING_FRESH if found.missing else _FRESH)


def _is_older(moment: datetime | None, now: datetime, age: timedelta) -> bool:
    return moment is None or now - moment > age


def _key(person: Person) -> str:
    return json.dumps([person.provider, person.subject])
