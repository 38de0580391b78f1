"""What a person may become, and the console, without HTTP."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from urllib.parse import quote, urlencode

from app.audit import Audit
from app.catalog import Catalog
from app.core.decisions import CatalogView, Grant, Purpose, not_given, within_reach
from app.core.destinations import Destination, console_destination, console_home
from app.core.events import Event, Kind
from app.core.identity import Identity
from app.core.needs import Needs
from app.core.plans import Plan
from app.core.roles import Account, Role, RoleArn
from app.errors import DatabaseUnavailable, InvalidRequest, RoleDenied, StepUpRequired
from app.issuance import Issuance, Principal, Request
from app.issuers.console import Console, SignInUrl
from app.planning import Planner
from app.thirdparty.gate import ThirdParties

_PLAIN_IN_PATHS = "+=,.@-_"


@dataclass(frozen=True, slots=True)
class Offer:
    """A role as a person sees it. `profile` is its proposed name in ~/.aws/config, unique for the person."""

    grant: Grant
    account: Account
    profile: str
    plan: Plan
    is_closed: bool = False  # of a third party, and not to be had until its owner has acted
    step_up: Needs = field(default_factory=Needs)  # truthy: theirs only after a sign-in that has these

    @property
    def can_open_console(self) -> bool:
        return Purpose.CONSOLE in self.grant.purposes and self.plan.console

    @property
    def role_path(self) -> str:
        arn = self.grant.role.arn
        return f"/roles/{arn.account}/{quote(arn.name, safe=_PLAIN_IN_PATHS)}"

    @property
    def console_path(self) -> str:
        return console_path(self.grant.role.arn)

    def matches(self, query: str) -> bool:
        """Every word somewhere in the account's name or id, the role's name or label."""
        role = self.grant.role
        text = f"{self.account.name} {self.account.id} {role.label} {role.arn.name} {self.profile}".lower()
        return all(word in text for word in query.lower().split())


@dataclass(frozen=True, slots=True)
class Access:
    base_url: str
    catalog: Catalog
    issuance: Issuance
    planner: Planner
    third_parties: ThirdParties
    console: Console
    audit: Audit
    clock: Callable[[], datetime]

    def offers(self, identity: Identity) -> list[Offer]:
        """Everything this person may take now or after a stronger sign-in, by account and label."""
        view = self.catalog.view()
        reach = within_reach(identity, view, self.clock())
        grants = [grant for grant, _ in reach]
        prefixes = _account_prefixes(view, grants)
        roles = {g.role.arn: (view.accounts[g.role.arn.account], g.role) for g in grants}
        plans = self.planner.plans(identity.person, roles)
        closed = self._closed([grant.role for grant in grants])
        return [
            _told(
                Offer(
                    grant,
                    view.accounts[grant.role.arn.account],
                    f"{prefixes[grant.role.arn.account]}.{_plain(grant.role.arn.name)}",
                    plans[grant.role.arn],
                    step_up=step_up,
                ),
                closed,
            )
            for grant, step_up in reach
        ]

    def offer(self, principal: Principal, account: str, name: str) -> Offer:
        """One of them. Raises RoleDenied, in the same words whether the role exists or not."""
        for offer in self.offers(principal.session.identity):
            if (offer.account.id, offer.grant.role.arn.name) == (account, name):
                return offer
        raise RoleDenied(not_given(name[:64], account[:12]), reason="denied.not_given")

    def _closed(self, roles: Sequence[Role]) -> Mapping[RoleArn, str]:
        """Roles of third parties that are closed, each with the sentence for the person; empty if nobody can say."""
        try:
            return self.third_parties.all_closed(roles)
        except DatabaseUnavailable:
            return {role.arn: "" for role in self.third_parties.of_others(roles)}

    def role_named(self, principal: Principal, account: str, name: str) -> RoleArn:
        """The role of a console link. Raises RoleDenied, and TooManyRequests: any page can name one as if it were a
        picture, and each is a line of the journal in the visitor's name."""
        for arn in self.catalog.view().roles:
            if (arn.account, arn.name) == (account, name):
                return arn
        raise self.issuance.unknown(principal, account, name)

    def open_console(self, principal: Principal, role: RoleArn, destination: str, mfa_code: str = "") -> SignInUrl:
        """A fresh console session. Raises InvalidRequest for a destination outside the console, and MfaCodeRequired."""
        # Who may not take the role hears that, and nothing of the destination: "not a page of its console" would tell
        # a role that exists from one that does not.
        self.issuance.decide(principal, Request(role, Purpose.CONSOLE))
        wanted = self.destination(role, destination)
        credentials = self.issuance.issue(principal, Request(role, Purpose.CONSOLE, mfa_code=mfa_code))
        came_from = f"{self.base_url}{console_path(role, destination)}"
        region = self._region(role)
        url = self.console.sign_in_url(credentials, role.aws_partition, wanted, came_from, region)
        self._record(
            Kind.CONSOLE_OPENED,
            principal,
            role=str(role),
            access_key_id=credentials.access_key_id,
            destination=wanted.partition("?")[0],
        )
        return url

    def console_link(self, principal: Principal, role: RoleArn, destination: str) -> str:
        """Our own link to the console, for somebody who may use it; the browser is asked for a stronger sign-in there,
        if one is needed."""
        with suppress(StepUpRequired):
            self.issuance.decide(principal, Request(role, Purpose.CONSOLE))
        self.destination(role, destination)
        return f"{self.base_url}{console_path(role, destination)}"

    def destination(self, role: RoleArn, wish: str) -> Destination:
        if not wish:
            return console_home(role.aws_partition, self._region(role))
        try:
            return console_destination(wish, role.aws_partition)
        except ValueError as problem:
            sentence = f"The destination is not a page of the AWS console: {problem}. Correct it, or leave it out."
            raise InvalidRequest(sentence, reason="destination") from None

    def _region(self, role: RoleArn) -> str:
        found = self.catalog.view().roles.get(role)
        return found.region if found else "us-east-1"

    def _record(self, kind: Kind, principal: Principal, **facts: str) -> None:
        who = principal.session.identity
        found = {"session": principal.session.handle, **facts}
        address, reference = principal.address, principal.reference
        self.audit.record(Event(kind, who.provider, who.subject, who.name, address, reference, found))


def _told(offer: Offer, closed: Mapping[RoleArn, str]) -> Offer:
    why = closed.get(offer.grant.role.arn)
    if why is None:
        return offer
    unknown = "Whether this role is open cannot be looked up right now."
    return replace(offer, plan=replace(offer.plan, problem=why or unknown), is_closed=bool(why))


def console_path(role: RoleArn, destination: str = "") -> str:
    """The link to this role's console at this gateway."""
    query = f"?{urlencode({'destination': destination})}" if destination else ""
    return f"/console/{role.account}/{quote(role.name, safe=_PLAIN_IN_PATHS)}{query}"


def _account_prefixes(view: CatalogView, grants: list[Grant]) -> dict[str, str]:
    """`production`, or the account's id where two accounts of this person would share a name."""
    ids = {grant.role.arn.account for grant in grants}
    plain = {account: _plain(view.accounts[account].name).lower() for account in ids}
    bearers = Counter(plain.values())
    return {account: account if not name or bearers[name] > 1 else name for account, name in plain.items()}


def _plain(text: str) -> str:
    """What every AWS tool takes in a profile name: letters, digits, dot, dash, underscore."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-.")
