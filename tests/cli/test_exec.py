"""`fedgate exec`: somebody's command, as a role."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.cli.fake_answers import UPDATE_APP, role
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.patience import SECONDS, until

ROLE = "production.UpdateApp"
FRESH = "arn:aws:iam::999999999999:role/Fresh"  # given since the last `profiles sync`
SHOW = (sys.executable, "-c", "import json, os; print(json.dumps(dict(os.environ)))")
BOTO3 = """
import json, boto3
found = boto3.Session().get_credentials()
print(json.dumps([found.method, found.get_frozen_credentials().access_key]))
"""
STRANGERS = {
    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
    "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "AWS_SESSION_TOKEN": "another",
    "AWS_SECURITY_TOKEN": "another",
    "AWS_CREDENTIAL_EXPIRATION": "2020-01-01T00:00:00Z",
    "AWS_DEFAULT_PROFILE": "another",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "/nowhere",
    "AWS_ROLE_ARN": "arn:aws:iam::111111111111:role/Another",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:9/",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/another",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN": "another",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/nowhere",
}
SETTINGS = {"AWS_REGION": "eu-north-1", "AWS_CA_BUNDLE": "/etc/ssl/certs/ca-certificates.crt", "AWS_MAX_ATTEMPTS": "2"}


@pytest.fixture
def ada(signed_in: Terminal, gateway: Gateway) -> Terminal:
    """With profiles in `~/.aws/config`."""
    assert signed_in.type("profiles", "sync").code == 0
    gateway.calls.clear()
    return signed_in


def seen_by_the_command(ada: Terminal, *words: str) -> dict[str, str]:
    typed = ada.type("exec", *words, "--", *SHOW)
    assert (typed.code, typed.err) == (0, "")
    found: dict[str, str] = json.loads(typed.out)
    return found


def test_a_command_gets_the_profile_and_nothing_that_would_win_over_it(ada: Terminal) -> None:
    ada.env |= STRANGERS | SETTINGS
    found = seen_by_the_command(ada, ROLE)
    assert found["AWS_PROFILE"] == found["FEDGATE_EXEC"] == ROLE
    assert set(found) & set(STRANGERS) == set()
    assert SETTINGS.items() <= found.items()
    assert "FEDGATE_CREDENTIAL_PROCESS" not in found


def test_the_profile_of_the_environment_names_the_role_when_nothing_is_typed(ada: Terminal) -> None:
    ada.env["AWS_PROFILE"] = ROLE
    assert seen_by_the_command(ada, "--region", "eu-central-1")["AWS_REGION"] == "eu-central-1"


def test_a_role_is_called_as_for_any_other_command(ada: Terminal) -> None:
    for called in (UPDATE_APP, "UpdateApp", "999999999999/UpdateApp", "Production/UpdateApp"):
        assert seen_by_the_command(ada, called)["AWS_PROFILE"] == ROLE


def test_with_keys_the_command_gets_keys_and_no_profile(ada: Terminal) -> None:
    ada.env |= STRANGERS | {"AWS_PROFILE": "another"}
    found = seen_by_the_command(ada, "--keys", ROLE)
    assert found["AWS_ACCESS_KEY_ID"] == "ASIAIOSFODNN7EXAMPLE"
    assert found["AWS_SESSION_TOKEN"] == "EXAMPLETOKEN1"
    assert found["AWS_CREDENTIAL_EXPIRATION"].endswith("Z")
    assert found["AWS_CREDENTIAL_EXPIRATION"] > "2026"
    assert {found["AWS_REGION"], found["AWS_DEFAULT_REGION"]} == {"eu-west-1"}
    kept = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_CREDENTIAL_EXPIRATION"}
    assert set(found) & set(STRANGERS) == kept
    assert "AWS_PROFILE" not in found


def test_a_region_that_the_person_has_set_stays_unless_another_is_typed(ada: Terminal) -> None:
    ada.env["AWS_DEFAULT_REGION"] = "eu-north-1"
    found = seen_by_the_command(ada, "--keys", ROLE)
    assert ("AWS_REGION" in found, found["AWS_DEFAULT_REGION"]) == (False, "eu-north-1")
    assert seen_by_the_command(ada, "--keys", ROLE, "--region", "us-west-2")["AWS_DEFAULT_REGION"] == "us-west-2"
    assert ada.type("exec", ROLE, "--region", "nowhere", "--", "true").code == 2


def test_boto3_in_the_command_asks_the_gateway_no_second_time(ada: Terminal, gateway: Gateway) -> None:
    ada.env["PATH"] = os.environ["PATH"]
    typed = ada.type("exec", ROLE, "--", sys.executable, "-c", BOTO3)
    assert json.loads(typed.out) == ["custom-process", "ASIAIOSFODNN7EXAMPLE"]
    assert ada.type("exec", "--keys", ROLE, "--", "true").code == 0
    assert gateway.calls["/api/v1/credentials"] == 1


def test_its_exit_code_is_passed_on(ada: Terminal) -> None:
    for words in ((ROLE,), (ROLE, "--keys"), (ROLE, "--serve")):
        assert ada.type("exec", *words, "--", "sh", "-c", "exit 7").code == 7
        assert ada.type("exec", *words, "--", "sh", "-c", "kill -TERM $$").code in {-15, 128 + 15}


def test_what_cannot_be_run_is_said_as_a_shell_says_it(ada: Terminal, gateway: Gateway) -> None:
    (ada.home / "plain").write_text("echo hello\n")
    for code, command, said in (
        (127, "no-such-command", "command not found"),
        (127, "./no-such-file", "command not found"),
        (126, "./plain", "permission denied"),
        (126, "/etc", "is a directory"),
    ):
        typed = ada.type("exec", ROLE, "--", command)
        assert (typed.code, typed.out, typed.err) == (code, "", f"fedgate: {command}: {said}\n")
    assert gateway.calls["/api/v1/credentials"] == 0


@pytest.mark.parametrize("way", ["--force", "--serve"])
def test_a_script_without_a_first_line_runs_as_in_a_shell(ada: Terminal, way: str) -> None:
    (ada.home / "script").write_text('echo "$1 from $AWS_REGION"\n')
    (ada.home / "script").chmod(0o755)
    assert (
        ada.type("exec", ROLE, way, "--region", "eu-west-1", "--", "./script", "hello").out == "hello from eu-west-1\n"
    )


def test_options_of_the_command_are_the_commands(ada: Terminal) -> None:
    words = ("--keys", "--", "-x", "--help", "--region")
    typed = ada.type("exec", ROLE, "--", sys.executable, "-c", "import sys; print(sys.argv[1:])", *words)
    assert typed.out == f"{list(words)}\n"


def test_without_role_or_command_it_says_how_it_is_typed(ada: Terminal) -> None:
    for words in ((), (ROLE,), (ROLE, "--"), (ROLE, "aws", "s3", "ls"), ("--", "true")):
        typed = ada.type("exec", *words)
        assert (typed.code, typed.out) == (2, "")
        assert typed.err.endswith("exec --help\n")


def test_a_role_in_a_role_is_refused_unless_it_is_meant(ada: Terminal) -> None:
    ada.env["FEDGATE_EXEC"] = "development.ReadOnly"
    typed = ada.type("exec", ROLE, "--", "true")
    assert typed.code == 2
    assert "already runs as development.ReadOnly" in typed.err
    assert seen_by_the_command(ada, ROLE, "--force")["FEDGATE_EXEC"] == ROLE


def test_who_is_not_signed_in_or_denied_hears_it_before_the_command_starts(ada: Terminal, gateway: Gateway) -> None:
    denied = ada.type("exec", "--keys", "arn:aws:iam::999999999999:role/Nobody", "--", "touch", "ran")
    assert (denied.code, denied.out) == (5, "")
    gateway.end_sign_ins()
    for way in ("--force", "--keys", "--serve"):
        typed = ada.type("exec", ROLE, way, "--", "touch", "ran")
        assert (typed.code, typed.out) == (4, "")
        assert typed.err.endswith("login\n")
    assert not (ada.home / "ran").exists()


def test_a_role_without_a_profile_is_told_what_to_do(signed_in: Terminal, gateway: Gateway) -> None:
    typed = signed_in.type("exec", ROLE, "--", "true")
    assert typed.code == 2
    assert f"profile {ROLE} is not in {signed_in.aws_config}" in typed.err
    assert "--serve, or --keys" in typed.err
    assert typed.err.endswith("profiles sync\n")
    gateway.roles.append(role(FRESH, "Production", "production.Fresh"))
    for called in (FRESH, "Fresh"):
        other = signed_in.type("exec", called, "--", "true")
        assert (other.code, f"{FRESH} has no profile on this machine" in other.err) == (2, True)


def test_a_role_for_the_console_is_not_for_commands(ada: Terminal) -> None:
    typed = ada.type("exec", "Billing", "--", "true")
    assert (typed.code, typed.err.endswith("console Billing\n")) == (5, True)


def test_a_profile_that_leads_elsewhere_is_refused(ada: Terminal) -> None:
    """The command would run as somebody else than was typed."""
    credentials = ada.home / ".aws/credentials"
    credentials.write_text(f"[{ROLE}]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = x\n")
    typed = ada.type("exec", ROLE, "--", "true")
    assert (typed.code, "AWS tools prefer those" in typed.err, "AKIA" in typed.err) == (2, True, False)
    assert ada.type("exec", ROLE, "--keys", "--", "true").code == 0
    credentials.unlink()
    ada.aws_config.write_text(f"[profile {ROLE}]\ncredential_process = /usr/bin/another {ROLE}\n")
    assert "does not ask fedgate" in ada.type("exec", ROLE, "--", "true").err


def test_serve_gives_a_role_without_a_profile_an_endpoint_of_its_own(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.env |= {"AWS_PROFILE": "another", "PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE"}
    typed = signed_in.type("exec", "--serve", UPDATE_APP, "--", sys.executable, "-c", BOTO3)
    assert (typed.code, typed.err) == (0, "")
    assert json.loads(typed.out) == ["container-role", "ASIAIOSFODNN7EXAMPLE"]
    assert gateway.calls["/api/v1/credentials"] == 1


def test_serve_is_refused_where_the_default_profile_would_win(signed_in: Terminal) -> None:
    for content, refused in (
        ("[default]\nregion = eu-west-1\n", False),
        ("[default]\ncredential_process = /usr/bin/another\n", True),
        ("[default]\nrole_arn = arn:aws:iam::111111111111:role/A\nsource_profile = b\n", True),
        ("[default]\nrole_arn = arn:aws:iam::111111111111:role/A\ncredential_source = EcsContainer\n", False),
    ):
        signed_in.aws_config.parent.mkdir(exist_ok=True)
        signed_in.aws_config.write_text(content)
        assert (signed_in.type("exec", "--serve", ROLE, "--", "true").code == 2) is refused, content


@pytest.mark.parametrize("way", ["--keys", "--serve"])
def test_the_command_inherits_what_we_were_started_with(ada: Terminal, way: str) -> None:
    """The umask, SIGPIPE, and open descriptors: those of a shell's `<(...)`, for instance."""
    script = f"""
umask 027
exec 7< {ada.home}/.aws/config
{" ".join(ada.command("exec", ROLE, way, "--"))} sh -c 'umask; head -c 9 <&7; echo; yes | head -1; trap' </dev/null
"""
    done = subprocess.run(["bash", "-c", script], env=ada.env, capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("0027\n# BEGIN f\ny\n", "")


@pytest.mark.parametrize("way", ["--keys", "--serve"])
def test_a_closed_standard_input_stays_closed(ada: Terminal, way: str) -> None:
    command = " ".join(ada.command("exec", ROLE, way, "--"))
    script = f"{command} sh -c 'readlink /proc/self/fd/0 || echo closed' <&-"
    done = subprocess.run(["bash", "-c", script], env=ada.env, capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("closed\n", "")


def test_in_the_usual_ways_fedgate_becomes_the_command(ada: Terminal) -> None:
    """So signals, stops and the terminal are the command's own."""
    started = ada.start("exec", ROLE, "--", "sh", "-c", "echo $$")
    out, _ = started.communicate(timeout=60)
    assert int(out) == started.pid


COUNTS = """
import os, signal, sys, time
seen = []
for name in ("SIGINT", "SIGTERM", "SIGHUP"):
    signal.signal(getattr(signal, name), lambda number, _: seen.append(signal.Signals(number).name))
if "apart" in sys.argv:
    os.setpgrp()
open("ready", "w").close()
end = time.monotonic() + float(sys.argv[1])
while not seen and time.monotonic() < end:
    time.sleep(0.02)
time.sleep(0.3)
open("seen", "w").write(" ".join(seen))
sys.exit(3)
"""


def beside(ada: Terminal, command: tuple[str, ...], tty: int | None = None) -> subprocess.Popen[str]:
    def own_terminal() -> None:
        os.setsid()
        if tty is not None:
            fcntl.ioctl(tty, termios.TIOCSCTTY, 0)

    started = subprocess.Popen(
        ada.command("exec", "--serve", ROLE, "--", *command),
        env=ada.env,
        cwd=ada.home,
        stdin=tty if tty is not None else subprocess.DEVNULL,
        text=True,
        preexec_fn=own_terminal,  # noqa: PLW1509  # the only way to a terminal of its own; it calls nothing that locks
    )
    until(lambda: (ada.home / "ready").exists() or started.poll() is not None)
    return started


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_with_serve_signals_reach_the_command(ada: Terminal, name: str) -> None:
    started = beside(ada, (sys.executable, "-c", COUNTS, "60"))
    started.send_signal(getattr(signal, name))
    assert started.wait(60) == 3
    assert (ada.home / "seen").read_text() == name


@pytest.mark.parametrize(("where", "patience", "seen"), [("beside us", "60", "SIGINT"), ("apart", "1", "")])
def test_with_serve_ctrl_c_is_not_said_twice(ada: Terminal, where: str, patience: str, seen: str) -> None:
    """Terraform takes a second one as an order to drop everything. A command in a process group of its own is where
    the terminal's does not arrive, and ours would be seen alone."""
    master, tty = pty.openpty()
    started = beside(ada, (sys.executable, "-c", COUNTS, patience, where), tty)
    os.write(master, b"\x03")
    assert started.wait(60) == 3
    assert (ada.home / "seen").read_text() == seen
    os.close(master)
    os.close(tty)


def test_with_serve_ctrl_c_is_the_commands_end_and_ours(ada: Terminal) -> None:
    master, tty = pty.openpty()
    started = beside(ada, ("sh", "-c", "touch ready; sleep 20"), tty)
    os.write(master, b"\x03")
    assert started.wait(60) == 130
    os.close(master)
    os.close(tty)


def test_with_serve_a_command_that_stops_stops_us_and_goes_on_with_us(ada: Terminal) -> None:
    started = beside(ada, ("sh", "-c", "touch ready; kill -STOP $$; exit 5"))
    _, status = os.waitpid(started.pid, os.WUNTRACED)
    assert os.WIFSTOPPED(status)
    started.send_signal(signal.SIGCONT)
    assert started.wait(60) == 5


def test_with_serve_a_killed_command_is_told_as_shells_tell_it(ada: Terminal) -> None:
    started = beside(ada, ("sh", "-c", "touch ready; kill -KILL $$"))
    assert started.wait(60) == 128 + 9


def test_nobody_sees_keys_or_tokens_in_the_list_of_processes(ada: Terminal) -> None:
    for way in ("--keys", "--serve"):
        (ada.home / "ready").unlink(missing_ok=True)
        started = ada.start("exec", ROLE, way, "--", "sh", "-c", ": >ready; exec sleep 20")
        until((ada.home / "ready").exists)
        family = [started.pid, *children(started.pid)]
        shown = b" ".join(Path(f"/proc/{one}/cmdline").read_bytes() for one in family)
        started.terminate()
        started.communicate(timeout=60)
        assert b"sleep" in shown
        assert b"EXAMPLE" not in shown
        assert b"fedgate-serve-" not in shown


def children(process: int) -> list[int]:
    return [int(one) for one in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def is_python(process: int) -> bool:
    with suppress(FileNotFoundError, ProcessLookupError):
        return b"python" in Path(f"/proc/{process}/cmdline").read_bytes().partition(b"\0")[0]
    return False


def test_a_background_job_ignores_the_ctrl_c_of_others(ada: Terminal) -> None:
    """`&` in a script leaves SIGINT ignored, and the command must find it so."""
    script = f"{' '.join(ada.command('exec', ROLE, '--serve', '--'))} sh -c 'sleep 0.5; exit 4' & wait $!"
    started = subprocess.Popen(["sh", "-c", script], env=ada.env, start_new_session=True, stdin=subprocess.DEVNULL)
    end = time.monotonic() + SECONDS
    while started.poll() is None and time.monotonic() < end:
        for child in children(started.pid):
            if is_python(child):  # before that it is the shell, between its fork and its ignoring
                with suppress(ProcessLookupError):
                    os.kill(child, signal.SIGINT)
        time.sleep(0.05)
    assert started.wait(SECONDS) == 4
