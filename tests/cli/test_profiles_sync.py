"""`~/.aws/config` belongs to the person, to the AWS CLI and to other tools; one block in it is ours."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.terminal import zipapp
from tests.cli.fake_answers import role
from tests.cli.fake_gateway import Gateway
from tests.cli.here import Here
from tests.cli.terminal import Terminal

UGLY = {
    "plain": b"[default]\nregion = eu-central-1\n",
    "no last newline": b"[default]\nregion = eu-central-1",
    "crlf": b"[default]\r\nregion = eu-central-1\r\n\r\n[profile x]\r\noutput = json\r\n",
    "crlf without last newline": b"[default]\r\nregion = eu-central-1",
    "nested": b"[profile deep]\ns3 =\n  max_concurrent_requests = 20\n\taddressing_style = path\nregion = x\n",
    "sections of other kinds": b"[sso-session corp]\nsso_region = x\n[services local]\nsts =\n  endpoint_url = x\n",
    "comments": b"; old\n# BEGIN something else\n[default]\n# END something else\nkey = a # not a comment\n",
    "another tool's block": b"# BEGIN aws-sso-cli - do not edit\n[profile z]\n# END aws-sso-cli\n",
    "another gateway's block": b"# BEGIN fedgate b.example - x\n[profile o]\nregion = x\n# END fedgate b.example\n",
    "not utf-8": b"[profile caf\xe9]\nregion = \xff\xfe\n",
    "byte order mark": b"\xef\xbb\xbf[default]\nregion = x\n",
    "lone carriage returns": b"[default]\rregion = x\r\n# tail\rmore\n",
    "trailing blanks": b"[default]  \nregion = x\t\n\n\n\n",
    "form feed": b"[default]\n\x0c\nregion=x\n",
    "empty": b"",
}


@pytest.fixture
def ada(terminal: Terminal) -> Terminal:
    assert terminal.login().code == 0
    terminal.aws_config.parent.mkdir()
    return terminal


@pytest.fixture
def here(signed_in: Terminal) -> Here:
    signed_in.aws_config.parent.mkdir()
    return Here(signed_in)


def test_each_role_for_the_prompt_becomes_a_profile(ada: Terminal, gateway: Gateway) -> None:
    typed = ada.type("profiles", "sync")
    assert (typed.code, typed.out) == (0, "")
    found = configparser.ConfigParser(interpolation=None)
    found.read_string(ada.aws_config.read_text())
    assert found.sections() == ["profile development.ReadOnly", "profile production.UpdateApp"]
    assert dict(found["profile production.UpdateApp"]) == {
        "credential_process": found["profile production.UpdateApp"]["credential_process"],
        "region": "eu-west-1",
    }
    assert "+ production.UpdateApp" in typed.err


def test_the_block_is_as_documented(ada: Terminal, gateway: Gateway) -> None:
    ada.type("profiles", "sync")
    lines = ada.aws_config.read_text().splitlines()
    owner = gateway.address.removeprefix("http://")
    assert lines[0] == f"# BEGIN fedgate {owner} - generated, only added settings stay: fedgate profiles sync"
    assert lines[-1] == f"# END fedgate {owner}"
    launcher = ada.home / ".local/share/fedgate/fedgate"
    assert lines[2] == f"credential_process = {launcher} credential-process --profile development.ReadOnly"
    assert ada.aws_config.read_bytes().isascii()


def test_what_the_profile_says_really_runs(ada: Terminal) -> None:
    ada.type("profiles", "sync")
    helper = re.findall(r"^credential_process = (.*)$", ada.aws_config.read_text(), re.M)[1]
    done = subprocess.run(shlex.split(helper), env=ada.env, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout)["AccountId"] == "999999999999"


@pytest.mark.parametrize("before", UGLY.values(), ids=UGLY.keys())
def test_the_rest_stays_byte_for_byte(here: Here, gateway: Gateway, before: bytes) -> None:
    here.config.write_bytes(before)
    assert here.type("profiles", "sync").code == 0
    first = here.config.read_bytes()
    assert first.startswith(before)
    every, gateway.roles = gateway.roles, gateway.roles[:1]
    assert here.type("profiles", "sync").code == 0
    second = here.config.read_bytes()
    assert second.startswith(before)
    assert b"development.ReadOnly" not in second
    # Settings added by hand behind the block, as sections of their own, stay too.
    after = b"\n[profile later]\nregion = x"
    here.config.write_bytes(second + after)
    gateway.roles = []
    assert here.type("profiles", "sync").code == 0
    third = here.config.read_bytes()
    assert third.startswith(before)
    assert third.endswith(after)
    assert b"credential_process" not in third
    gateway.roles = every
    here.type("profiles", "sync")
    assert here.config.read_bytes() == first + after


@pytest.mark.parametrize("before", UGLY.values(), ids=UGLY.keys())
def test_a_second_run_has_nothing_to_do(here: Here, before: bytes) -> None:
    here.config.write_bytes(before)
    here.type("profiles", "sync")
    seen = here.config.stat()
    typed = here.type("profiles", "sync")
    assert "Nothing to do" in typed.err
    again = here.config.stat()
    assert (again.st_ino, again.st_mtime_ns) == (seen.st_ino, seen.st_mtime_ns)


@pytest.mark.parametrize("name", ["crlf", "crlf without last newline"])
def test_a_file_with_crlf_gets_a_block_with_crlf(here: Here, name: str) -> None:
    here.config.write_bytes(UGLY[name])
    here.type("profiles", "sync")
    content = here.config.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")


def test_a_link_stays_a_link_and_its_target_keeps_its_mode(here: Here) -> None:
    target = here.terminal.home / "dotfiles" / "aws-config"
    target.parent.mkdir()
    target.write_bytes(UGLY["plain"])
    target.chmod(0o640)
    here.config.symlink_to(target)
    assert here.type("profiles", "sync").code == 0
    assert here.config.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert b"production.UpdateApp" in target.read_bytes()


def test_a_new_file_is_for_its_owner_only(terminal: Terminal) -> None:
    terminal.login()
    assert terminal.type("profiles", "sync").code == 0
    assert stat.S_IMODE(terminal.aws_config.stat().st_mode) == 0o600
    assert stat.S_IMODE(terminal.aws_config.parent.stat().st_mode) == 0o700


def test_the_file_as_it_was_is_kept_beside_it(here: Here) -> None:
    here.config.write_bytes(UGLY["crlf"])
    here.type("profiles", "sync")
    assert here.config.with_name("config.before-fedgate").read_bytes() == UGLY["crlf"]


def test_aws_config_file_is_honoured(ada: Terminal, tmp_path: Path) -> None:
    ada.env["AWS_CONFIG_FILE"] = str(tmp_path / "elsewhere" / "config")
    assert ada.type("profiles", "sync").code == 0
    assert (tmp_path / "elsewhere" / "config").exists()
    assert not ada.aws_config.exists()


def test_a_dry_run_prints_a_patch_and_writes_nothing(here: Here) -> None:
    here.config.write_bytes(UGLY["plain"])
    before = set(here.terminal.home.rglob("*"))
    typed = here.type("profiles", "sync", "--dry-run")
    assert typed.code == 0
    assert "+[profile production.UpdateApp]" in typed.out
    assert "Nothing was written" in typed.err
    assert here.config.read_bytes() == UGLY["plain"]
    assert set(here.terminal.home.rglob("*")) == before


def test_prefix_and_region(here: Here) -> None:
    here.type("profiles", "sync", "--prefix", "acme-", "--region", "us-gov-west-1")
    content = here.config.read_text()
    assert "[profile acme-production.UpdateApp]" in content
    assert set(re.findall(r"^region = (.*)$", content, re.M)) == {"us-gov-west-1"}
    assert here.terminal.credentials("--profile", "acme-production.UpdateApp").code == 0


@pytest.mark.parametrize("region", ["Frankfurt", "eu-west-1\nrole_arn = x", "-"])
def test_what_is_no_region_is_refused(here: Here, region: str) -> None:
    assert here.type("profiles", "sync", f"--region={region}").code == 2


@pytest.mark.parametrize("prefix", ["a b", "x]\n[default", "../", "é"])
def test_a_prefix_that_tools_cannot_read_is_refused(here: Here, prefix: str) -> None:
    typed = here.type("profiles", "sync", f"--prefix={prefix}")
    assert typed.code == 2
    assert not here.config.exists()


@pytest.mark.parametrize("name", ["", "default", "prod]\n[default", "a b", "x" * 200, "-x", "prod/Update", "é"])
def test_a_name_from_the_gateway_that_tools_cannot_read_is_refused(here: Here, gateway: Gateway, name: str) -> None:
    gateway.roles = [role("arn:aws:iam::999999999999:role/UpdateApp", "Production", name)]
    typed = here.type("profiles", "sync")
    assert typed.code == 2
    assert "arn:aws:iam::999999999999:role/UpdateApp" in typed.err
    assert not here.config.exists()


def test_two_roles_of_one_name_are_both_named_and_nothing_is_written(here: Here, gateway: Gateway) -> None:
    one, other = "arn:aws:iam::999999999999:role/App", "arn:aws:iam::111111111111:role/App"
    gateway.roles = [role(one, "Production", "prod.App"), role(other, "Production", "prod.App")]
    typed = here.type("profiles", "sync")
    assert typed.code == 2
    assert one in typed.err
    assert other in typed.err
    assert not here.config.exists()


def test_a_profile_that_somebody_else_wrote_is_reported_and_left_alone(here: Here) -> None:
    here.config.write_text("[profile production.UpdateApp]\nrole_arn = x\n")
    typed = here.type("profiles", "sync")
    assert typed.code == 0
    assert "profile production.UpdateApp is already in" in typed.err
    assert here.config.read_text().count("[profile production.UpdateApp]") == 1
    assert "[profile development.ReadOnly]" in here.config.read_text()


@pytest.mark.parametrize("header", ["[ profile  production.UpdateApp ]", '[profile "production.UpdateApp"]'])
def test_a_profile_is_recognised_however_it_is_written(here: Here, header: str) -> None:
    here.config.write_text(header + "\nregion = x\n")
    assert "already in" in here.type("profiles", "sync").err


def test_stored_keys_that_would_win_over_fedgate_are_pointed_out(here: Here) -> None:
    (here.config.parent / "credentials").write_text("[production.UpdateApp]\naws_access_key_id = x\n")
    typed = here.type("profiles", "sync")
    assert typed.code == 0
    assert "[production.UpdateApp]" in typed.err
    assert "AWS tools prefer those" in typed.err


def torn_files(owner: str) -> dict[str, str]:
    begin, end = f"# BEGIN fedgate {owner} - x\n", f"# END fedgate {owner}\n"
    return {
        "no end": begin + "[profile a]\nregion = x\n[profile mine]\nregion = y\n",
        "no begin": "[profile a]\n" + end,
        "end first": end + begin,
        "begin twice": begin + begin + end,
        "end twice": begin + end + end,
        "two blocks": begin + end + begin + end,
        "crossed": begin + "# BEGIN fedgate other.example\n" + end + "# END fedgate other.example\n",
        "other gateway's without end": "# BEGIN fedgate other.example\n[profile o]\n",
    }


@pytest.mark.parametrize("kind", torn_files("x").keys())
def test_markers_that_do_not_pair_up_are_refused_with_the_line(here: Here, gateway: Gateway, kind: str) -> None:
    before = torn_files(gateway.address.removeprefix("http://"))[kind]
    here.config.write_text(before)
    typed = here.type("profiles", "sync")
    assert typed.code == 2
    assert re.search(r"line \d", typed.err)
    assert here.config.read_text() == before


@pytest.mark.parametrize("kind", ["directory", "pipe", "loop", "read-only"])
def test_what_is_no_file_to_write_is_refused(here: Here, kind: str) -> None:
    path = here.config
    if kind == "directory":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "loop":
        path.symlink_to(path)
    else:
        path.write_text("[default]\n")
        path.chmod(0o444)
    typed = here.type("profiles", "sync")
    assert typed.code == 2
    assert "Traceback" not in typed.err


def test_killed_at_any_moment_the_file_is_the_old_or_the_new_one(ada: Terminal) -> None:
    before = b"".join(b"[profile p%d]\nregion = x\n" % number for number in range(5000))
    ada.aws_config.write_bytes(before)
    assert ada.type("profiles", "sync").code == 0
    whole = ada.aws_config.read_bytes()
    killed = 0
    for step in range(12):
        ada.aws_config.write_bytes(before)
        started = ada.start("profiles", "sync")
        time.sleep(0.1 + step * 0.025)
        started.send_signal(signal.SIGKILL)
        started.communicate()
        killed += started.returncode < 0
        assert ada.aws_config.read_bytes() in (before, whole)
    assert killed
    ada.aws_config.write_bytes(before)
    assert ada.type("profiles", "sync").code == 0
    assert ada.aws_config.read_bytes() == whole
    assert not list(ada.aws_config.parent.glob("*new*"))


def test_two_at_once_write_one_block(ada: Terminal) -> None:
    ada.aws_config.write_bytes(UGLY["plain"])
    started = [ada.start("profiles", "sync") for _ in range(6)]
    for one in started:
        one.communicate(timeout=60)
    assert {one.returncode for one in started} == {0}
    assert ada.aws_config.read_text().count("# BEGIN fedgate") == 1


def test_a_gateway_cannot_take_over_the_name_of_another_ones_profile(ada: Terminal, tmp_path: Path) -> None:
    ada.type("profiles", "sync")
    map_file = ada.home / ".config/fedgate/profiles"
    map_file.write_text(re.sub(r"http\S+", "https://other.example", map_file.read_text()))
    before = ada.aws_config.read_bytes()
    typed = ada.type("profiles", "sync")
    assert typed.code == 2
    assert "https://other.example" in typed.err
    assert ada.aws_config.read_bytes() == before


def test_what_aws_configure_set_writes_at_our_markers_survives_the_next_sync(ada: Terminal) -> None:
    """The real one: it puts a line behind whatever comment stands before the next section, our markers included."""
    ada.aws_config.write_bytes(b"[profile mine]\nregion = eu-central-1\n")
    ada.type("profiles", "sync")
    aws = Path(sys.executable).with_name("aws")
    for name in ("mine", "production.UpdateApp"):
        words = [str(aws), "configure", "set", "output", "text", "--profile", name]
        subprocess.run(words, env=ada.env, check=True, timeout=60)
    assert ada.type("profiles", "sync", "--region", "eu-west-3").code == 0
    found = configparser.ConfigParser(interpolation=None)
    found.read_string(ada.aws_config.read_text())
    assert dict(found["profile mine"]) == {"region": "eu-central-1", "output": "text"}
    assert (found["profile production.UpdateApp"]["output"], len(found.sections())) == ("text", 3)
    assert ada.aws_config.read_bytes().startswith(
        b"[profile mine]\nregion = eu-central-1\noutput = text\n\n# BEGIN fedgate"
    )


def test_a_path_with_a_space_is_quoted_and_runs(ada: Terminal, tmp_path: Path) -> None:
    ada.pyz = tmp_path / "my programs" / "fedgate.pyz"
    ada.pyz.parent.mkdir()
    zipapp.build(ada.pyz, "1.2.3")
    ada.env["XDG_DATA_HOME"] = str(tmp_path / "my data")
    ada.type("profiles", "sync")
    helper = re.findall(r"^credential_process = (.*)$", ada.aws_config.read_text(), re.M)[0]
    assert helper.startswith(f'"{tmp_path}/my data/fedgate/fedgate" credential-process')
    # botocore splits the line itself, other SDKs give it to a shell.
    for command, shell in ((shlex.split(helper), False), (helper, True)):
        subprocess.run(command, shell=shell, env=ada.env, capture_output=True, timeout=60, check=True)


def test_a_home_that_a_shell_would_read_is_gone_round(ada: Terminal, tmp_path: Path) -> None:
    ada.env["XDG_DATA_HOME"] = str(tmp_path / "a$HOME;b")
    ada.type("profiles", "sync")
    helper = re.findall(r"^credential_process = (.*)$", ada.aws_config.read_text(), re.M)[0]
    assert shlex.split(helper)[1:4] == ["-I", "-S", str(ada.pyz)]
    subprocess.run(shlex.split(helper), env=ada.env, capture_output=True, timeout=60, check=True)


def test_a_path_that_a_shell_would_read_is_refused(ada: Terminal, tmp_path: Path) -> None:
    ada.pyz = tmp_path / "a$HOME;b" / "fedgate.pyz"
    ada.pyz.parent.mkdir()
    zipapp.build(ada.pyz, "1.2.3")
    ada.env["XDG_DATA_HOME"] = str(ada.pyz.parent)
    typed = ada.type("profiles", "sync")
    assert typed.code == 2
    assert not ada.aws_config.exists()


def test_a_credentials_file_that_cannot_be_read_is_named_and_nothing_fails(here: Here) -> None:
    """The profiles are written by then."""
    credentials = here.config.with_name("credentials")
    credentials.write_text("[default]\n", "utf-16")
    typed = here.type("profiles", "sync")
    assert typed.code == 0
    assert f"Careful: {credentials}, line 1 is not UTF-8" in typed.err
    assert f"Wrote {here.config}." in typed.err
    assert f"{credentials}, line 1 is not UTF-8" in here.type("env", "production.UpdateApp", "--profile-only").err
