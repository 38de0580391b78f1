"""`fedgate doctor`: profiles for AWS's own protocols, the AWS CLI that is here, and more than one fedgate."""

from __future__ import annotations

import shutil

import pytest

from app.cli.profiles.aws_lines import models_path, models_text
from tests.cli.clinic import append, examined, trouble
from tests.cli.terminal import Terminal

NATIVE = """
[default]
services = fedgate
[sso-session fedgate]
sso_start_url = https://fedgate.awsapps.com/start
sso_region = fedgate-1
[services fedgate]
sso =
  endpoint_url = {gateway}
sso_oidc =
  endpoint_url = {gateway}
signin =
  endpoint_url = {gateway}
[profile native]
sso_session = fedgate
sso_account_id = 111111111111
sso_role_name = Admin
services = fedgate
"""


@pytest.mark.parametrize(
    ("old", "new", "level", "says"),
    [
        ("", "", "", ""),
        ("sso_role_name = Admin\nservices = fedgate", "", "wrong", "lacks the line"),
        ("[default]\nservices = fedgate", "", "careful", "JavaScript"),
        ("sso_oidc =\n", "sso-oidc =\n", "wrong", "sso_oidc"),
        ("[services fedgate]", "[services other]", "wrong", "sso and sso_oidc"),
        ("[sso-session fedgate]", "[sso-session other]", "wrong", "aws sso login"),
        (
            "sso =\n  endpoint_url = {gateway}",
            "sso =\n  endpoint_url = https://other.example",
            "careful",
            "other.example",
        ),
    ],
)
def test_profiles_for_awss_own_protocols(ada: Terminal, old: str, new: str, level: str, says: str) -> None:
    assert old in NATIVE
    append(ada.aws_config, NATIVE.replace(old, new).format(gateway=ada.gateway))
    found = [(one["level"], says in one["sentence"]) for one in trouble(ada)]
    assert found == ([(level, True)] if level else [])


CORP = NATIVE.replace(" fedgate", " corp").replace("[default]\nservices = corp\n", "")


@pytest.mark.parametrize(
    ("old", "new", "level", "says"),
    [
        ("sso_oidc =\n", "sso-oidc =\n", "wrong", "sso_oidc"),
        ("[sso-session corp]", "[sso-session other]", "wrong", "no [sso-session corp]"),
        ("[profile native]", "[profile more]\nsso_session = corp\n[profile native]", "wrong", "`services = corp`"),
        ("awsapps.com/start", "awsapps.com/x", "", ""),
    ],
)
def test_a_session_of_another_name_is_found_by_its_address(
    ada: Terminal, old: str, new: str, level: str, says: str
) -> None:
    """Beside one that is called fedgate, and is of another gateway: of that, this one says nothing."""
    assert old in CORP
    others = NATIVE.format(gateway="https://other.example").replace("[profile native]", "[profile theirs]")
    append(ada.aws_config, others + CORP.replace(old, new).format(gateway=ada.gateway))
    found = [(one["level"], says in one["sentence"]) for one in trouble(ada)]
    assert found == ([(level, True)] if level else [])


def test_a_session_without_services_is_found_by_where_it_starts(ada: Terminal) -> None:
    append(
        ada.aws_config, f"[sso-session corp]\nsso_start_url = {ada.gateway}/start\n[profile p]\nsso_session = corp\n"
    )
    sentences = [one["sentence"] for one in trouble(ada)]
    assert any("lacks the line `services = fedgate`" in sentence for sentence in sentences)


def test_a_session_that_comes_by_models_alone_is_found_by_its_region(ada: Terminal) -> None:
    session = "[sso-session corp]\nsso_start_url = https://corp.awsapps.com/start\nsso_region = corp-1\n"
    append(ada.aws_config, f"{session}[profile p]\nsso_session = corp\n")
    models = [ada.aws_config.parent / "models" / models_path(service) for service in ("sso", "sso-oidc")]
    for path, service in zip(models, ("sso", "sso-oidc"), strict=True):
        path.parent.mkdir(parents=True)
        path.write_text(models_text(service, {"corp-1": ada.gateway}))
    assert trouble(ada) == []
    models[1].unlink()
    assert any("`services = fedgate`" in one["sentence"] for one in trouble(ada))


def aws_cli(terminal: Terminal, says: str) -> None:
    program = terminal.home / "bin/aws"
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o755)


@pytest.mark.parametrize(
    ("says", "level"),
    [
        ("aws-cli/2.38.5 Python/3.13.0", "ok"),
        ("aws-cli/2.9.19 Python/3.11.2", "wrong"),
        ("aws-cli/1.46.3 Python/3.11.2", "ok"),
        ("nonsense", "careful"),
    ],
)
def test_an_aws_cli_that_cannot_do_what_a_profile_wants(ada: Terminal, says: str, level: str) -> None:
    append(ada.aws_config, NATIVE.format(gateway=ada.gateway))
    aws_cli(ada, says)
    [found] = [one for one in examined(ada)[1] if one["check"] == "aws-cli"]
    assert found["level"] == level


@pytest.mark.needs("awscli")
def test_the_real_aws_cli_says_its_version(ada: Terminal) -> None:
    ada.env["PATH"] = "/usr/bin:/bin"
    [found] = [one for one in examined(ada)[1] if one["check"] == "aws-cli"]
    assert found["sentence"].startswith("version ")


def test_two_of_fedgate_on_the_path(ada: Terminal) -> None:
    folders = [ada.home / "bin", ada.home / "other", ada.home / "third"]
    for folder in folders:
        folder.mkdir()
    shutil.copy("/bin/true", folders[0] / "fedgate")
    (folders[1] / "fedgate").symlink_to(folders[0] / "fedgate")
    ada.env["PATH"] = ":".join(map(str, folders))
    assert trouble(ada) == []
    shutil.copy("/bin/true", folders[2] / "fedgate")
    [found] = trouble(ada)
    assert found["check"] == "path"
    assert "~/bin/fedgate is what you type; ~/third/fedgate" in found["sentence"]
