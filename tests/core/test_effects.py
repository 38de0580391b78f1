"""Who gains and who loses, held to what `decisions` says of each of them before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.decisions import CatalogView, Granted, Purpose, decide, entitlements, within_reach
from app.core.effects import Effects, Turn, effects
from app.core.group_patterns import GroupPattern
from app.core.identity import Person
from app.core.reach import Reach
from app.core.remembered import Remembered
from app.core.role_bits import RoleBits, Tally
from app.core.roles import Assertion, Role, RoleArn
from app.core.rules import Rule
from tests.core.people import NOW, UPDATE_APP, a_catalog, a_role, a_rule

READ = RoleArn("arn:aws:iam::111111111111:role/Read")
WRITE = RoleArn("arn:aws:iam::111111111111:role/path/Write")
ARNS = (UPDATE_APP, READ, WRITE)
GROUPS = ("dev", "ops", "aws-111111111111-Read", "aws-111111111111-Write", "aws-999999999999-UpdateApp")
LATER = NOW + timedelta(days=1)
PATTERN = GroupPattern(r"aws-(?P<account>\d{12})-(?P<role>\w+)")


def someone(name: str, *groups: str, provider: str = "corp", **attributes: str) -> Remembered:
    held = {key: (value,) for key, value in attributes.items()}
    return Remembered(Person(provider, name), name, frozenset(groups), held)


def moved(found: Effects) -> dict[str, tuple[set[RoleArn], set[RoleArn]]]:
    named = found.bits.roles
    return {one.who.name: (set(named(one.turn.gains)), set(named(one.turn.loses))) for one in found.moved}


roles = st.builds(
    Role,
    arn=st.sampled_from(ARNS),
    label=st.just(""),
    method=st.just(a_role().method),
    max_seconds=st.sampled_from([3600, 7200]),
    console=st.booleans(),
    cli=st.booleans(),
    require_mfa=st.booleans(),
    fresh_minutes=st.sampled_from([None, 5]),
    tags=st.sampled_from([{}, {"Team": "{attribute.team}"}, {"Team": "x" * 200 + "{attribute.team}"}]),
    assertion=st.sampled_from(list(Assertion)),
)
asked = st.dictionaries(st.sampled_from(["team", "site"]), st.frozensets(st.sampled_from("ab"), min_size=1), max_size=2)
_about = {
    "id": st.text("abc", min_size=1, max_size=2),
    "provider": st.sampled_from(["corp", "okta"]),
    "attributes": asked,
    "expires": st.sampled_from([None, NOW, LATER]),
}
rules = st.one_of(
    st.builds(
        Rule, groups=st.frozensets(st.sampled_from(GROUPS)), roles=st.frozensets(st.sampled_from(ARNS)), **_about
    ),
    st.builds(
        Rule, group_pattern=st.just(PATTERN), groups=st.sampled_from([frozenset(), frozenset({"dev"})]), **_about
    ),
)
catalogs = st.builds(a_catalog, st.lists(roles, max_size=3), st.lists(rules, max_size=5))
crowds = st.lists(
    st.builds(
        lambda provider, groups, attributes: Remembered(Person(provider, "x"), "x", groups, attributes),
        st.sampled_from(["corp", "okta"]),
        st.frozensets(st.sampled_from(GROUPS)),
        st.dictionaries(
            st.sampled_from(["team", "site"]),
            st.lists(st.sampled_from(["a", "b", "z" * 150]), max_size=2).map(tuple),
        ),
    ),
    max_size=5,
)


@settings(max_examples=150, deadline=None)
@given(before=catalogs, after=catalogs, kept=st.lists(rules, max_size=4), crowd=crowds)
def test_what_is_foreseen_is_what_is_decided(
    before: CatalogView, after: CatalogView, kept: list[Rule], crowd: list[Remembered]
) -> None:
    """`kept` are rules that stand in both: they are looked at only where another one gives the same role."""
    before, after = (replace(view, rules=(*kept, *view.rules)) for view in (before, after))
    found = effects(before, after, crowd, NOW)
    turns = {id(one.who): one.turn for one in found.moved}
    for who in crowd:
        had, has = (may_take(who, view) for view in (before, after))
        turn = turns.get(id(who), Turn())
        said = [set(found.bits.roles(roles)) for roles in (turn.gains, turn.loses, turn.alters)]
        differ = {arn for arn in had & has if before.roles[arn] != after.roles[arn]}
        assert said == [has - had, had - has, differ]
    for one in found.roles():
        gaining = [who for who in crowd if one.role in may_take(who, after) - may_take(who, before)]
        assert one.gain == len(gaining)


@settings(max_examples=150, deadline=None)
@given(view=catalogs, crowd=crowds)
def test_the_rule_that_is_named_is_the_one_that_decides(view: CatalogView, crowd: list[Remembered]) -> None:
    bits = RoleBits(view.roles)
    reach = Reach(view, NOW, bits)
    for identity in (who.as_if_now(NOW) for who in crowd):
        for arn, role in view.roles.items():
            for purpose in Purpose:
                answer = decide(identity, view, arn, purpose, NOW)
                if isinstance(answer, Granted):
                    assert reach.because(identity, arn) == (answer.rule, answer.group)
            assert (arn in bits.roles(reach.given(identity))) == bool(reach.because(identity, role.arn)[1])


@settings(max_examples=150, deadline=None)
@given(view=catalogs, crowd=crowds)
def test_the_list_of_roles_has_those_that_are_decided_one_by_one(view: CatalogView, crowd: list[Remembered]) -> None:
    for identity in (who.as_if_now(NOW) for who in crowd):
        answers = {arn: [decide(identity, view, arn, purpose, NOW) for purpose in Purpose] for arn in view.roles}
        taken = {arn for arn, found in answers.items() if any(isinstance(one, Granted) for one in found)}
        assert {grant.role.arn for grant in entitlements(identity, view, NOW)} == taken


def may_take(who: Remembered, view: CatalogView) -> frozenset[RoleArn]:
    """Not by `as_if_now`, but by a sign-in of long ago without a second factor, which the roles may ask to repeat."""
    weak = replace(who.as_if_now(NOW), mfa=False, authenticated_at=NOW - timedelta(days=2))
    return frozenset(grant.role.arn for grant, _ in within_reach(weak, view, NOW))


CROWD = [
    someone("alice", "dev"),
    someone("bob", "ops"),
    someone("carla", "dev", "ops"),
    someone("eve", provider="okta"),
]


def test_a_new_rule_gives_its_roles_to_whoever_has_the_group() -> None:
    role = a_role()
    found = effects(a_catalog([role], []), a_catalog([role], [a_rule("dev")]), CROWD, NOW)
    assert moved(found) == {"alice": ({UPDATE_APP}, set()), "carla": ({UPDATE_APP}, set())}
    assert (found.known, found.gaining, found.losing) == (4, 2, 0)
    assert [found.because(one.who, UPDATE_APP) for one in found.moved] == [("developers", "dev")] * 2


def test_who_has_the_role_by_another_rule_too_loses_nothing() -> None:
    role, ops = a_role(), a_rule("ops", id="ops")
    found = effects(a_catalog([role], [a_rule("dev"), ops]), a_catalog([role], [ops]), CROWD, NOW)
    assert moved(found) == {"alice": (set(), {UPDATE_APP})}
    assert found.because(found.moved[0].who, UPDATE_APP, lost=True) == ("developers", "dev")


def test_another_note_or_name_moves_nobody() -> None:
    role = a_role()
    after = a_catalog([replace(role, label="Another")], [a_rule("dev", id="other", note="words")])
    assert effects(a_catalog([role], [a_rule("dev")]), after, CROWD, NOW).moved == ()


def test_a_longer_session_is_told_of_those_who_have_the_role() -> None:
    role, rules_ = a_role(), [a_rule("dev")]
    found = effects(a_catalog([role], rules_), a_catalog([replace(role, max_seconds=7200)], rules_), CROWD, NOW)
    assert [(one.who.name, found.bits.roles(one.turn.alters)) for one in found.moved] == [
        ("alice", (UPDATE_APP,)),
        ("carla", (UPDATE_APP,)),
    ]
    assert (found.gaining, found.losing, found.altered) == (0, 0, 2)


def test_a_role_that_is_taken_out_of_the_catalog_is_lost_by_all_who_had_it() -> None:
    found = effects(a_catalog([a_role()], [a_rule("dev")]), a_catalog([], []), CROWD, NOW)
    assert [one.lose for one in found.roles()] == [2]


def test_a_rule_that_is_over_gives_nothing() -> None:
    role, over = a_role(), a_rule("dev", expires=NOW)
    assert effects(a_catalog([role], []), a_catalog([role], [over]), CROWD, NOW).moved == ()
    found = effects(a_catalog([role], [over]), a_catalog([role], [replace(over, expires=LATER)]), CROWD, NOW)
    assert found.gaining == 2


def test_a_tag_that_somebody_has_no_attribute_for_keeps_the_role_from_them() -> None:
    tagged = a_role(tags={"Team": "{attribute.team}"})
    crowd = [someone("alice", "dev"), someone("bob", "dev", team="a")]
    found = effects(a_catalog([tagged], []), a_catalog([tagged], [a_rule("dev")]), crowd, NOW)
    assert [one.who.name for one in found.moved] == ["bob"]


def test_people_stay_in_their_order_and_each_has_a_line_of_their_own() -> None:
    crowd = [someone(f"p{n}", "dev") for n in range(20)]
    found = effects(a_catalog([a_role()], []), a_catalog([a_role()], [a_rule("dev")]), crowd, NOW)
    assert [one.who for one in found.moved] == crowd


@given(st.lists(st.sets(st.sampled_from(ARNS)), max_size=70))
def test_sets_of_roles_are_counted(sets: list[set[RoleArn]]) -> None:
    bits = RoleBits(ARNS)
    counts = Tally.of(bits.of(one) for one in sets).counts(bits)
    assert counts == {arn: n for arn in ARNS if (n := sum(arn in one for one in sets))}
    assert [set(bits.roles(bits.of(one))) for one in sets] == sets
