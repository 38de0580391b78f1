"""gateway.toml and the files it names."""

from __future__ import annotations

import traceback
from datetime import timedelta
from pathlib import Path

import pytest

from app.core.proof import Passing
from app.core.roles import Method, Partition
from app.errors import ConfigurationProblems
from app.gateway_file import Gateway, load_gateway
from app.providers.making import problems as provider_problems
from app.providers.settings import OidcSettings, SamlSettings
from app.toml_files import read_text
from tests.core.people import person

SECRET = "s3cret-of-the-client"
GOOD = """
base_url = "https://aws.example.com"
admins = [{ provider = "corp", groups = ["aws-gateway-admins"] }]

[session]
browser_hours = 4

[[provider]]
id = "corp"
kind = "saml"
label = "Example Corp"
metadata = "corp-idp.xml"

[[provider]]
id = "okta"
kind = "oidc"
label = "Okta"
issuer = "https://example.okta.com"
client_id = "fedgate"
client_secret_file = "okta.secret"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "gateway.toml").write_text(GOOD)
    (tmp_path / "corp-idp.xml").write_text("<EntityDescriptor/>")
    (tmp_path / "okta.secret").write_text(f"{SECRET}\n")
    return tmp_path / "gateway.toml"


def read(path: Path, text: str = GOOD) -> Gateway:
    path.write_text(text)
    return load_gateway(path)


def problems(path: Path, text: str) -> list[str]:
    with pytest.raises(ConfigurationProblems) as found:
        read(path, text)
    assert SECRET not in "".join(traceback.format_exception(found.value))
    return [problem.removeprefix(f"{path}: ") for problem in found.value.problems]


def test_a_good_file_is_read_with_the_files_beside_it(path: Path) -> None:
    gateway = read(path)
    assert (gateway.base_url, gateway.issuer_url, gateway.secure) == (*["https://aws.example.com"] * 2, True)
    assert gateway.lifetimes.browser == timedelta(hours=4)
    assert gateway.lifetimes.terminal == timedelta(hours=12)
    saml, oidc = gateway.providers
    assert isinstance(saml, SamlSettings)
    assert isinstance(oidc, OidcSettings)
    assert saml.metadata == "<EntityDescriptor/>"
    assert oidc.client_secret == SECRET


def test_administrators_are_people_of_one_provider_with_one_of_the_groups(path: Path) -> None:
    (admins,) = read(path).admins
    assert admins.include(person("carla", "aws-gateway-admins", "Staff"))
    assert not admins.include(person("carla", "aws-gateway-admins", provider="okta"))
    assert not admins.include(person("alice", "AWS-gateway-admins"))
    assert read(path, GOOD.replace("admins =", "auditors =")).admins == ()


def test_who_signs_the_gateways_calls_is_a_user_or_role(path: Path) -> None:
    named = GOOD.replace("admins =", 'aws_principal = "arn:aws:iam::111111111111:user/fedgate"\nadmins =')
    assert str(read(path, named).aws_principal) == "arn:aws:iam::111111111111:user/fedgate"
    assert read(path).aws_principal is None
    assert problems(path, named.replace(":user/", ":group/"))[0].startswith("aws_principal: expected the ARN of an IAM")


def test_printing_the_configuration_shows_no_secret(path: Path) -> None:
    assert SECRET not in repr(read(path))


@pytest.mark.parametrize("address", ["http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"])
def test_plain_http_is_for_a_gateway_on_this_machine(path: Path, address: str) -> None:
    assert not read(path, GOOD.replace("https://aws.example.com", address)).secure


ADDRESSES = [
    "http://aws.example.com",
    "http://127.0.0.1.example.com",
    "ftp://aws.example.com",
    "aws.example.com",
    "//aws.example.com",
    "https://",
    "https://aws.example.com/",
    "https://aws.example.com/path",
    "https://aws.example.com?",
    "https://aws.example.com?a=b",
    "https://aws.example.com#",
    "https://user@aws.example.com",
    "https://@aws.example.com",
    "https://aws.example.com:port",
    "https://aws.example.com:99999",
    "https://aws.exam\\tple.com",
    "https://aws.example.com\\n",
    "https://[::1",
    " https://aws.example.com",
    "https://AWS.example.com",
    "https://aws.example.com:443",
    "http://127.0.0.1:80",
    "https://aws.ex\u00e4mple.com",
    "https://aws example.com",
    "https://aws.example.com.",
    "",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_people_could_not_trust_is_refused(path: Path, address: str) -> None:
    (only,) = problems(path, GOOD.replace("https://aws.example.com", address, 1))
    assert only.startswith("base_url: ")


@pytest.mark.parametrize(
    ("good", "bad", "told"),
    [
        ("base_url", "base_ulr", "base_ulr: there is no such key; did you mean base_url?"),
        ("[session]", "browser_hours = 5\n[session]", "browser_hours: there is no such key in this table; it belongs"),
        ('base_url = "https://aws.example.com"', "base_url = 5", "base_url: expected text in quotes, got a number"),
        ("[session]", 'issuer_url = "http://id.example.com"\n[session]', "issuer_url: expected https"),
        ("browser_hours = 4", "browser_hours = 25", "session.browser_hours: expected less than or equal to 24"),
        ("browser_hours = 4", "browser_hours = 0", "session.browser_hours: expected greater than 0"),
        ("browser_hours = 4", "browser_hours = nan", "session.browser_hours: expected"),
        ('provider = "corp"', 'provider = "crop"', "admins[1].provider: there is no provider crop"),
        ('["aws-gateway-admins"]', "[]", "admins[1].groups: expected at least 1 item"),
        (
            '["aws-gateway-admins"] }',
            '["aws-gateway-admins"], require_mfa = true }',
            "admins[1].require_mfa: corp names nothing that counts as a second factor",
        ),
        ('id = "okta"', 'id = "corp"', "provider: two have the id corp"),
        ('id = "okta"', 'id = "resume"', "provider[2].id: expected 1-32 of a-z"),
        ('id = "okta"', 'id = "../x"', "provider[2].id: expected 1-32 of a-z"),
        ('kind = "oidc"', 'kind = "ldap"', "provider[2]: kind: expected saml or oidc"),
        ('kind = "oidc"', "", "provider[2]: kind: is required: saml or oidc"),
        ("metadata =", "metdata =", "provider[1].metdata: there is no such key; did you mean metadata?"),
        (
            "client_secret_file",
            "client_secret",
            "provider[2].client_secret: there is no such key; did you mean client_s",
        ),
        ('"fedgate"', '""', "provider[2].client_id: expected at least 1 character"),
        ('"fedgate"', '"fedgate"\nscopes = ["email"]', "provider[2].scopes: expected `openid` among the scopes"),
        ('"corp-idp.xml"', '"a\\u0000b"', "provider[1].metadata: 'a\\x00b': is not the name of a file"),
        ('"fedgate"', '"fedgate"\ngroups_claim = ""', "provider[2].groups_claim: expected at least 1 character"),
        ("browser_hours = 4", "browser_hours = " + "9" * 5000, "is not TOML: a number is too long"),
        ('"corp-idp.xml"', '"other.xml"', "provider[1].metadata: other.xml: cannot be read (No such file"),
        (
            '"okta.secret"',
            '"other.secret"',
            "provider[2].client_secret_file: other.secret: cannot be read (No such file",
        ),
    ],
)
def test_one_mistake_is_one_sentence_that_says_where_and_what_was_expected(
    path: Path, good: str, bad: str, told: str
) -> None:
    assert good in GOOD
    found = [problem.replace(f"{path.parent}/", "") for problem in problems(path, GOOD.replace(good, bad, 1))]
    assert any(problem.startswith(told) for problem in found), found


def test_a_secret_typed_into_the_file_by_mistake_is_not_repeated(path: Path) -> None:
    text = GOOD.replace('client_secret_file = "okta.secret"', f'client_secret = "{SECRET}"\nscopes = "{SECRET}"')
    assert len(problems(path, text)) == 3


@pytest.mark.parametrize("content", ["", "\n", "two\nlines", "a\0b"])
def test_a_secret_file_without_a_secret_is_refused(path: Path, content: str) -> None:
    (path.parent / "okta.secret").write_text(content)
    (only,) = problems(path, GOOD)
    assert only.endswith("okta.secret: expected the client secret on one line")


def test_mistakes_of_every_kind_are_all_told_at_once(path: Path) -> None:
    text = GOOD
    for good, bad in [
        ("https://aws.example.com", "http://aws.example.com"),
        ("browser_hours", "browser_hour"),
        ('provider = "corp"', 'provider = "crop"'),
        ('"corp-idp.xml"', '"other.xml"'),
        ('client_id = "fedgate"', "client_id = 5"),
    ]:
        text = text.replace(good, bad, 1)
    found = [problem.partition(": ")[0].rpartition("/")[2] for problem in problems(path, text)]
    assert sorted(found) == [
        "admins[1].provider",
        "base_url",
        "provider[1].metadata",
        "provider[2].client_id",
        "session.browser_hour",
    ]


def test_every_file_that_is_missing_is_told_by_its_key_and_with_it_what_cannot_be_used(path: Path) -> None:
    text = GOOD.replace('"corp-idp.xml"', '"other.xml"\nkey_files = ["one.pem", "two.pem"]', 1)
    text = text.replace("https://example.okta.com", "http://example.okta.com", 1)
    path.write_text(text.replace('["aws-gateway-admins"]', "[]"))
    with pytest.raises(ConfigurationProblems) as found:
        load_gateway(path, check=provider_problems)
    told = [problem.removeprefix(f"{path}: ") for problem in found.value.problems]
    assert [problem.partition(": ")[0] for problem in told] == [
        "admins[1].groups",
        "provider[1].metadata",
        "provider[1].key_files[1]",
        "provider[1].key_files[2]",
        "provider okta",
    ]
    assert told[-1].startswith("provider okta: issuer must be an https address")


def test_the_example_in_the_repository_has_only_the_files_missing_that_each_company_has_of_its_own() -> None:
    example = Path(__file__).parents[2] / "config" / "gateway.example.toml"
    with pytest.raises(ConfigurationProblems) as found:
        load_gateway(example)
    assert all("cannot be read (No such file" in problem for problem in found.value.problems)


def test_a_file_that_never_ends_is_no_file() -> None:
    with pytest.raises(ConfigurationProblems, match="is not a file"):
        read_text(Path("/dev/zero"))


def test_a_byte_order_mark_of_an_editor_is_not_part_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    path.write_bytes(b"\xef\xbb\xbfbase_url = 'x'")
    assert read_text(path).startswith("base_url")


def test_a_provider_that_passes_through_says_for_whom(tmp_path: Path) -> None:
    path = tmp_path / "gateway.toml"
    (tmp_path / "corp.xml").write_text("<x/>")
    (tmp_path / "okta.secret").write_text("secret")
    saml = '[[provider]]\nid = "corp"\nkind = "saml"\nlabel = "Corp"\nmetadata = "corp.xml"\n'
    oidc = (
        '[[provider]]\nid = "okta"\nkind = "oidc"\nlabel = "Okta"\nissuer = "https://example.okta.com"\n'
        'client_id = "c"\nclient_secret_file = "okta.secret"\n'
    )
    base = 'base_url = "https://aws.example.com"\n'
    path.write_text(f"{base}{saml}{oidc}")
    assert load_gateway(path).passing == {}
    china = 'passthrough = true\npassthrough_partition = "aws-cn"\n'
    path.write_text(f"{base}{saml}{china}{oidc}passthrough = true\n")
    expected = {"corp": Passing(Method.SAML, Partition.CHINA), "okta": Passing(Method.WEB_IDENTITY)}
    assert load_gateway(path).passing == expected
