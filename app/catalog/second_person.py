"""Four eyes: does this change need a second person, and why?

It does if it widens what its own author may take: nobody makes themselves an administrator alone, whether by mistake
or because somebody else sits at their keyboard. And it does if it touches a role that is marked `sensitive`, or a rule
that gives one. "Later" counts as "more": a rule that expires next year instead of tonight widens as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from app.core.decisions import CatalogView
from app.core.identity import Identity
from app.core.roles import Account, Role, RoleArn, Zone
from app.core.rules import Rule

FOREVER = datetime.max.replace(tzinfo=UTC)

Reach = Mapping[RoleArn, datetime]
"""What somebody may take, and until when the rules give it."""


def reach(identity: Identity, view: CatalogView, now: datetime) -> Reach:
    """Whatever the sign-in lacks: who may take a role after a second factor may take it."""
    found: dict[RoleArn, datetime] = {}
    for rule in view.rules:
        ends = rule.expires or FOREVER
        if ends <= now or replace(rule, expires=None).why_not(identity, now):
            continue
        for arn in _candidates(rule, view):
            role = view.roles[arn]
            if (role.console or role.cli) and found.get(arn, now) < ends and rule.gives(identity, role):
                found[arn] = ends
    return found


def widens(identity: Identity, before: CatalogView, after: CatalogView, now: datetime) -> tuple[str, ...]:
    """What this person would gain, sentence by sentence; empty if nothing."""
    return tuple(_gains(identity, before, after, now))


def touches(before: CatalogView, after: CatalogView) -> tuple[str, ...]:
    """The sensitive roles whose entry, account or rules would be other than before, sentence by sentence."""
    sensitive = {arn for view in (before, after) for arn, role in view.roles.items() if role.sensitive}
    if not sensitive:
        return ()
    altered = _altered_rules(before, after)
    found = []
    for arn in sorted(sensitive):
        if before.roles.get(arn) != after.roles.get(arn):
            found.append(f"The role {arn.name} in {arn.account} is marked sensitive.")
        elif before.accounts.get(arn.account) != after.accounts.get(arn.account):
            found.append(f"The account {arn.account} has the role {arn.name}, which is marked sensitive.")
        else:
            named = [rule.id for rule in altered if arn in rule.roles or rule.group_pattern is not None]
            found += [f"The rule {name} gives the role {arn.name}, which is marked sensitive." for name in named[:1]]
    return tuple(found)


def _gains(identity: Identity, before: CatalogView, after: CatalogView, now: datetime) -> Iterator[str]:
    had, has = reach(identity, before, now), reach(identity, after, now)
    for arn, ends in has.items():
        role, account = after.roles[arn], after.accounts[arn.account]
        place = f"the role {role.label} in {account.name}"
        if arn not in had:
            yield f"It would give you {place}."
        elif ends > had[arn]:
            yield f"It would let you take {place} for longer: {_when(ends)} instead of {_when(had[arn])}."
        elif loosened := _loosened(before.roles[arn], role, before.accounts[arn.account], account):
            yield f"You may take {place}, and it would change its limits: {', '.join(loosened)}."


def _loosened(old: Role, new: Role, was: Account, is_now: Account) -> list[str]:
    """Tags and policies count whenever they differ: which of two is the wider one is a question that only AWS could
    answer."""
    fresh = (old.fresh_minutes or 10**9, new.fresh_minutes or 10**9)
    found = {
        "longer sessions": new.max_seconds > old.max_seconds,
        "the console": new.console and not old.console,
        "the command line": new.cli and not old.cli,
        "no second factor": old.require_mfa and not new.require_mfa,
        "an older sign-in": fresh[1] > fresh[0],
        "another session policy": (old.policy, old.policy_arns) != (new.policy, new.policy_arns),
        "other session tags": (old.tags, old.transitive_tags, old.shorten)
        != (new.tags, new.transitive_tags, new.shorten),
        "another way in": _way_in(old, was) != _way_in(new, is_now),
        "no external id": was.zone is Zone.THIRD_PARTY and is_now.zone is Zone.OWN,
    }
    return [words for words, holds in found.items() if holds]


def _way_in(role: Role, account: Account) -> tuple[object, ...]:
    """Through which call, with whose proof and whose credentials: one that AWS refuses today may be one it takes."""
    cognito = (role.identity_pool, role.pool_login)
    return role.method, role.assertion, role.provider_arn, role.mfa_serial, *cognito, account.base


def _candidates(rule: Rule, view: CatalogView) -> Iterator[RoleArn]:
    """The roles that the rule could give: those that it names, or with a pattern any."""
    yield from view.roles if rule.group_pattern is not None else (arn for arn in rule.roles if arn in view.roles)


def _altered_rules(before: CatalogView, after: CatalogView) -> list[Rule]:
    """Both shapes of every rule that is not the same in both."""
    old, new = ({rule.id: rule for rule in view.rules} for view in (before, after))
    names = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    return [found for name in names for found in (old.get(name), new.get(name)) if found is not None]


def _when(moment: datetime) -> str:
    return "without an end" if moment == FOREVER else f"until {moment.astimezone(UTC):%d %B %Y, %H:%M} UTC"
