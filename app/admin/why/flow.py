"""Choosing a person and a role, and the answer about the two, without HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.core.decisions import CatalogView
from app.core.identity import Person
from app.core.remembered import Remembered
from app.core.roles import Role, RoleArn, entry_arn
from app.errors import InvalidRequest, NotFound
from app.people import PeopleBook
from app.why import Told, Why

MOST = 20  # of each list


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody typed, and what they chose; empty for what they did not."""

    person: str = ""
    role: str = ""
    provider: str = ""
    subject: str = ""
    role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """A role as a list shows it."""

    arn: RoleArn
    label: str
    account: str


@dataclass(frozen=True, slots=True)
class Found:
    """`who` and `role` once there is one of each, and then `told`; else the lists to choose from."""

    asked: Asked
    people: Sequence[Remembered]
    roles: Sequence[Named]
    who: Remembered | None
    role: Named | None
    told: Told | None


@dataclass(frozen=True, slots=True)
class WhyDesk:
    why: Why
    people: PeopleBook

    def find(self, asked: Asked) -> Found:
        """Raises DatabaseUnavailable, StoreUnavailable."""
        view = self.why.catalog.view()
        people = self._people(asked)
        roles = _roles(view, asked)
        who = people[0] if len(people) == 1 else None
        role = roles[0] if len(roles) == 1 else None
        told = self._told(who, role.arn) if who is not None and role is not None else None
        return Found(asked, people, roles, who, role, told)

    def told(self, provider: str, subject: str, role_arn: str) -> Told:
        """Raises NotFound for somebody who is not remembered, InvalidRequest for what is no ARN."""
        who = self.people.find(Person(provider, subject))
        if who is None:
            raise NotFound(
                f"Nobody of that provider and subject signed in during the last {self.people.keeps.days} days.",
                reason="why.person",
            )
        try:
            return self._told(who, entry_arn(role_arn))
        except ValueError:
            sentence = "role_arn: expected a role ARN such as arn:aws:iam::111122223333:role/Name."
            raise InvalidRequest(sentence, reason="api.role_arn") from None

    def _told(self, who: Remembered, arn: RoleArn) -> Told:
        """As if they signed in now: what is known of them are their groups, and not how they will have signed in."""
        return self.why.told(who.as_if_now(self.why.clock()), arn)

    def _people(self, asked: Asked) -> Sequence[Remembered]:
        if asked.subject:
            found = self.people.find(Person(asked.provider, asked.subject))
            return [] if found is None else [found]
        return self.people.like(asked.person, MOST) if asked.person else []


def _roles(view: CatalogView, asked: Asked) -> Sequence[Named]:
    words = asked.role.lower().split()
    if asked.role_arn:
        return [_named(view, role) for arn, role in view.roles.items() if arn == asked.role_arn]
    if not words:
        return []
    named = (_named(view, role) for role in view.roles.values())
    found = [one for one in named if all(word in f"{one.arn} {one.label} {one.account}".lower() for word in words)]
    return sorted(found, key=lambda one: (one.account, one.label, one.arn))[:MOST]


def _named(view: CatalogView, role: Role) -> Named:
    return Named(role.arn, role.label, view.accounts[role.arn.account].name)
