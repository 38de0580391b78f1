"""AD FS's claim rules."""

from __future__ import annotations

import pytest

from app.catalog.entries import Kind
from app.core.group_patterns import GroupPattern
from app.errors import ConfigurationProblems
from tests.catalog.importing.reading import DEVELOPER, FILES, from_file, given, imported, named, patterns

EMERGENCY = "arn:aws:iam::999999999999:role/BreakGlass"
ROLE = "https://aws.amazon.com/SAML/Attributes/Role"
MADE = "arn:aws:iam::$1:saml-provider/ADFS,arn:aws:iam::$1:role/"


def rule(expression: str, made: str, condition: str = "^AWS-", asked: str = "") -> str:
    return (
        f'c:[Type == "http://temp/variable", Value =~ "{condition}"{asked}] => '
        f'issue(Type = "{ROLE}", Value = RegExReplace(c.Value, "{expression}", "{made}"));'
    )


def test_the_naming_of_groups_becomes_a_pattern_and_one_group_a_rule() -> None:
    found = from_file("adfs", "adfs-rules.txt")
    (pattern,) = patterns(found)
    assert GroupPattern(pattern).named_role("AWS-111111111111-Developer") == ("111111111111", "Developer")
    assert GroupPattern(pattern).named_role("AWS-111111111111-") is None
    assert GroupPattern(pattern).named_role("x-AWS-111111111111-Developer") is None
    assert given(found) == {"Cloud Emergency": [EMERGENCY]}
    assert [name[:20] for name in named(found, Kind.RULE)] == ["adfs-Roles", "adfs-Cloud-Emergency"]
    assert found.skipped == ()
    assert any("max_minutes" in note for note in found.notes)


def test_with_the_list_of_groups_the_roles_that_they_name_are_there_too() -> None:
    groups = ("AWS-111111111111-Developer", "Sales", "aws-111111111111-Lower", "AWS-1-Short")
    found = from_file("adfs", "adfs-rules.txt", groups)
    assert list(named(found, Kind.ROLE)) == [DEVELOPER, EMERGENCY]


def test_roles_called_otherwise_than_their_groups_need_the_list_of_groups() -> None:
    found = from_file("adfs", "adfs-one-account.txt")
    assert not found.entries
    assert "list of your groups" in found.skipped[0]
    found = from_file("adfs", "adfs-one-account.txt", ("AWS-Dev", "Sales", "AWS-"))
    assert given(found) == {"AWS-Dev": ["arn:aws:iam::111111111111:role/ADFS-Dev"]}


@pytest.mark.parametrize(
    ("expression", "made", "group", "role"),
    [
        (r"AWS-([^d]{12})-", MADE, "AWS-111111111111-my-role", "my-role"),
        (r"AWS-(\d{12})-", MADE, "AWS-111111111111-Dev", "Dev"),
        (r"AWS-([0-9]+)-(.*)", MADE + "$2", "AWS-111111111111-Dev", "Dev"),
        (r"(?i)^AWS-(\d*)-(\w+)$", MADE + "$2", "AWS-111111111111-Dev", "Dev"),
        (r"AWS-(\d{12})-(\w+)", MADE + "${2}", "AWS-111111111111-my-role", "my-role"),
        (r"AWS-([\d]{12})-", MADE + "people/", "AWS-111111111111-Dev", "Dev"),
        (r"AWS\-X (\d{12}) ", MADE, "AWS-X 111111111111 Dev", "Dev"),
        (r"AWS-(\d{12})-", "arn:aws-cn:iam::$1:role/,arn:aws-cn:iam::$1:saml-provider/x", "AWS-111111111111-D", "D"),
    ],
)
def test_the_family_of_expressions(expression: str, made: str, group: str, role: str) -> None:
    (pattern,) = patterns(imported("adfs", rule(expression, made, "^AWS")))
    assert GroupPattern(pattern).named_role(group) == ("111111111111", role)


def test_an_expression_with_an_end_takes_no_more_than_it_says() -> None:
    (pattern,) = patterns(imported("adfs", rule(r"AWS-(\d{12})-(\w+)$", MADE + "$2")))
    assert GroupPattern(pattern).named_role("AWS-111111111111-my-role") is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (rule(r"AWS-(\d{12})-", MADE, "^AWS-9"), "leaves groups out"),
        (rule(r"AWS-(\d{12})-", MADE, "^AWS-Prod"), "leaves groups out"),
        (rule(r"AWS-(\d{12})-", MADE, r"^AWS-(\d{12})-P"), "leaves groups out"),
        (rule(r"AWS-(\d{12})-", MADE, "AWS-$"), "not of the AWS-ACCOUNT-ROLE kind"),
        (rule(r"AWS-(.*)-", MADE), "not of the AWS-ACCOUNT-ROLE kind"),
        (rule(r"AWS-(\d{12})-(A|B)", MADE + "$2"), "not of the AWS-ACCOUNT-ROLE kind"),
        (rule(r"AWS-(\d{12})-(\w+)", MADE), "not of the AWS-ACCOUNT-ROLE kind"),
        (rule(r"AWS-(\d{12})-", MADE + "$2"), "not of the AWS-ACCOUNT-ROLE kind"),
        (rule(r"(AWS|GCP)-(\d{12})-", MADE), "not of the AWS-ACCOUNT-ROLE kind"),
        (rule(r"AWS-(\d{12})-", "$1"), "not of the AWS-ACCOUNT-ROLE kind"),
        (rule(r"AWS-(\d{12})-", MADE, asked=', Issuer == "https://elsewhere.example"'), "more than a group"),
        (rule(r"AWS-(\d{12})-", MADE, asked=', Value =~ "Prod"'), "more than a group"),
        (rule(r"AWS-(\d{12})-", MADE, asked=', ValueType == "x"'), "more than a group"),
        (rule("A", MADE).replace("] =>", '] && exists([Type == "mfa"]) =>'), "more than one condition"),
        (rule("A", MADE).replace("http://temp/variable", "http://example/department"), "not for a group by name"),
        (rule("A", MADE).replace("http://temp/variable", "http://x/identity/claims/groupsid"), "SID"),
        (f'=> issue(Type = "{ROLE}", Value = "{DEVELOPER},arn:aws:iam::111111111111:saml-provider/x");', "condition"),
    ],
)
def test_what_would_give_more_or_cannot_be_read_is_told(text: str, why: str) -> None:
    found = imported("adfs", f'@RuleName = "R"\n{text}')
    assert not found.entries
    (told,) = found.skipped
    assert told.startswith("line 1, rule 'R': ")
    assert why in told


def test_rules_inside_strings_are_text() -> None:
    inside = rule(r"AWS-(\d{12})-", MADE).replace('"', "'")
    found = imported("adfs", f'@RuleName = "x; {inside}"\n' + rule(r"AWS-(\d{12})-", MADE))
    assert len(patterns(found)) == 1


def test_tags_are_told_by_line() -> None:
    tag = (
        'c:[Type == "d"] => issue(Type = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:Team", Value = c.Value);'
    )
    found = imported("adfs", rule(r"AWS-(\d{12})-", MADE) + "\n\n" + tag)
    assert found.skipped == ("line 3: 'PrincipalTag:Team': write it as tags of the roles",)


@pytest.mark.parametrize("text", ["x", 'c:[Type == "a', ";;;;", '"' * 10_001, "=>" * 10_000])
def test_what_has_no_rule_for_aws_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationProblems):
        imported("adfs", text)


def test_a_group_with_its_domain_is_given_as_it_is_named_and_told() -> None:
    text = (FILES / "adfs-rules.txt").read_text("utf-8").replace("Cloud Emergency", r"CORP\Cloud Emergency")
    found = imported("adfs", text)
    assert given(found) == {r"CORP\Cloud Emergency": [EMERGENCY]}
    assert any("With its domain" in note for note in found.notes)
