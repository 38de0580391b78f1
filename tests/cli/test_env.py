"""`fedgate env`: credentials as variables, in a form that the person's own shell evaluates."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from app.cli.failures import Failure
from app.cli.running import shell_formats
from app.cli.running.child_environment import Setting
from tests.cli.fake_answers import READ_ONLY, role
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.cli.test_start import python_of

ROLE = "production.UpdateApp"
KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION")
# How each is evaluated by those who use it: as its help says.
ODD = ["-o", "RC_QUOTES", "-o", "EXTENDED_GLOB", "-o", "KSH_ARRAYS", "-o", "MAGIC_EQUAL_SUBST"]
POSIX = 'eval "$(cat "$1")"; env -0'
SHELLS = {
    "sh": ("env", POSIX, ["sh", "-c"]),
    "bash": ("env", POSIX, ["bash", "--norc", "-c"]),
    "zsh": ("env", POSIX, ["zsh", "-f", "-c"]),
    "zsh with its oddest options": ("env", POSIX, ["zsh", "-f", *ODD, "-c"]),
    "sh without export": ("env-no-export", f"set -a; {POSIX}", ["sh", "-c"]),
    "fish": ("fish", "cat $argv[1] | source; env -0", ["fish", "--no-config", "-c"]),
}
NEEDED = {"zsh": "zsh", "fish": "fish"}
BREAKERS = [
    "'",
    "''",
    "\\",
    "\\'",
    "'\\''",
    '"',
    "$(touch x)",
    "`id`",
    "; id",
    "\n",
    "a\nb",
    "=ls",
    "a:=ls",
    "~",
    "a:~/b",
]
BREAKERS += [
    "!!",
    "#",
    " ",
    "",
    "-n",
    "%PATH%",
    "${IFS}",
    "\t",
    "\r",
    "\u2019; id; \u2018",
    "\x1b[2J",
    "[a]*",
    "{a,b}",
    "\\n",
]


@pytest.fixture
def ada(signed_in: Terminal, gateway: Gateway) -> Terminal:
    assert signed_in.type("profiles", "sync").code == 0
    gateway.calls.clear()
    return signed_in


def shells() -> list[object]:
    known = [(name, NEEDED.get(name.partition(" ")[0])) for name in SHELLS]
    return [pytest.param(name, marks=pytest.mark.needs(needs) if needs else ()) for name, needs in known]


def evaluated(name: str, text: str, folder: Path) -> dict[str, str]:
    _, script, start = SHELLS[name]
    (folder / "lines").write_text(text, newline="")
    argument = [] if start[0] == "fish" else [name]
    command = [*start, script, *argument, str(folder / "lines")]
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(folder), "AWS_PROFILE": "another"}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b""), done.stderr
    parts = (one.decode().partition("=") for one in done.stdout.split(b"\0") if one)
    return {key: value for key, _, value in parts}


@pytest.mark.parametrize("name", shells())
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(values=BREAKERS)
@given(values=st.lists(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")), max_size=40))
def test_no_value_breaks_out_of_a_shells_quotes(name: str, values: list[str], tmp_path: Path) -> None:
    wanted = {f"V{place}": value for place, value in enumerate(values)}
    text = "\n".join(shell_formats.lines(SHELLS[name][0], Setting(wanted, ("AWS_PROFILE",)))) + "\n"
    found = evaluated(name, text, tmp_path)
    assert {key: value for key, value in found.items() if key in wanted} == wanted
    assert "AWS_PROFILE" not in found
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["lines"]


@given(value=st.text())
@example(value="it\u2019s")
@example(value="'\u2018''\u201b")
def test_a_value_for_powershell_is_one_quoted_string(value: str) -> None:
    quoted = shell_formats.powershell(value)
    assert read_by_powershell(quoted) == value


def read_by_powershell(text: str) -> str:
    """about_Quoting_Rules, and the tokenizer's `ScanStringLiteral`: any of the five quotes ends the string, unless
    another follows, which then stands for itself."""
    quotes = "'\u2018\u2019\u201a\u201b"
    assert text[0] in quotes
    found, place = "", 1
    while text[place] not in quotes or (place + 1 < len(text) and text[place + 1] in quotes):
        place += text[place] in quotes
        found += text[place]
        place += 1
    assert place == len(text) - 1
    return found


@pytest.mark.parametrize("form", ["windows-cmd", "dotenv"])
@pytest.mark.parametrize("value", ["a b", 'a"b', "a&b", "%PATH%", "a\nb", "a^b", "$a", "", "é", "=a"])
def test_what_has_no_quotes_refuses_a_value_that_needs_them(form: str, value: str) -> None:
    with pytest.raises(Failure, match="no safe way"):
        shell_formats.lines(form, Setting({"A": value}, ()))


def test_keys_as_they_are_need_no_quotes_anywhere() -> None:
    for value in ("ASIAIOSFODNN7EXAMPLE", "wJalr/K7+MD==", "2026-11-21T20:28:06Z", "production.UpdateApp", READ_ONLY):
        assert shell_formats.posix(value) == shell_formats.fish(value) == shell_formats.bare(value) == value


@pytest.mark.parametrize("name", shells())
def test_the_shell_has_the_keys_and_no_profile(name: str, ada: Terminal, tmp_path: Path) -> None:
    ada.env["AWS_PROFILE"] = "another"
    typed = ada.type("env", ROLE, "--format", SHELLS[name][0])
    assert (typed.code, typed.err) == (0, "")
    found = evaluated(name, typed.out, tmp_path)
    assert found["AWS_ACCESS_KEY_ID"] == "ASIAIOSFODNN7EXAMPLE"
    assert found["AWS_SECRET_ACCESS_KEY"] == "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    assert (found["AWS_SESSION_TOKEN"], found["AWS_REGION"]) == ("EXAMPLETOKEN1", "eu-west-1")
    assert "AWS_PROFILE" not in found
    again = ada.type("env", "--unset", "--format", SHELLS[name][0])
    gone = evaluated(name, typed.out + again.out, tmp_path)
    assert not [key for key in gone if key.startswith("AWS_")]


def test_without_quotes_around_it_the_shell_has_them_too(ada: Terminal) -> None:
    ada.env["AWS_PROFILE"] = "another"
    out = ada.type("env", ROLE).out
    for start in (["sh", "-c"], ["bash", "-c"]):
        script = f"eval $(cat <<'END'\n{out}END\n); printenv AWS_SESSION_TOKEN AWS_PROFILE"
        done = subprocess.run([*start, script], env=ada.env, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout == "EXAMPLETOKEN1\n"


@pytest.mark.parametrize(("shell", "first"), [("/bin/bash", "export "), ("/usr/bin/fish", "set -gx "), ("", "export ")])
def test_the_form_is_that_of_the_persons_shell(ada: Terminal, shell: str, first: str) -> None:
    ada.env["SHELL"] = shell
    assert ada.type("env", ROLE).out.startswith(f"{first}AWS_ACCESS_KEY_ID")


def test_every_format_holds_the_same_keys(ada: Terminal, gateway: Gateway) -> None:
    secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    lines = {
        "env": f"export AWS_SECRET_ACCESS_KEY={secret};",
        "env-no-export": f"AWS_SECRET_ACCESS_KEY={secret}",
        "fish": f"set -gx AWS_SECRET_ACCESS_KEY {secret};",
        "powershell": f"$Env:AWS_SECRET_ACCESS_KEY = '{secret}'",
        "windows-cmd": f"set AWS_SECRET_ACCESS_KEY={secret}",
        "dotenv": f"AWS_SECRET_ACCESS_KEY={secret}",
        "ini": f"aws_secret_access_key = {secret}",
    }
    for form, line in lines.items():
        typed = ada.type("env", ROLE, "--format", form)
        assert (typed.code, typed.err) == (0, "")
        assert line in typed.out.splitlines()
    for shell, form in {"bash": "env", "zsh": "env", "pwsh": "powershell", "cmd": "windows-cmd"}.items():
        assert ada.type("env", ROLE, "--format", shell).out == ada.type("env", ROLE, "--format", form).out
    assert ada.type("env", ROLE, "--format", "ini").out.startswith(f"[{ROLE}]\n")
    assert ada.type("env", ROLE, "--format", "process").out == ada.credentials().out
    found = json.loads(ada.type("env", ROLE, "--json").out)
    assert set(found) == {*KEYS, "AWS_REGION", "AWS_DEFAULT_REGION"}
    assert gateway.calls["/api/v1/credentials"] == 1


def test_the_credentials_file_is_one_that_boto3_reads(ada: Terminal, tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(ada.type("env", ROLE, "--format", "ini").out)
    script = f"import boto3; s = boto3.Session(profile_name={ROLE!r}); print(s.get_credentials().token, s.region_name)"
    environment = {"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "EXAMPLETOKEN1 eu-west-1\n"


def test_the_region_is_the_roles_own_and_never_the_one_before(ada: Terminal) -> None:
    """What `env` of another role has left in this shell must not decide where this one works."""
    ada.env |= {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-1"}
    found = json.loads(ada.type("env", "development.ReadOnly", "--json").out)
    assert {found["AWS_REGION"], found["AWS_DEFAULT_REGION"]} == {"us-east-1"}
    typed = json.loads(ada.type("env", ROLE, "--json", "--region", "eu-south-2").out)
    assert typed["AWS_REGION"] == "eu-south-2"


def test_a_role_without_a_profile_has_keys_all_the_same(signed_in: Terminal, gateway: Gateway) -> None:
    fresh = "arn:aws:iam::999999999999:role/Fresh"
    gateway.roles.append(role(fresh, "Production", "production.Fresh"))
    found = json.loads(signed_in.type("env", "Fresh", "--json").out)
    assert found["AWS_REGION"] == "eu-west-1"
    assert signed_in.type("env", fresh, "--format", "ini").out.startswith("[default]\n")


def test_profile_only_sets_the_profile_and_takes_keys_away(ada: Terminal, gateway: Gateway) -> None:
    ada.env["AWS_ACCESS_KEY_ID"] = "AKIAIOSFODNN7EXAMPLE"
    typed = ada.type("env", ROLE, "--profile-only")
    assert typed.out == f"unset AWS_ACCESS_KEY_ID;\nexport AWS_PROFILE={ROLE};\nexport AWS_SDK_LOAD_CONFIG=1;\n"
    assert gateway.calls["/api/v1/credentials"] == 0
    assert ada.type("env", ROLE, "--profile-only", "--format", "ini").code == 2
    ada.aws_config.unlink()
    assert ada.type("env", ROLE, "--profile-only").code == 2


def test_refusals_leave_standard_output_empty(ada: Terminal, gateway: Gateway) -> None:
    """Or the shell would evaluate them."""
    assert ada.type("env", "--unset", "--format", "json").code == 2
    assert ada.type("env", ROLE, "--format", "nothing").code == 2
    assert ada.type("env", ROLE, "--format", "env", "--json").code == 2
    gateway.end_sign_ins()
    for words, code in (((), 2), (("Nobody",), 4), ((ROLE,), 4)):
        typed = ada.type("env", *words)
        assert (typed.code, typed.out) == (code, "")
        assert typed.err.startswith("fedgate: ")


def test_on_a_screen_it_says_that_these_are_secrets(ada: Terminal) -> None:
    import pty

    master, tty = pty.openpty()
    command = ada.command("env", ROLE)
    done = subprocess.run(command, env=ada.env, stdout=tty, stderr=subprocess.PIPE, text=True, timeout=60, check=True)
    os.close(tty)
    os.close(master)
    assert f'eval "$(python3 {ada.pyz} env {ROLE})"' in done.stderr


@pytest.mark.parametrize("minor", range(9, 16))
def test_every_python_that_is_here_runs_them(ada: Terminal, minor: int) -> None:
    ada.python = python_of(minor)
    if not ada.python:
        pytest.skip(f"there is no Python 3.{minor} here")
    assert ada.type("env", ROLE, "--json").code == 0
    for words in ((), ("--keys",), ("--serve",)):
        typed = ada.type("exec", *words, ROLE, "--", "sh", "-c", 'echo "$1" $#', "sh", "--", "--x")
        assert (typed.code, typed.out, typed.err) == (0, "-- 2\n", "")


def test_what_the_gateway_calls_a_region_and_is_none_reaches_no_program(ada: Terminal, gateway: Gateway) -> None:
    """AWS tools would make host names of it, and send signed requests there."""
    profiles = ada.home / ".config/fedgate/profiles"
    profiles.write_text("")
    gateway.roles[0]["region"] = "example.org/#"
    typed = ada.type("env", "UpdateApp", "--json")
    assert "AWS_SECRET_ACCESS_KEY" in json.loads(typed.out)
    assert "example.org" not in typed.out
