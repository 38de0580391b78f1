"""catalog.toml: every problem at once, with file, key and what was expected; and a file that changes."""

from __future__ import annotations

import os
import traceback
from pathlib import Path

import pytest

from app.catalog import Catalog, CatalogFile, load_catalog
from app.core.decisions import CatalogView
from app.core.roles import Method, RoleArn
from app.errors import ConfigurationProblems

GOOD = """
[[account]]
id = "111111111111"
name = "Development"
defaults = { method = "saml", provider_arn = "arn:aws:iam::111111111111:saml-provider/fedgate", region = "eu-west-1" }

[[account]]
id = "999999999999"
name = "Production"

[[role]]
arn = "arn:aws:iam::111111111111:role/Developer"
tags = { CostCenter = "{attribute.costCenter}", Team = "payments" }
transitive_tags = ["CostCenter"]

[[role]]
arn = "arn:aws:iam::999999999999:role/UpdateApp"
label = "Update the app"
method = "assume_role"
max_minutes = 720
cli = false
require_mfa = true
fresh = 15
policy = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}'
policy_arns = ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::999999999999:policy/team/Own"]

[[rule]]
id = "developers"
provider = "corp"
groups = ["Developers"]
attributes = { department = ["Payments"] }
roles = ["arn:aws:iam::111111111111:role/Developer", "arn:aws:iam::999999999999:role/UpdateApp"]
expires = 2027-01-31T00:00:00Z

[[rule]]
id = "by name"
provider = "corp"
group_pattern = 'aws-(?P<account>\\d{12})-(?P<role>\\w+)'
"""
DEVELOPER = RoleArn("arn:aws:iam::111111111111:role/Developer")
UPDATE_APP = RoleArn("arn:aws:iam::999999999999:role/UpdateApp")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "catalog.toml").write_text(GOOD)
    return tmp_path / "catalog.toml"


def read(path: Path, text: str = GOOD) -> CatalogView:
    path.write_text(text)
    return load_catalog(path, ["corp"])


def problems(path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationProblems) as found:
        read(path, text)
    assert all(problem.startswith(f"{path}: ") for problem in found.value.problems)
    return [problem.removeprefix(f"{path}: ") for problem in found.value.problems]


def test_a_good_file_is_read(path: Path) -> None:
    view = read(path)
    developer, update_app = view.roles[DEVELOPER], view.roles[UPDATE_APP]
    assert (developer.method, developer.label, developer.region) == (Method.SAML, "Developer", "eu-west-1")
    assert (developer.max_seconds, developer.console, developer.cli) == (3600, True, True)
    assert developer.provider_arn == "arn:aws:iam::111111111111:saml-provider/fedgate"
    assert (update_app.max_seconds, update_app.cli, update_app.fresh_minutes) == (43_200, False, 15)
    assert (update_app.provider_arn, update_app.region) == (None, "us-east-1")
    assert [rule.id for rule in view.rules] == ["developers", "by name"]


PROBLEMS = [
    ('name = "Production"', r'name = "Prod\nuction"', "account[2].name: expected one line of text"),
    ('label = "Update the app"', r'label = "Update\u001b[2J"', "role[2].label: expected one line of text"),
    ('id = "developers"', r'id = "dev\u202Esrepole"', "rule[1].id: expected one line of text"),
    ('id = "developers"', 'id = "developers"\nnote = "\\u2066evil"', "rule[1].note: expected text that reads as it is"),
    ("cli = false", 'mfa_serial = "\\u200e"', "role[2].mfa_serial: expected one line of text"),
    (
        'groups = ["Developers"]',
        'groups = ["Dev\\u202Esrepole"]',
        "rule[1].groups[1]: expected text that reads as it is",
    ),
    ('id = "111111111111"', "id = 111111111111", "account[1].id: expected text in quotes, got a number"),
    ('id = "999999999999"', 'id = "99999999999"', "account[2].id: expected an account id of 12 digits"),
    ('id = "999999999999"', 'id = "111111111111"', "account[2].id: the account 111111111111 is there twice"),
    ('name = "Production"', "", "account[2].name: is required"),
    (
        'name = "Production"',
        'name = "P"\npartition = "aws-iso"',
        "account[2].partition: expected 'aws', 'aws-us-gov' or",
    ),
    (
        'name = "Production"',
        'name = "P"\npartition = "aws-cn"',
        "role[2].arn: is of partition aws, its account of aws-cn",
    ),
    ("label =", "lable =", "role[2].lable: there is no such key; did you mean label?"),
    ("max_minutes = 720", "max_minutes = 721", "role[2].max_minutes: expected less than or equal to 720"),
    ("max_minutes = 720", "max_minutes = 14", "role[2].max_minutes: expected greater than or equal to 15"),
    ("max_minutes = 720", 'max_minutes = "60"', "role[2].max_minutes: expected a valid integer"),
    ("cli = false", 'cli = "no"', "role[2].cli: expected a valid boolean"),
    ("cli = false", 'region = "eu west"', "role[2].region: expected another form, such as eu-west-1"),
    ("cli = false", 'region = "cn-north-1"', "role[2].region: is not a region of the partition aws"),
    ("role/UpdateApp", "role/Update App", "role[2].arn: expected a role ARN such as"),
    ('arn = "arn:aws:iam::999999999999', 'arn = "arn:aws:iam::888888888888', "role[2].arn: there is no [[account]]"),
    ('\narn = "arn:aws:', '\narn = "arn:aws-cn:', "role[1].arn: is of partition aws-cn, its account of aws"),
    ('method = "assume_role"', 'method = "passthrough"', "role[2].method: expected"),
    ('method = "assume_role"', "", "role[2].method: is required (here or in the account's defaults)"),
    ('method = "assume_role"', 'method = "saml"', "role[2].provider_arn: expected the ARN of an IAM provider"),
    (
        'method = "assume_role"',
        'method = "saml"\nprovider_arn = "arn:aws:iam::111111111111:saml-provider/fedgate"',
        "role[2].provider_arn: must be in the same account and partition as the role",
    ),
    (
        'method = "assume_role"',
        'method = "web_identity"\nprovider_arn = "arn:aws:iam::999999999999:saml-provider/fedgate"',
        "role[2].provider_arn: the method web_identity needs the ARN of an oidc-provider",
    ),
    ("Team =", '"aws:Team" =', "role[1].tags: tag key 'aws:Team': the prefix aws: is reserved"),
    ("Team =", "costcenter =", "role[1].tags: tag key 'costcenter': another key differs from it only by case"),
    ("Team =", '"Fedgate-MFA" =', "role[1].tags: Fedgate-MFA is the gateway's own: it says how somebody signed in"),
    ("Team =", "fedgate-auth-time =", "role[1].tags: fedgate-auth-time is the gateway's own"),
    ('"payments"', '"{attribute.a}{b}"', "role[1].tags: tag 'Team': expected a value"),
    ('"payments"', "5", "role[1].tags.Team: expected text in quotes, got a number"),
    ('transitive_tags = ["CostCenter"]', 'transitive_tags = ["Other"]', "role[1].transitive_tags: Other is not one of"),
    ('transitive_tags = ["CostCenter"]', 'shorten = ["Other"]', "role[1].shorten: Other is not one of the role's tags"),
    ('transitive_tags = ["CostCenter"]', 'shorten = ["Team", "Team"]', "role[1].shorten: names a tag twice"),
    (
        '"payments" }',
        f'"{"a" * 250}", Unit = "{"b" * 200}", Rest = "{"c" * 256}" }}\nshorten = ["Rest"]',
        "role[1]: policy, policy_arns and tags take 103 % of AWS's space at the least; shorten them",
    ),
    (
        '"payments" }',
        f'"{"a" * 250}", Unit = "{"b" * 100}" }}',
        "role[1]: policy, policy_arns and tags take 81 % of AWS's space at the least, and the console needs a quarter",
    ),
    ('"Version": "2012-10-17"', f'"Id": "{"x" * 1940}"', "role[2]: policy and policy_arns have 2"),
    ("policy = '{", "policy = '", "role[2].policy: expected a policy document in JSON"),
    ('"Statement"', '"Id"', "role[2].policy: expected a policy document in JSON, with a Statement"),
    ("2012-10-17", "2020-10-17", 'role[2].policy: expected the "Version" 2012-10-17'),
    ('[{"Effect"', '[], "Id": [{"Effect"', "role[2].policy: expected at least one Statement"),
    ('[{"Effect"', '5, "Id": [{"Effect"', "role[2].policy: expected at least one Statement, and in each"),
    ('"Allow", ', '"Maybe", ', 'role[2].policy: expected at least one Statement, and in each an "Effect", Allow or'),
    ('"Action"', '"Actions"', 'role[2].policy: expected an "Action" in each Statement'),
    ('"Resource"', '"Resources"', 'role[2].policy: expected a "Resource" in each Statement'),
    ('"Action"', '"Principal": "*", "Action"', 'role[2].policy: expected no "Principal"'),
    ("2012-10-17", "\u2014", "role[2].policy: expected only Latin characters"),
    ("2012-10-17", "x" * 2048, "role[2].policy: expected at most 2048 characters"),
    ("policy = '{", "policy = '" + "[" * 2000, "role[2].policy: expected a policy document in JSON"),
    ("999999999999:policy", "111111111111:policy", "role[2].policy_arns[2]: expected the ARN of a managed policy"),
    ("iam::aws:policy", "iam::aws:role", "role[2].policy_arns[1]: expected the ARN of a managed policy"),
    ('provider = "corp"', 'provider = "crop"', "rule[1].provider: there is no provider crop in gateway.toml"),
    ('"by name"', '"developers"', "rule[2].id: there are two rules with the id developers"),
    ('"Developers"', '""', "rule[1].groups: expected names of groups, got an empty one"),
    ('groups = ["Developers"]\nattributes = { department = ["Payments"] }', "", "rule[1].groups: is required"),
    ('["Payments"]', "[]", "rule[1].attributes.department: expected at least one value"),
    ('UpdateApp"]\nexpires', 'Updateapp"]\nexpires', "rule[1].roles: there is no [[role]] with the ARN arn:aws:iam::9"),
    ("2027-01-31T00:00:00Z", "2027-01-31", "rule[1].expires: expected a time with its zone and without quotes"),
    ("2027-01-31T00:00:00Z", '"2027-01-31T00:00:00Z"', "rule[1].expires: expected a time with its zone and without"),
    ("2027-01-31T00:00:00Z", "2027-01-31T00:00:00", "rule[1].expires: expected a time with its zone"),
    ("2027-01-31T00:00:00Z", "9999-12-31T23:59:59-12:00", "rule[1].expires: expected a year from 2000 to 9000"),
    ("2027-01-31T00:00:00Z", "0001-01-01T00:00:00+14:00", "rule[1].expires: expected a year from 2000 to 9000"),
    ("(?P<role>\\w+)", "\\w+", "rule[2].group_pattern: expected exactly the named parts"),
    ("(?P<role>\\w+)", "(?P<role>(\\w+)+)", "rule[2].group_pattern: expected only text"),
    ("(?P<role>\\w+)", "(?P<role>\\w+", "rule[2].group_pattern: is not a regular expression"),
    ('"by name"', '"by name"\nroles = []\ngroups = ["x"]', "rule[2].group_pattern: names the roles itself"),
]


@pytest.mark.parametrize(("good", "bad", "told"), PROBLEMS, ids=[told for _, _, told in PROBLEMS])
def test_one_mistake_is_one_sentence_that_says_where_and_what_was_expected(
    path: Path, good: str, bad: str, told: str
) -> None:
    assert good in GOOD
    found = problems(path, GOOD.replace(good, bad, 1))
    assert any(problem.startswith(told) for problem in found), found


def test_mistakes_of_every_kind_are_all_told_at_once_and_cause_no_others(path: Path) -> None:
    text = GOOD
    for good, bad in [
        ('id = "111111111111"', "id = 111111111111"),
        ("label =", "lable ="),
        ("999999999999:policy", "111111111111:policy"),
        ('provider = "corp"', 'provider = "crop"'),
        ('id = "by name"\n', ""),
        ("2027-01-31T00:00:00Z", "2027-01-31T00:00:00"),
    ]:
        assert good in text
        text = text.replace(good, bad, 1)
    found = [problem.partition(": ")[0] for problem in problems(path, text)]
    assert sorted(found) == [
        "account[1].id",
        "role[2].lable",
        "role[2].policy_arns[2]",
        "rule[1].expires",
        "rule[1].provider",
        "rule[2].id",
    ]


def test_entries_are_numbered_as_in_the_file_even_behind_one_that_cannot_be_read(path: Path) -> None:
    text = GOOD.replace('arn = "arn:aws:iam::111111111111:role/Developer"', "", 1).replace("iam::aws:policy", "x")
    assert [problem.partition(": ")[0] for problem in problems(path, text)] == [
        "role[1].arn",
        "role[2].policy_arns[1]",
        "rule[1].roles",
    ]


@pytest.mark.parametrize(
    "other", ["arn:aws:iam::999999999999:role/updateapp", "arn:aws:iam::999999999999:role/team/UpdateApp"]
)
def test_two_roles_that_are_one_in_iam_are_refused(path: Path, other: str) -> None:
    (found,) = problems(path, GOOD + f'\n[[role]]\narn = "{other}"\nmethod = "assume_role"\n')
    assert found == f"role[3].arn: is the same role as {UPDATE_APP}, or differs only by case"


@pytest.mark.parametrize("said", ['method = "saml"', ""], ids=["by itself", "by its account"])
def test_a_role_with_a_comma_cannot_go_by_saml(path: Path, said: str) -> None:
    more = f'\n[[role]]\narn = "arn:aws:iam::111111111111:role/a,b"\n{said}\n'
    (found,) = problems(path, GOOD + more)
    assert found.startswith("role[3].arn: the method saml cannot name a role with a comma")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"\xff\xfe", "is not UTF-8"),
        (b"[[role]", "is not TOML"),
        (b"a = " + b"[" * 5000, "nested too deeply"),
        (b"role = 5", "role: expected a valid list"),
        (b"[role]\narn = 'x'", "role: expected a valid list"),
        (b"roles = []", "roles: there is no such key in this table; it belongs"),
    ],
)
def test_a_file_that_is_no_catalog_at_all_is_told_so(path: Path, content: bytes, told: str) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigurationProblems) as found:
        load_catalog(path, ["corp"])
    assert told in found.value.sentence


def test_a_file_that_is_not_there_is_told_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationProblems, match=r"catalog.toml: cannot be read \(No such file"):
        load_catalog(tmp_path / "catalog.toml", ["corp"])


def test_without_a_readable_gateway_file_providers_are_not_complained_about(path: Path) -> None:
    assert load_catalog(path, None).rules


def test_a_value_is_never_in_a_traceback_of_what_was_misplaced(path: Path) -> None:
    path.write_text(GOOD + '\n[[rule]]\nid = "x"\nprovider = "corp"\nclient_secret = "s3cret"\nroles = "s3cret"\n')
    with pytest.raises(ConfigurationProblems) as found:
        load_catalog(path, ["corp"])
    assert "s3cret" not in "".join(traceback.format_exception(found.value))


def test_a_changed_file_is_used_from_the_next_look_on(path: Path) -> None:
    catalog = Catalog(CatalogFile(path), ["corp"])
    before = catalog.view()
    assert catalog.view() is before
    path.write_text(GOOD.replace('label = "Update the app"', 'label = "Updates"'))
    after = catalog.view()
    assert after.roles[UPDATE_APP].label == "Updates"
    assert after.version != before.version
    assert catalog.problems() == ()


@pytest.mark.parametrize("broken", ["half", "empty", "gone", "misspelt"])
def test_a_broken_edit_keeps_the_last_good_one_and_says_so(path: Path, broken: str) -> None:
    catalog = Catalog(CatalogFile(path), ["corp"])
    before = catalog.view()
    match broken:
        case "half":
            path.write_text(GOOD[: GOOD.index("UpdateApp")])
        case "empty":
            path.write_text("")
        case "gone":
            path.unlink()
        case _:
            path.write_text(GOOD.replace("label", "lable"))
    assert catalog.view() is before
    assert catalog.problems()
    path.write_text(GOOD + "\n# mended\n")
    assert catalog.view() is not before
    assert catalog.problems() == ()


def test_a_file_that_is_put_in_its_place_at_once_is_noticed(path: Path) -> None:
    catalog = Catalog(CatalogFile(path), ["corp"])
    stamp = path.stat()
    other = path.with_suffix(".new")
    other.write_text(GOOD.replace("Update the app", "UPDATE THE APP"))
    os.utime(other, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    other.replace(path)  # as editors and Kubernetes do: same size, same time, another file
    assert catalog.view().roles[UPDATE_APP].label == "UPDATE THE APP"


def test_the_example_in_the_repository_is_a_good_file() -> None:
    example = Path(__file__).parents[2] / "config" / "catalog.example.toml"
    assert load_catalog(example, None).roles
