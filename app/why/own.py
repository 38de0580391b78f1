"""What somebody may be told about themselves and a role.

Of a role that is theirs, everything that leads to it. Of one that is not, what they would hear of one that does not
exist: whoever may ask "why not" of any name could otherwise list a catalog, and with it the accounts of a company and
the groups worth getting into. Only of roles that the operator calls `visible` they learn which of their own provider's
groups give them. Notes, reasons and authors are the administrators' own words, and stay with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.core.decisions import Granted, Purpose, not_given
from app.core.durations import spoken
from app.core.explanations import Considered, Explanation
from app.core.identity import Identity
from app.why.book import Told, Verdict


@dataclass(frozen=True, slots=True)
class Way:
    """One way to get the role: be in one of these groups (or, with a pattern, in one that is called so), and have
    these attributes."""

    groups: Sequence[str]
    attributes: Sequence[tuple[str, Sequence[str]]]
    pattern: str = ""


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """`chain`: sentences, each following from the one before. `limits`: of a session; the first one decides."""

    verdict: Verdict
    account: str
    name: str
    title: str
    chain: Sequence[str]
    limits: Sequence[str] = ()
    ways: Sequence[Way] = ()


def own_answer(told: Told | None, account: str, name: str, label: str) -> OwnAnswer:
    """`told` is None for a role that is not in the catalog. `label`: what people call their provider."""
    found = None if told is None else told.explanation
    if told is None or found is None or told.verdict is Verdict.NO:
        return _not_theirs(told, account[:12], name[:64], label)
    place = told.account.name if told.account is not None else account
    title = f"{found.role.label} in {place}"
    return OwnAnswer(told.verdict, account, name, title, tuple(_chain(told, found, label)), tuple(_limits(told, found)))


def _not_theirs(told: Told | None, account: str, name: str, label: str) -> OwnAnswer:
    found = None if told is None else told.explanation
    ways = () if told is None or found is None else tuple(_ways(found, told.who, told.at))
    said = f"{label} says nothing of you that gives this role." if ways else not_given(name, account)
    return OwnAnswer(Verdict.NO, account, name, f"{name} in {account}", (said,), (), ways)


def _ways(found: Explanation, who: Identity, now: datetime) -> Iterator[Way]:
    """Of the person's own provider only: the groups of another one are nothing that they could be in."""
    if not found.role.visible:
        return
    for one in found.considered:
        rule = one.rule
        if rule.provider == who.provider and not rule.is_over(now):
            asked = tuple((name, tuple(sorted(values))) for name, values in sorted(rule.attributes.items()))
            pattern = rule.group_pattern.text if rule.group_pattern is not None else ""
            yield Way(tuple(sorted(rule.groups)), asked, pattern)


def _chain(told: Told, found: Explanation, label: str) -> Iterator[str]:
    giving = found.giving
    assert giving is not None  # or the verdict would be that it is not theirs
    yield f"{label} says that {_held(giving, told.who)}."
    version = "" if told.version is None else f", version {told.version.number} of {_day(told.version.made_at)}"
    yield f"The rule “{giving.rule.id}” of the catalog{version} gives the role for that."
    if giving.rule.expires is not None:
        yield f"The rule ends on {_day(giving.rule.expires)}."
    if found.denied is not None:
        yield found.denied.sentence
    elif told.closed:
        yield told.closed
    for purpose, answer in found.answers.items():
        if found.denied is None and not isinstance(answer, Granted):
            yield f"Not for the {_WORDS[purpose]}: {answer.sentence}"


def _held(giving: Considered, who: Identity) -> str:
    """What the provider said of the person that the rule asks for."""
    attributes = giving.rule.attributes
    said = [f"your {name} is {', '.join(who.attributes.get(name, ()))}" for name in sorted(attributes)]
    return " and that ".join([*([] if giving.gives == "*" else [f"you are in the group {giving.gives}"]), *said])


def _limits(told: Told, found: Explanation) -> Iterator[str]:
    plan = told.plan
    if plan is None or told.verdict is not Verdict.YES:
        return
    yield f"A session lasts up to {spoken(plan.seconds)}."
    yield from (limit.why for limit in plan.limits)
    yield from (sentence for sentence in (plan.problem, plan.console_why, *plan.notes) if sentence)
    granted = found.granted
    if granted is not None and granted.grant.packed.dropped:
        yield f"Left out for want of space in AWS: the tags {', '.join(granted.grant.packed.dropped)}."


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%d %B %Y, %H:%M} UTC"


_WORDS = {Purpose.CONSOLE: "console", Purpose.CLI: "command line"}
