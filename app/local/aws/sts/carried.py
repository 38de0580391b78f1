"""What a session is to carry: tags, transitive keys, a source identity. Passed now, or inherited.

Source: IAM User Guide, "Pass session tags in AWS STS" and "Monitor and control actions taken with assumed
roles". Keys compare without case and keep it; transitive tags and the source identity survive role
chaining and cannot be changed on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.local.aws.refusals import invalid, invalid_value, not_authorized
from app.local.aws.session import Kind
from app.local.aws.signing.caller import Caller, Context

NAME = re.compile(r"[A-Za-z0-9_+=,.@-]{2,64}")
TAG_TEXT = re.compile(r"(?:(?![\t-\r\x1c-\x1f\x85])[\w\s.:/=+\-@])*")
MOST_TAGS = 50


@dataclass(frozen=True, slots=True)
class Carried:
    """`inherited` tags come from the session that chains; `transitive` are all keys that will be handed on."""

    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()
    source_identity: str = ""
    inherited: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_tags(self) -> dict[str, str]:
        return dict(self.inherited) | dict(self.tags)

    def needs(self, action: str) -> list[str]:
        """Every action that the trust policy must allow (IAM User Guide, "Permissions required to add tags")."""
        found = [action]
        if self.all_tags:
            found.append("sts:TagSession")
        if self.source_identity:
            found.append("sts:SetSourceIdentity")
        return found

    def context(self) -> Context:
        context: Context = {f"aws:requesttag/{key.lower()}": (value,) for key, value in self.tags.items()}
        if self.tags:
            context["aws:tagkeys"] = tuple(self.tags)
        if self.transitive:
            context["sts:transitivetagkeys"] = self.transitive
        if self.source_identity:
            context["sts:sourceidentity"] = (self.source_identity,)
        return context


def tags_of(items: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The tags of a request. The model checked each; here they are checked together."""
    pairs = [(str(item["Key"]), str(item["Value"])) for item in items]
    check_tags(pairs)
    return dict(pairs)


def check_tags(pairs: list[tuple[str, str]]) -> None:
    """For tags inside assertions and tokens the limits of the request apply as well."""
    if len({key.lower() for key, _ in pairs}) != len(pairs):
        raise invalid_value("Duplicate tag keys found. Please note that Tag keys are case insensitive.")
    if len(pairs) > MOST_TAGS:
        raise invalid(f"Session tags must have length less than or equal to {MOST_TAGS}")
    for key, value in pairs:
        if key.lower().startswith("aws:"):
            raise invalid_value("Tag keys must not begin with aws:, which is reserved.")
        if not 1 <= len(key) <= 128 or len(value) > 256 or not (TAG_TEXT.fullmatch(key) and TAG_TEXT.fullmatch(value)):
            raise invalid("A session tag has a key or value with a length or character that is not allowed")


def check_transitive(keys: Iterable[str], tags: Mapping[str, str]) -> tuple[str, ...]:
    """A key can be handed on only if it is passed here."""
    folded = {key.lower() for key in tags}
    wanted = tuple(keys)
    if any(key.lower() not in folded for key in wanted):
        raise invalid_value("The specified transitive tag key must be included in the requested tags.")
    return wanted


def chained(passed: Carried, caller: Caller, role_arn: str) -> Carried:
    """Adds what the caller's own session hands on. Raises when something inherited would be changed."""
    session = caller.session
    if session is None or session.kind is Kind.FEDERATED:
        return passed
    handed_on = {key.lower() for key in session.transitive}
    inherited = {key: value for key, value in session.tags.items() if key.lower() in handed_on}
    if handed_on & {key.lower() for key in passed.tags}:
        conflict = "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag"
        raise invalid_value(f"{conflict} key from the calling session.")
    if session.source_identity and passed.source_identity not in ("", session.source_identity):
        raise not_authorized(caller.arn, "sts:SetSourceIdentity", role_arn)
    source_identity = session.source_identity or passed.source_identity
    return Carried(passed.tags, session.transitive + passed.transitive, source_identity, inherited)
