"""Which roles an entry of the catalog gives, where it does not name them itself."""

from __future__ import annotations

from collections.abc import Sequence

from app.admin.catalog.possible import by_rule, roles_of
from app.catalog.differences import differences
from app.catalog.entries import Entries, Key, Kind
from tests.world import DEVELOPMENT, PRODUCTION

READ, WRITE, PASSED = (f"arn:aws:iam::{PRODUCTION}:role/{name}" for name in ("Read", "ops/Write", "Passed"))
BY_NAME = Key(Kind.RULE, "by name")
SAID: Entries = {
    Key(Kind.ACCOUNT, PRODUCTION): {"id": PRODUCTION, "name": "Production"},
    Key(Kind.ROLE, READ): {"arn": READ},
    Key(Kind.ROLE, WRITE): {"arn": WRITE},
    Key(Kind.ROLE, PASSED): {"arn": PASSED, "assertion": "passthrough"},
    BY_NAME: {"id": "by name", "provider": "corp", "group_pattern": r"aws-(?P<account>\d{12})-(?P<role>\w+)"},
}


def seen(provider: str) -> Sequence[str]:
    roles = ("Write", "Passed", "Gone") if provider == "corp" else ("Read",)
    return ["everybody", f"aws-{DEVELOPMENT}-Read", *(f"aws-{PRODUCTION}-{role}" for role in roles)]


def test_a_pattern_gives_the_roles_that_groups_of_its_provider_name() -> None:
    assert roles_of(BY_NAME, SAID, seen) == [WRITE]
    assert roles_of(Key(Kind.ROLE, READ), SAID, seen) == [READ]
    assert roles_of(BY_NAME, SAID, lambda provider: ["everybody"]) == []
    broken = {**SAID, BY_NAME: {**SAID[BY_NAME], "group_pattern": "("}}
    assert roles_of(BY_NAME, broken, seen) == []


def test_what_is_possible_by_a_pattern_stands_beside_the_rule_that_is_proposed() -> None:
    before = {key: said for key, said in SAID.items() if key != BY_NAME}
    found = by_rule(differences(before, SAID), lambda arns: {}, SAID, seen)
    assert [one.arn for one in found[BY_NAME]] == [WRITE]
