"""The catalog's ways into AWS: what fits together is read, and what does not is refused with its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.catalog import load_catalog
from app.core.methods import ACCEPTED
from app.core.proof import Passing
from app.core.roles import Assertion, Base, Method, Partition, ProviderArn, Role, RoleArn, UserArn
from app.errors import ConfigurationProblems

PRODUCTION = "999999999999"
ROLE, USER = f"arn:aws:iam::{PRODUCTION}:role/Deploy", f"arn:aws:iam::{PRODUCTION}:user/broker"
BROKER = f"arn:aws:iam::{PRODUCTION}:role/broker/Base"
SAML = f'provider_arn = "arn:aws:iam::{PRODUCTION}:saml-provider/corp"'
OIDC = f'provider_arn = "arn:aws:iam::{PRODUCTION}:oidc-provider/id.example.com"'
POOL = 'identity_pool = "eu-west-1:12345678-1234-1234-1234-123456789abc"'
SERIAL = f'mfa_serial = "arn:aws:iam::{PRODUCTION}:mfa/broker"'
POLICY = """policy = '{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}'"""
WORDS = f'accept_unenforced = "{ACCEPTED}"'
PASSING = {
    "corp": Passing(Method.SAML, Partition.AWS),
    "okta": Passing(Method.WEB_IDENTITY),
    "china": Passing(Method.SAML, Partition.CHINA),
}


def written(folder: Path, *lines: str, arn: str = ROLE, account: str = "", provider: str = "corp") -> Path:
    path = folder / "catalog.toml"
    path.write_text(
        f'[[account]]\nid = "{PRODUCTION}"\nname = "Production"\n{account}\n'
        f'[[role]]\narn = "{arn}"\n' + "\n".join(lines) + "\n"
        f'[[rule]]\nid = "all"\nprovider = "{provider}"\ngroups = ["Developers"]\nroles = ["{arn}"]\n',
        "utf-8",
    )
    return path


def role(path: Path) -> Role:
    (found,) = load_catalog(path, [*PASSING, "plain"], PASSING).roles.values()
    return found


def problems(path: Path) -> list[str]:
    with pytest.raises(ConfigurationProblems) as told:
        role(path)
    return [problem.removeprefix(f"{path}: ") for problem in told.value.problems]


def test_every_method_has_an_entry_that_is_good(tmp_path: Path) -> None:
    assert role(written(tmp_path, 'method = "assume_role"', SERIAL)).mfa_serial.endswith("mfa/broker")
    federation = role(written(tmp_path, 'method = "federation_token"', POLICY, "max_minutes = 720", arn=USER))
    assert (federation.arn, federation.console) == (UserArn(USER), True)
    session = role(written(tmp_path, 'method = "session_token"', SERIAL, arn=USER))
    assert (session.console, session.cli) == (False, True)
    pool = role(written(tmp_path, 'method = "cognito"', POOL, 'pool_login = "login.fedgate"', 'tags = { Team = "a" }'))
    assert (pool.method, pool.max_seconds, pool.pool_login) == (Method.COGNITO, 3_600, "login.fedgate")


@pytest.mark.parametrize(("method", "provider"), [("saml", "corp"), ("web_identity", "okta")])
def test_passing_through_takes_the_operators_words(tmp_path: Path, method: str, provider: str) -> None:
    lines = (f'method = "{method}"', SAML if method == "saml" else OIDC, 'assertion = "passthrough"')
    found = role(written(tmp_path, *lines, WORDS, provider=provider))
    assert (found.assertion, found.unenforced) == (Assertion.PASSTHROUGH, True)
    (problem,) = problems(written(tmp_path, *lines, provider=provider))
    assert problem.startswith(f'role[1].accept_unenforced: passthrough needs the words "{ACCEPTED}"')
    assert problems(written(tmp_path, *lines, 'accept_unenforced = "yes"', provider=provider))
    for other in ("plain", "china"):
        (problem,) = problems(written(tmp_path, *lines, WORDS, provider=other))
        assert problem.startswith("rule[1].roles: Deploy wants a provider of kind ")
        assert problem.endswith(f"with passthrough = true for the partition aws, which {other} is not")


@pytest.mark.parametrize(
    ("arn", "lines", "key", "word"),
    [
        (USER, ['method = "assume_role"'], "arn", "not of a user"),
        (USER, ['method = "saml"', SAML], "arn", "not of a user"),
        (ROLE, ['method = "federation_token"', POLICY], "arn", "ARN of that user"),
        (ROLE, ['method = "session_token"', SERIAL], "arn", "ARN of that user"),
        (USER, ['method = "federation_token"'], "policy", "no rights at all"),
        (USER, ['method = "federation_token"', POLICY, 'tags = { A = "b" }', 'transitive_tags = ["A"]'],
         "transitive_tags", "cannot be transitive"),
        (USER, ['method = "federation_token"', POLICY, SERIAL], "mfa_serial", "not with federation_token"),
        (USER, ['method = "session_token"'], "mfa_serial", "is required"),
        (USER, ['method = "session_token"', 'mfa_serial = "short"'], "mfa_serial", "device's ARN"),
        (USER, ['method = "session_token"', SERIAL, POLICY], "policy", "takes no session policy"),
        (USER, ['method = "session_token"', SERIAL, 'tags = { A = "b" }'], "tags", "takes no tags"),
        (USER, ['method = "session_token"', SERIAL, "console = true"], "console", "opens no console"),
        (ROLE, ['method = "cognito"'], "identity_pool", "REGION:UUID"),
        (ROLE, ['method = "cognito"', 'identity_pool = "cn-north-1:12345678-1234-1234-1234-123456789abc"'],
         "identity_pool", "outside the partition aws"),
        (ROLE, ['method = "cognito"', POOL, "max_minutes = 30"], "max_minutes", "expected 60"),
        (ROLE, ['method = "cognito"', POOL, POLICY], "policy", "takes no session policy"),
        (ROLE, ['method = "cognito"', POOL, 'tags = { A = "b" }'], "tags", "only with a pool_login"),
        (ROLE, ['method = "cognito"', POOL, 'pool_login = "a b"'], "pool_login", "developer provider"),
        (ROLE, ['method = "assume_role"', POOL], "identity_pool", "goes with the method cognito"),
        (ROLE, ['method = "assume_role"', SAML], "provider_arn", "not with assume_role"),
        (ROLE, ['method = "saml"', SAML, SERIAL], "mfa_serial", "not with saml"),
        (ROLE, ['method = "assume_role"', 'assertion = "passthrough"', WORDS], "assertion", "saml and web_identity"),
        (ROLE, ['method = "saml"', SAML, WORDS], "accept_unenforced", "goes with assertion"),
        (ROLE, ['method = "saml"', SAML, 'assertion = "passthrough"', WORDS, 'tags = { A = "b" }'],
         "tags", "company's own statement"),
        (ROLE, ['method = "web_identity"', SAML], "provider_arn", "needs the ARN of an oidc-provider"),
    ],
)  # fmt: skip
def test_what_aws_would_refuse_or_ignore_is_refused_with_its_key(
    tmp_path: Path, arn: str, lines: list[str], key: str, word: str
) -> None:
    found = problems(written(tmp_path, *lines, arn=arn))
    assert [problem for problem in found if problem.startswith(f"role[1].{key}: ") and word in problem], found


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        ('base = { profile = "prod" }', Base(profile="prod")),
        (f'base = {{ role = "{BROKER}" }}', Base(role=RoleArn(BROKER))),
        (
            f'base = {{ role = "{BROKER}", {OIDC} }}',
            Base("", RoleArn(BROKER), ProviderArn(f"arn:aws:iam::{PRODUCTION}:oidc-provider/id.example.com")),
        ),
        ("", Base()),
    ],
)
def test_an_account_says_with_whose_credentials_the_gateway_signs(tmp_path: Path, base: str, expected: Base) -> None:
    path = written(tmp_path, 'method = "assume_role"', account=f'{base}\nfallback_region = "eu-north-1"')
    (account,) = load_catalog(path, None).accounts.values()
    assert (account.base, account.fallback_region) == (expected, "eu-north-1")


@pytest.mark.parametrize(
    ("account", "word"),
    [
        (f'base = {{ profile = "prod", role = "{ROLE}" }}', "base: expected either profile, or role"),
        (f"base = {{ {OIDC} }}", "base.provider_arn: goes with a role"),
        (
            f'base = {{ role = "arn:aws:iam::{PRODUCTION}:role/ops/deploy" }}',
            "role[1].arn: is the role with which the gateway signs",
        ),
        (f'base = {{ role = "{BROKER}", {SAML} }}', "base.provider_arn: expected the ARN of an oidc-provider"),
        ('base = { role = "arn:aws-cn:iam::111111111111:role/X" }', "base.role: is of partition aws-cn"),
        ('base = { role = "nonsense" }', "base: expected a role ARN"),
        ('base = { profil = "prod" }', "there is no such key"),
        ('fallback_region = "cn-north-1"', "fallback_region: is not a region of the partition aws"),
    ],
)
def test_base_credentials_that_cannot_be_are_refused(tmp_path: Path, account: str, word: str) -> None:
    found = problems(written(tmp_path, 'method = "assume_role"', account=account))
    assert [problem for problem in found if word in problem], found


def test_a_user_cannot_be_lent_by_an_account_whose_base_is_a_role(tmp_path: Path) -> None:
    base = f'base = {{ role = "{ROLE}" }}'
    (problem,) = problems(written(tmp_path, 'method = "session_token"', SERIAL, arn=USER, account=base))
    assert (
        problem
        == "role[1].method: session_token needs the key of an IAM user, and the account's base is the role Deploy"
    )


def test_a_provider_that_cannot_be_read_is_told_about_once_and_not_as_one_too_many(tmp_path: Path) -> None:
    (said,) = problems(written(tmp_path, 'method = "saml"', 'provider_arn = "fedgate"'))
    assert said.startswith("role[1].provider_arn: expected the ARN of an IAM provider")
