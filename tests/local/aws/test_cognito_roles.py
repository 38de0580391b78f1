"""Which role: the pool's own, one that a rule or the token names, and the one that was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.aws.bench import Bench, refusal, role_arn
from tests.local.aws.pools import Pool, new_pool

DENIED = "The ambiguous role mapping rules denied this request"


@pytest.fixture
def pool(bench: Bench) -> Pool:
    """Three roles that trust it: Reader, Writer, Owner."""
    made = new_pool(bench)
    for name in ("Reader", "Writer", "Owner"):
        made.role(name)
    return made


def rule(claim: str, match: str, value: str, role: str) -> dict[str, str]:
    return {"Claim": claim, "MatchType": match, "Value": value, "RoleARN": role_arn(role)}


def by_rules(pool: Pool, *rules: dict[str, str], otherwise: str = "AuthenticatedRole") -> None:
    configured = {"Rules": list(rules)}
    pool.roles(role_arn("Reader"), Type="Rules", AmbiguousRoleResolution=otherwise, RulesConfiguration=configured)


def by_token(pool: Pool, otherwise: str = "AuthenticatedRole") -> None:
    pool.roles(role_arn("Reader"), Type="Token", AmbiguousRoleResolution=otherwise)


def in_token(*roles: str, preferred: str | None = None) -> dict[str, Any]:
    return {"cognito:roles": list(roles), "cognito:preferred_role": preferred}


def chosen(pool: Pool, custom: str = "", /, **claims: Any) -> str:
    return pool.name(pool.credentials(role_arn(custom) if custom else "", **claims)).partition("/")[0]


def refused(pool: Pool, custom: str = "", /, **claims: Any) -> tuple[str, str]:
    more = {"CustomRoleArn": role_arn(custom)} if custom else {}
    call, identity = pool.anybody.get_credentials_for_identity, pool.identity(**claims)
    said = refusal(call, IdentityId=identity, Logins=pool.logins(**claims), **more)
    return said.code, said.message


@pytest.mark.parametrize(
    ("match", "value", "claim", "role"),
    [
        ("Equals", "ops", "ops", "Writer"),
        ("Equals", "ops", "devops", "Reader"),
        ("StartsWith", "dev", "devops", "Writer"),
        ("StartsWith", "ops", "devops", "Reader"),
        ("Contains", "vo", "devops", "Writer"),
        ("Contains", "ops", ["dev", "ops"], "Writer"),
        ("Contains", "op", ["dev", "ops"], "Reader"),
        ("Equals", "ops", ["ops"], "Reader"),
        ("NotEqual", "ops", "dev", "Writer"),
        ("NotEqual", "ops", "ops", "Reader"),
        ("NotEqual", "ops", None, "Reader"),
        ("Equals", "7", 7, "Writer"),
    ],
)
def test_rules_match_claims(pool: Pool, match: str, value: str, claim: object, role: str) -> None:
    by_rules(pool, rule("department", match, value, "Writer"))
    assert chosen(pool, department=claim) == role


def test_the_first_rule_that_matches_counts(pool: Pool) -> None:
    by_rules(pool, rule("department", "Contains", "o", "Writer"), rule("department", "Equals", "ops", "Owner"))
    assert chosen(pool, department="ops") == "Writer"


def test_no_rule_and_no_way_out(pool: Pool) -> None:
    by_rules(pool, rule("department", "Equals", "ops", "Writer"), otherwise="Deny")
    assert refused(pool, department="sales") == ("NotAuthorizedException", DENIED)


def test_a_custom_role_is_one_of_a_rule_that_matches(pool: Pool) -> None:
    by_rules(pool, rule("department", "Contains", "o", "Writer"), rule("department", "Equals", "ops", "Owner"))
    assert chosen(pool, "Owner", department="ops") == "Owner"
    assert refused(pool, "Owner", department="devops")[0] == "NotAuthorizedException"
    assert refused(pool, "Reader", department="ops")[0] == "NotAuthorizedException"


def test_the_token_names_roles(pool: Pool) -> None:
    by_token(pool)
    both = [role_arn("Writer"), role_arn("Owner")]
    assert chosen(pool, **in_token(*both[:1])) == "Writer"
    assert chosen(pool, **in_token(*both, preferred=both[1])) == "Owner"
    assert chosen(pool, **in_token(*both)) == "Reader"
    assert chosen(pool) == "Reader"
    assert chosen(pool, "Writer", **in_token(*both)) == "Writer"
    assert refused(pool, "Reader", **in_token(*both))[0] == "NotAuthorizedException"


def test_several_roles_in_the_token_and_no_preference(pool: Pool) -> None:
    by_token(pool, otherwise="Deny")
    both = [role_arn("Writer"), role_arn("Owner")]
    assert refused(pool, **in_token(*both)) == ("NotAuthorizedException", DENIED)
    assert refused(pool) == ("NotAuthorizedException", DENIED)
    assert chosen(pool, "Owner", **in_token(*both)) == "Owner"


def test_a_role_in_the_token_must_trust_the_pool_like_any_other(pool: Pool) -> None:
    by_token(pool)
    pool.bench.oidc_role("Direct")
    code, _ = refused(pool, **in_token(role_arn("Direct")))
    assert code == "InvalidIdentityPoolConfigurationException"


def test_without_a_mapping_nothing_can_be_asked_for(pool: Pool) -> None:
    pool.roles(role_arn("Reader"))
    assert chosen(pool) == "Reader"
    assert refused(pool, "Writer")[0] == "NotAuthorizedException"
