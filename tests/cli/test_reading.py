"""`status`, `roles`, `console`, `logout`, `configure`, `version`, and how fedgate speaks when something is wrong."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import termios
from contextlib import suppress
from pathlib import Path

import pytest

from app.terminal import zipapp
from tests.cli.fake_answers import PROBLEMS, UPDATE_APP
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import BY_PROFILE, Terminal

EXITS = {
    "sign_in_required": 4,
    "step_up_required": 4,
    "role_denied": 5,
    "mfa_code_required": 5,
    "aws_refused": 7,
    "aws_unavailable": 3,
    "store_unavailable": 3,
    "audit_unavailable": 3,
    "provider_unavailable": 3,
    "invalid_request": 2,
    "too_many_requests": 3,
    "unexpected": 1,
    "not_found": 1,
}


def test_status_says_who_and_until_when_and_what_lies_ready(signed_in: Terminal) -> None:
    signed_in.credentials()
    for name in ("status", "whoami"):
        typed = signed_in.type(name)
        assert (typed.code, typed.err) == (0, "")
        assert "ada <ada@example.com>" in typed.out
        assert "Example Corp" in typed.out
        assert "Developers" in typed.out
        assert re.search(r"production\.UpdateApp until \d\d:\d\d.* \(in 59 min\)", typed.out)


def test_status_as_json(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.credentials()
    typed = signed_in.type("status", "--json")
    found = json.loads(typed.out)
    assert found["signed_in"] is True
    assert found["gateway"] == gateway.address
    assert found["name"] == "ada"
    assert found["credentials"][0]["role_arn"] == UPDATE_APP
    assert found["credentials"][0]["profile"] == "production.UpdateApp"
    assert re.fullmatch(r"[\d-]{10}T[\d:]{8}Z", found["credentials"][0]["expires_at"])


def test_status_of_nobody(terminal: Terminal, gateway: Gateway) -> None:
    typed = terminal.type("status")
    assert (typed.code, typed.out) == (4, "")
    assert typed.err.endswith("fedgate.pyz login\n")
    typed = terminal.type("status", "--json")
    assert typed.code == 4
    assert json.loads(typed.out) == {"signed_in": False, "gateway": gateway.address}


def test_what_to_run_names_the_gateway_that_was_typed(terminal: Terminal) -> None:
    assert terminal.type("roles", "--gateway", "http://127.0.0.1:9").err.endswith(
        "login --gateway http://127.0.0.1:9\n"
    )
    assert terminal.type("roles", "--gateway", terminal.gateway).err.endswith(" login\n")


def test_check_is_silent(signed_in: Terminal, gateway: Gateway) -> None:
    assert signed_in.type("status", "--check") == signed_in.type("status", "--check")
    typed = signed_in.type("status", "--check")
    assert (typed.code, typed.out, typed.err) == (0, "", "")
    gateway.end_sign_ins()
    typed = signed_in.type("status", "--check")
    assert (typed.code, typed.out, typed.err) == (4, "", "")


def test_check_does_not_call_a_gateway_that_is_away_a_missing_sign_in(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.problem = "store_unavailable"
    assert signed_in.type("status", "--check").code == 3


def test_roles_as_a_table(signed_in: Terminal) -> None:
    for name in ("roles", "ls"):
        typed = signed_in.type(name)
        assert (typed.code, typed.err) == (0, "")
        head, *rows = typed.out.splitlines()
        assert head.split() == ["PROFILE", "ACCOUNT", "ROLE", "FOR", "SESSION"]
        starts = [head.index(word) for word in head.split()]
        assert all(row[start - 1] == " " and row[start] != " " for row in rows for start in starts[1:])
        assert len(rows) == 3


def test_roles_can_be_filtered(signed_in: Terminal) -> None:
    typed = signed_in.type("roles", "PROD", "update", "--json")
    assert [one["arn"] for one in json.loads(typed.out)["roles"]] == [UPDATE_APP]
    typed = signed_in.type("roles", "nothing-like-this")
    assert (typed.code, typed.out, typed.err) == (0, "", "No role matches.\n")
    typed = signed_in.type("roles", "--", "--json")
    assert typed.err == "No role matches.\n"


def test_somebody_without_roles_reads_so(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.roles = []
    assert "gives you no roles" in signed_in.type("roles").err
    assert json.loads(signed_in.type("roles", "--json").out) == {"roles": []}


@pytest.mark.parametrize("width", [40, 60, 80, 200])
def test_on_a_terminal_no_line_wraps(signed_in: Terminal, gateway: Gateway, width: int) -> None:
    gateway.roles[0]["account_name"] = "A very long name of an account " * 3
    shown = on_a_terminal(signed_in, width, "roles")
    assert max(len(line) for line in shown.splitlines()) <= width
    assert len(shown.splitlines()) == 4


def test_names_from_the_gateway_cannot_steer_the_terminal(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.roles[0]["label"] = "\x1b]0;owned\x07\x1b[2J\u202e"
    gateway.person["name"] = "ada\x1b[31m\nfedgate: all is well"
    for words in (("roles",), ("status",), ("login",)):
        typed = signed_in.type(*words)
        assert "\x1b" not in typed.out + typed.err
        assert "\u202e" not in typed.out + typed.err
        assert "\nfedgate: all is well" not in typed.out + typed.err


def on_a_terminal(terminal: Terminal, width: int, *words: str) -> str:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    started = subprocess.Popen(terminal.command(*words), env=terminal.env, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = to_the_end(ours)
    assert started.wait(60) == 0
    return shown


def to_the_end(ours: int) -> str:
    """What comes until the other end of the terminal has closed, of which Linux makes an error."""
    pieces = []
    with suppress(OSError):
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    os.close(ours)
    return b"".join(pieces).decode().replace("\r\n", "\n")


def test_after_ctrl_c_the_prompt_has_a_line_of_its_own(terminal: Terminal) -> None:
    ours, theirs = pty.openpty()
    started = subprocess.Popen(terminal.command("login", "--no-browser"), env=terminal.env, stderr=theirs)
    os.close(theirs)
    said = ""
    while "Ctrl-C stops.\n" not in said:
        said = (said + os.read(ours, 65536).decode()).replace("\r\n", "\n")
    started.send_signal(signal.SIGINT)
    said += to_the_end(ours)
    assert started.wait(60) == 130
    assert said.endswith("Ctrl-C stops.\n\n")


@pytest.mark.parametrize(
    "called", ["production.UpdateApp", "UpdateApp", "999999999999/UpdateApp", "Production/UpdateApp", UPDATE_APP]
)
def test_the_console_is_a_link_of_the_gateway(signed_in: Terminal, gateway: Gateway, called: str) -> None:
    typed = signed_in.type("console", called, "--url")
    assert (typed.code, typed.err) == (0, "")
    assert typed.out == f"{gateway.address}/console/999999999999/UpdateApp\n"


def test_the_console_opens_where_ada_wants(signed_in: Terminal, gateway: Gateway) -> None:
    there = "https://console.aws.amazon.com/s3/home?region=eu-west-1"
    typed = signed_in.type("console", "--profile", "production.UpdateApp", "--destination", there, "--json")
    assert json.loads(typed.out)["url"].startswith(
        gateway.address + "/console/999999999999/UpdateApp?destination=https"
    )
    assert json.loads(gateway.seen[-1][3]) == {"role_arn": UPDATE_APP, "destination": there}


def test_the_console_opens_in_the_browser(signed_in: Terminal, gateway: Gateway) -> None:
    typed = signed_in.type("console", "UpdateApp", "--browser", "true")
    assert (typed.code, typed.out) == (0, "")
    assert "opens the AWS console as UpdateApp in Production" in typed.err


def test_without_a_browser_the_link_is_printed(signed_in: Terminal, gateway: Gateway) -> None:
    typed = signed_in.type("console", "UpdateApp")
    assert typed.out == f"{gateway.address}/console/999999999999/UpdateApp\n"


@pytest.mark.parametrize(
    "url", ["https://evil.example/console", "javascript:alert(1)", "--version", "file:///etc/passwd"]
)
def test_a_link_that_is_not_the_gateways_is_not_opened(signed_in: Terminal, gateway: Gateway, url: str) -> None:
    gateway.console_url = url
    typed = signed_in.type("console", "UpdateApp", "--url")
    assert (typed.code, typed.out) == (1, "")


def test_a_name_that_could_be_two_roles_is_not_guessed(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.roles[1] |= {"name": "UpdateApp"}
    typed = signed_in.type("console", "UpdateApp", "--url")
    assert typed.code == 2
    assert "production.UpdateApp" in typed.err
    assert "development.ReadOnly" in typed.err
    assert signed_in.type("console", "Nobody", "--url").code == 5


def test_logout_tells_the_gateway_and_forgets(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.credentials()
    typed = signed_in.type("logout")
    assert typed.code == 0
    assert re.search(r"go on working until \d\d:\d\d", typed.err)
    assert gateway.calls["/oauth/revoke"] == 1
    assert "token_type_hint=refresh_token" in gateway.seen[-1][3]
    left = [name for name in signed_in.everything_kept() if name.endswith(("sign-in", ".credentials", ".new"))]
    assert left == []
    assert signed_in.credentials().code == 4


def test_logout_forgets_even_when_the_gateway_is_away(signed_in: Terminal, gateway: Gateway) -> None:
    gateway.raw = (503, {}, b"")
    typed = signed_in.type("logout")
    assert typed.code == 3
    assert "the gateway was not told" in typed.err
    gateway.raw = None
    assert signed_in.credentials().code == 4


def test_logout_of_nobody_is_no_error(terminal: Terminal) -> None:
    typed = terminal.type("logout")
    assert typed.code == 0
    assert "not signed in" in typed.err


def test_configure_asks_the_gateway_and_remembers_it(terminal: Terminal, gateway: Gateway) -> None:
    del terminal.env["FEDGATE_GATEWAY"]
    assert terminal.type("status").code == 2
    typed = terminal.type("configure", "--gateway", gateway.address + "/")
    assert (typed.code, typed.out) == (0, "")
    assert typed.err.rstrip().endswith("fedgate.pyz login")
    assert json.loads((terminal.home / ".config/fedgate/config.json").read_text()) == {"gateway": gateway.address}
    assert terminal.login().code == 0


@pytest.mark.parametrize(
    "address",
    [
        "http://aws.example.com",
        "http://127.0.0.1.evil.example",
        "ftp://127.0.0.1",
        "aws.example.com",
        "https://",
        "https://user:hunter2@aws.example.com",
        "https://aws.example.com/path",
        "https://aws.example.com?x=1",
        "https://aws.example.com#x",
        "https://aws.example.com:99999",
        "https://aws .example.com",
        "https://[::1",
        "https://aws.example.com\\@evil.example",
        "https://\u0430ws.example.com",
        "javascript:alert(1)",
        "",
    ],
)
def test_what_is_no_address_is_refused_and_not_kept(terminal: Terminal, address: str) -> None:
    del terminal.env["FEDGATE_GATEWAY"]
    typed = terminal.type("configure", f"--gateway={address}")
    assert (typed.code, typed.out) == (2, "")
    assert "hunter2" not in typed.err
    assert not (terminal.home / ".config/fedgate/config.json").exists()


@pytest.mark.parametrize(
    "raw",
    [
        (200, {"Content-Type": "text/html"}, b"<h1>hello</h1>"),
        (200, {"Content-Type": "application/json"}, b"[]"),
        (200, {"Content-Type": "application/json"}, b"{"),
        (200, {"Content-Type": "application/json"}, b"[" * 100_000),
        (404, {}, b""),
        (200, {"Content-Type": "application/json"}, b'{"issuer": "https://aws.example.com"}'),
    ],
)
def test_configure_refuses_what_is_no_gateway(
    terminal: Terminal, gateway: Gateway, raw: tuple[int, dict[str, str], bytes]
) -> None:
    gateway.raw = raw
    typed = terminal.type("configure", "--gateway", gateway.address)
    assert typed.code == 2
    assert "Traceback" not in typed.err


def test_configure_does_not_call_a_gateway_that_is_away_wrong(terminal: Terminal) -> None:
    assert terminal.type("configure", "--gateway", "http://127.0.0.1:9").code == 3


def test_version(terminal: Terminal) -> None:
    assert terminal.type("version").out.startswith("fedgate 1.2.3 (Python 3.")
    assert json.loads(terminal.type("version", "--json").out)["version"] == "1.2.3"
    assert terminal.type("--version").out == terminal.type("version").out


@pytest.mark.parametrize("code", PROBLEMS)
@pytest.mark.parametrize("words", [("roles",), ("console", "UpdateApp"), ("profiles", "sync")])
def test_each_refusal_has_its_exit_code_and_its_reference(
    signed_in: Terminal, gateway: Gateway, code: str, words: tuple[str, ...]
) -> None:
    gateway.problem = code
    typed = signed_in.type(*words)
    assert (typed.code, typed.out) == (EXITS[code], "")
    assert f"A sentence about {code}. (reference R-12345)" in typed.err or code == "sign_in_required"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("frobnicate",),
        ("logi",),
        ("login", "--forc"),
        ("login", "extra"),
        ("login", "--port", "x"),
        ("login", "--port", "70000"),
        ("login", "--timeout", "0"),
        ("login", "--timeout", "soon"),
        ("roles", "--nope"),
        ("profiles",),
        ("profiles", "push"),
        ("console",),
        ("console", "a", "--profile", "b"),
        ("status", "--gateway"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(terminal: Terminal, words: tuple[str, ...]) -> None:
    typed = terminal.type(*words)
    assert (typed.code, typed.out) == (2, "")
    assert "Traceback" not in typed.err


COMMANDS = [
    "login",
    "logout",
    "status",
    "whoami",
    "roles",
    "ls",
    "credential-process",
    "configure",
    "profiles",
    "console",
    "doctor",
    "completion",
    "exec",
    "env",
    "serve",
    "mfa",
]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("logi",), "there is no command logi; did you mean login?"),
        (("frobnicate",), "there is no command frobnicate"),
        (("profiles", "synk"), "there is no command synk; did you mean sync?"),
        (("login", "--forc"), "unknown here: --forc; did you mean --force?"),
        (("login", "extra"), "unknown here: extra"),
        (("doctor", "--profile"), "unknown here: --profile"),  # other commands know it
        (("--json",), "unknown here: --json"),
        (("--gateway", "https://aws.example.com"), "say which command"),
        (("status", "--gateway"), "--gateway needs a value"),
        (("completion", "tcsh"), "shell: tcsh is none of bash, zsh, fish"),
        (("completion",), "shell is missing"),
        (("login", "--port", "x"), "--port: x is not a port"),
        (("login", "--device", "--no-device"), "--no-device and --device/--use-device-code do not go together"),
    ],
)
def test_a_slip_of_the_fingers_is_named(terminal: Terminal, words: tuple[str, ...], says: str) -> None:
    typed = terminal.type(*words)
    assert (typed.code, typed.out) == (2, "")
    first, run = typed.err.splitlines()
    assert first == f"fedgate: {says}"
    assert run.endswith("--help")
    if says.startswith("unknown here") and words[0] in COMMANDS:
        assert run.endswith(f" {words[0]} --help")  # of the command that was typed


@pytest.mark.parametrize("words", [(), *((name,) for name in COMMANDS), ("profiles", "sync"), ("version",)])
def test_every_command_has_help(terminal: Terminal, words: tuple[str, ...]) -> None:
    typed = terminal.type(*words, "--help")
    assert (typed.code, typed.err) == (0, "")
    assert typed.out.startswith("usage: fedgate")
    assert len(typed.out.splitlines()) > 6
    assert max(map(len, typed.out.splitlines())) < 80


def test_a_traceback_only_when_asked_for(terminal: Terminal, tmp_path: Path) -> None:
    broken = {"roles.py": "def run(*typed): raise KeyError('a secret')\n"}
    terminal.pyz = tmp_path / "fedgate.pyz"
    terminal.pyz.write_bytes(zipapp.archive(zipapp.modules() | broken))
    typed = terminal.type("roles")
    assert (typed.code, typed.out) == (1, "")
    assert typed.err.startswith("fedgate: unexpected problem (KeyError)")
    assert "Traceback" not in typed.err
    assert "secret" not in typed.err
    terminal.env["FEDGATE_DEBUG"] = "1"
    typed = terminal.type("roles")
    assert typed.code == 1
    assert "Traceback" in typed.err


@pytest.mark.parametrize("content", ["{", "[]", '{"gateway": 5}', '{"gateway": "http://aws.example.com"}', "\x00"])
def test_a_damaged_config_is_a_clear_error(terminal: Terminal, content: str) -> None:
    del terminal.env["FEDGATE_GATEWAY"]
    path = terminal.home / ".config/fedgate/config.json"
    path.parent.mkdir(parents=True)
    path.write_text(content)
    typed = terminal.type("status")
    assert (typed.code, typed.out) == (2, "")
    assert "Traceback" not in typed.err


@pytest.mark.parametrize("words", [("status",), ("configure",), ("doctor",), BY_PROFILE])
def test_without_a_home_nothing_is_written_where_somebody_works(terminal: Terminal, words: tuple[str, ...]) -> None:
    terminal.env["HOME"] = "work"
    typed = terminal.type(*words)
    assert (typed.code, typed.out) == (2, "")
    assert "set HOME to its full path" in typed.err
    assert list(terminal.home.iterdir()) == []


def test_check_asks_for_time_that_is_left(signed_in: Terminal) -> None:
    """The sign-in of these tests ends in eight hours."""
    assert signed_in.type("status", "--check", "--min-ttl", "7h").code == 0
    typed = signed_in.type("status", "--check", "--min-ttl", "9h")
    assert (typed.code, typed.out, typed.err) == (4, "", "")
    typed = signed_in.type("status", "--json", "--min-ttl", "9h")
    assert typed.code == 4
    assert json.loads(typed.out)["signed_in"] is True


def test_sentences_break_between_words_on_a_narrow_terminal(terminal: Terminal) -> None:
    shown = on_a_terminal(terminal, 40, "logout")
    assert shown.splitlines() == ["You were not signed in at", f"{terminal.gateway}."]
    assert terminal.type("logout").err == f"You were not signed in at {terminal.gateway}.\n"
