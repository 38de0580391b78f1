"""Rules: whom they match and what they give, as far as the file can be wrong about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from app.catalog.problems import Problems
from app.catalog.shape import CatalogShape, RuleEntry
from app.core.group_patterns import GroupPattern
from app.core.proof import Passing
from app.core.roles import Assertion, Method, Role, RoleArn
from app.core.rules import Rule
from app.toml_files import Fitting


@dataclass(frozen=True, slots=True)
class Rules:
    """`provider_ids` and `passing` as for `load_catalog`."""

    fitting: Fitting[CatalogShape]
    problems: Problems
    roles: Mapping[RoleArn, Role]
    provider_ids: frozenset[str] | None
    passing: Mapping[str, Passing]

    def read(self) -> list[Rule]:
        seen: set[str] = set()
        rules = []
        known: dict[str, Role] = dict(self.roles.items())
        written = {entry.arn for entry in self.fitting.tables.role}
        for position, entry in self.fitting.numbered("rule", self.fitting.tables.rule):
            key = f"rule[{position}]"
            if entry.id in seen:
                self.problems.note(f"{key}.id", f"there are two rules with the id {entry.id}")
            seen.add(entry.id)
            if self.provider_ids is not None and entry.provider not in self.provider_ids:
                self.problems.note(f"{key}.provider", f"there is no provider {entry.provider} in gateway.toml")
            self._check_rule(key, entry)
            pattern = self._pattern(key, entry)
            given = [known[role] for role in entry.roles if self._known(f"{key}.roles", role, written)]
            self._check_passing(key, entry.provider, given)
            rules.append(
                Rule(
                    id=entry.id,
                    provider=entry.provider,
                    groups=frozenset(entry.groups),
                    group_pattern=pattern,
                    attributes={name: frozenset(values) for name, values in entry.attributes.items()},
                    roles=frozenset(role.arn for role in given),
                    expires=entry.expires,
                    note=entry.note,
                )
            )
        return rules

    def _check_passing(self, key: str, provider: str, given: Sequence[Role]) -> None:
        for role in given if self.provider_ids is not None else ():
            found = self.passing.get(provider)
            serves = found is not None and found.serves(role.method, role.arn.aws_partition)
            if role.assertion is Assertion.PASSTHROUGH and not serves:
                kind = "saml" if role.method is Method.SAML else "oidc"
                sentence = (
                    f"{role.arn.name} wants a provider of kind {kind} with passthrough = true for the partition "
                    f"{role.arn.aws_partition}, which {provider} is not"
                )
                self.problems.note(f"{key}.roles", sentence)

    def _check_rule(self, key: str, entry: RuleEntry) -> None:
        if entry.group_pattern is not None and (entry.groups or entry.roles):
            self.problems.note(f"{key}.group_pattern", "names the roles itself; it goes without `groups` and `roles`")
        if entry.group_pattern is None and not entry.roles:
            self.problems.note(f"{key}.roles", "is required: at least one role")
        if entry.group_pattern is None and not entry.groups and not entry.attributes:
            self.problems.note(
                f"{key}.groups", "is required: a rule without groups and attributes would match everybody"
            )
        if entry.expires is not None and entry.expires.tzinfo is None:
            self.problems.note(f"{key}.expires", "expected a time with its zone, such as 2027-01-31T00:00:00Z")
        elif entry.expires is not None and not 2000 <= entry.expires.year <= 9000:
            self.problems.note(
                f"{key}.expires", "expected a year from 2000 to 9000; leave it out if the rule does not expire"
            )
        if "" in entry.groups:
            self.problems.note(f"{key}.groups", "expected names of groups, got an empty one")
        for name, values in entry.attributes.items():
            if not values:
                self.problems.note(f"{key}.attributes.{name}", "expected at least one value")

    def _pattern(self, key: str, entry: RuleEntry) -> GroupPattern | None:
        if entry.group_pattern is None:
            return None
        try:
            return GroupPattern(entry.group_pattern)
        except ValueError as problem:
            self.problems.note(f"{key}.group_pattern", str(problem))
            return None

    def _known(self, key: str, role: str, written: Collection[str]) -> bool:
        if role in self.roles:
            return True
        # A role that is written but has problems of its own is told about there.
        if role not in written:
            self.problems.note(key, f"there is no [[role]] with the ARN {role}")
        return False
