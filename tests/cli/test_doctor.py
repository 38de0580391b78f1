"""`fedgate doctor`: each thing that keeps AWS tools from getting credentials is found, and nothing else is."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.cli.clinic import SECRET, append, examined, replace, trouble
from tests.cli.fake_answers import UPDATE_APP
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.cli.test_reading import on_a_terminal

KEYS = f"aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = {SECRET}\n"
OURS = "production.UpdateApp"


def test_on_a_machine_that_is_well_nothing_is_wrong(ada: Terminal) -> None:
    ada.env["AWS_SHARED_CREDENTIALS_FILE"] = "/none"  # AWS tools get on without it
    code, found = examined(ada)
    assert code == 0
    assert [one for one in found if one["level"] != "ok"] == []
    assert {one["check"] for one in found} >= {"files", "profiles", "proxy", "gateway", "clock", "sign-in", "aws-cli"}
    typed = ada.type("doctor")
    assert typed.err == "Nothing is wrong.\n"
    assert typed.out.count("\n") == len(found)


Break = Callable[[Terminal], object]


def credentials_of(name: str) -> Break:
    def keep(one: Terminal) -> None:
        append(one.home / ".aws/credentials", f"[of-{name}]\nregion = x\n[{name}]\n{KEYS}")
        (one.home / ".aws/credentials").chmod(0o600)

    return keep


def config_with(line: str) -> Break:
    return lambda one: replace(one.aws_config, f"[profile {OURS}]\n", f"[profile {OURS}]\n{line}\n")


def added(text: str) -> Break:
    return lambda one: append(one.aws_config, text)


def variable(**values: str) -> Break:
    def set_them(one: Terminal) -> None:
        one.env |= values

    return set_them


def program_gone(one: Terminal) -> None:
    (one.home / ".local/share/fedgate/fedgate").unlink()


def archive_gone(one: Terminal) -> None:
    """The launcher is there, and what it becomes is not."""
    copy = one.home / "elsewhere.pyz"
    shutil.copy(one.pyz, copy)
    replace(one.home / ".local/share/fedgate/fedgate", str(one.pyz), str(copy))
    copy.unlink()


def program_not_executable(one: Terminal) -> None:
    (one.home / ".local/share/fedgate/fedgate").chmod(0o600)


def bare_name(one: Terminal) -> None:
    (one.home / "bin").mkdir()
    (one.home / "bin/fedgate").symlink_to("/bin/true")
    replace(one.aws_config, f"{one.home}/.local/share/fedgate/fedgate", "fedgate")


def link_to(path: str) -> Break:
    def make(one: Terminal) -> None:
        found = next(one.home.glob(path))
        found.rename(one.home / "kept")
        found.symlink_to(one.home / "kept")

    return make


def mode(path: str, bits: int) -> Break:
    return lambda one: next(one.home.glob(path)).chmod(bits)


SIGN_IN = ".local/state/fedgate/*/sign-in"
FOLDER = ".local/state/fedgate/*"
# what happened: how, which check finds it, how bad it is, a part of what is said, a part of what is to be run
CASES: dict[str, tuple[Break, str, str, str, str]] = {
    "stale keys": (credentials_of(OURS), "stale-keys", "wrong", "line 3 of ~/.aws/credentials", "~/.aws/credentials"),
    "default keys": (credentials_of("default"), "stale-keys", "careful", "without --profile", "~/.aws/credentials"),
    "keys beside ours": (config_with("aws_access_key_id = AKIA"), "profile-mixed", "wrong", "aws_access_key_id", "~"),
    "sso beside ours": (config_with("sso_account_id = 1"), "profile-mixed", "wrong", "sso_account_id", "~/.aws/config"),
    "role beside ours": (config_with("role_arn = a"), "profile-mixed", "wrong", "source_profile", "~/.aws/config"),
    "twice": (added(f'[profile "{OURS}"]\nregion = eu-west-1\n'), "profile-twice", "wrong", " and ", "~/.aws/config"),
    "ours is gone": (lambda one: one.aws_config.unlink(), "profile-missing", "careful", "do not know", "profiles sync"),
    "copied": (
        added("[profile other]\ncredential_process = /bin/fedgate credential-process --profile other\n"),
        "profile-unknown", "wrong", "does not know", "profiles sync",
    ),
    "same section": (added(f"[profile {OURS}]\n"), "config-file", "wrong", "for the second time", "~/.aws/config"),
    "no section": (lambda one: one.aws_config.write_text("a = b\n"), "config-file", "wrong", "line 1", "~/.aws/config"),
    "mark": (
        lambda one: one.aws_config.write_bytes(b"\xef\xbb\xbf" + one.aws_config.read_bytes()),
        "config-file", "wrong", "byte order mark", "~/.aws/config",
    ),
    "windows": (
        lambda one: one.aws_config.write_bytes(one.aws_config.read_bytes().replace(b"\n", b"\r\n")),
        "config-file", "careful", "CRLF", "sed -i.bak",
    ),
    "others write": (mode(".aws/config", 0o666), "config-file", "wrong", "mode 0666", "chmod go-w ~/.aws/config"),
    "keys": (variable(AWS_ACCESS_KEY_ID="A", AWS_SECRET_ACCESS_KEY=SECRET), "environment", "wrong", "AWS_PROFILE",
             "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY"),
    "keys that end": (
        variable(AWS_ACCESS_KEY_ID="A", AWS_CREDENTIAL_EXPIRATION="2099-01-01T00:00:00Z"),
        "environment", "careful", "00:00 on 2099-01-01", "AWS_CREDENTIAL_EXPIRATION",
    ),
    "no such profile": (variable(AWS_PROFILE="nobody"), "environment", "wrong", "nobody", "unset AWS_PROFILE"),
    "web identity": (
        variable(AWS_WEB_IDENTITY_TOKEN_FILE="/t", AWS_ROLE_ARN="a"), "environment", "careful", "no profile", "unset",
    ),
    "container": (
        variable(AWS_CONTAINER_CREDENTIALS_FULL_URI="http://127.0.0.1/", AWS_PROFILE=OURS),
        "environment", "careful", "comes first", "unset AWS_PROFILE",
    ),
    "endpoint": (variable(AWS_ENDPOINT_URL="http://x"), "environment", "careful", "aws sso login", "unset"),
    "no bundle": (variable(CURL_CA_BUNDLE="/none.pem"), "environment", "wrong", "/none.pem", "unset CURL_CA_BUNDLE"),
    "program gone": (program_gone, "program", "wrong", "does not exist any more", "profiles sync"),
    "archive gone": (archive_gone, "program", "wrong", "elsewhere.pyz does not exist any more", "profiles sync"),
    "program not executable": (program_not_executable, "program", "wrong", "mode 0600", "profiles sync"),
    "tilde": (
        lambda one: replace(one.aws_config, f"= {one.home}/", "= ~/"), "program", "wrong", "no shell", "profiles sync",
    ),
    "bare name": (bare_name, "program", "careful", "another PATH", "profiles sync"),
    "program of all": (mode(".local/share/fedgate/fedgate", 0o777), "program", "wrong", "others may change", "chmod"),
    "linked": (link_to(SIGN_IN), "files", "wrong", "symbolic link", "rm ~/.local/state"),
    "read by others": (
        lambda one: (mode(FOLDER, 0o755)(one), mode(SIGN_IN, 0o644)(one))[0],
        "files", "wrong", "could use your sign-in", "login --force",
    ),
    "entered by others": (mode(FOLDER, 0o755), "files", "wrong", "mode 0755", "chmod 700 ~/.local/state"),
    "settings": (
        lambda one: [one.env.pop("FEDGATE_GATEWAY"), (one.home / ".config/fedgate/config.json").write_text("[")][0],
        "settings", "wrong", "not a JSON object", "configure --gateway",
    ),
    "no gateway": (lambda one: one.env.pop("FEDGATE_GATEWAY"), "settings", "wrong", "no gateway", "configure"),
    "gateway away": (
        variable(FEDGATE_GATEWAY="http://127.0.0.1:9"), "gateway", "wrong", "cannot reach", "curl -sS http://127.0.0.1:9/healthz",
    ),
    "proxy": (variable(http_proxy="http://a:hunter2@proxy.example"), "proxy", "careful", "goes around", "NO_PROXY"),
}  # fmt: skip


# What may have happened to one machine: fewer machines, sooner done. What is in no group happens alone.
TOGETHER: list[tuple[str, ...]] = [
    ("stale keys", "keys beside ours", "twice", "others write", "copied", "tilde", "keys", "no bundle", "proxy"),
    ("default keys", "sso beside ours", "program of all", "no such profile", "endpoint", "entered by others"),
    ("role beside ours", "windows", "keys that end", "container", "bare name", "read by others"),
]
ALONE: list[tuple[str, ...]] = [(name,) for name in CASES if not any(name in group for group in TOGETHER)]


@pytest.mark.parametrize("cases", TOGETHER + ALONE, ids=" ".join)
def test_what_is_wrong_is_found_with_what_to_run(ada: Terminal, cases: tuple[str, ...]) -> None:
    for name in cases:
        CASES[name][0](ada)
    code, found = examined(ada)
    for name in cases:
        _, check, level, says, run = CASES[name]
        mine = [one for one in found if (one["check"], one["level"]) == (check, level)]
        assert any(says in one["sentence"] and run in one["run"] for one in mine), (name, mine)
    assert code == (2 if "wrong" in {one["level"] for one in found} else 0)
    assert "hunter2" not in json.dumps(found)


ASK = """
import botocore.session, sys
try:
    print(botocore.session.Session(profile=sys.argv[1]).get_credentials().method)
except Exception as problem:
    print(type(problem).__name__)
"""


@pytest.mark.parametrize(
    ("case", "instead"),
    [
        ("", "custom-process"),
        ("stale keys", "shared-credentials-file"),
        ("default keys", "custom-process"),
        ("sso beside ours", "InvalidConfigError"),
        ("role beside ours", "PartialCredentialsError"),
        ("tilde", "FileNotFoundError"),
        ("same section", "ConfigParseError"),
        ("no such profile", "custom-process"),
    ],
)
def test_what_the_doctor_says_of_aws_tools_is_what_they_do(ada: Terminal, case: str, instead: str) -> None:
    """With the real botocore, so that a new order of its providers does not leave the doctor telling fables."""
    if case:
        CASES[case][0](ada)
    files = {"AWS_EC2_METADATA_DISABLED": "true", "PATH": "/usr/bin:/bin"}
    ran = subprocess.run(
        [sys.executable, "-c", ASK, OURS], env=ada.env | files, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == instead


def test_what_to_run_helps(ada: Terminal) -> None:
    """The way out that is offered leads out."""
    archive_gone(ada)
    (ada.home / ".aws/config").chmod(0o622)
    assert {one["check"] for one in trouble(ada)} == {"program", "config-file"}
    for one in trouble(ada):
        # `python3` is not on the PATH of these tests.
        words = one["run"].replace("python3", ada.python)
        ran = subprocess.run(["/bin/sh", "-c", words], env=ada.env | {"PATH": "/bin"}, capture_output=True, check=False)
        assert ran.returncode == 0, ran.stderr
    assert trouble(ada) == []


@pytest.mark.parametrize(("off", "level"), [(30, "ok"), (-100, "careful"), (400, "wrong"), (-400, "wrong")])
def test_two_clocks_that_differ(ada: Terminal, gateway: Gateway, off: int, level: str) -> None:
    gateway.clock_off = off
    [found] = [one for one in examined(ada)[1] if one["check"] == "clock"]
    assert found["level"] == level
    assert ("ahead" in found["sentence"]) == (off < -60)


def test_nobody_is_signed_in(ada: Terminal) -> None:
    assert ada.type("logout").code == 0
    [found] = trouble(ada)
    assert (found["check"], found["level"]) == ("sign-in", "wrong")
    assert found["run"].endswith("fedgate.pyz login")


def test_a_gateway_that_is_not_well_says_so(ada: Terminal, gateway: Gateway) -> None:
    gateway.ready = (503, {"store": "unreachable", "audit": "ok", "certificates": "one ends soon"})
    found = trouble(ada)
    assert [(one["check"], one["level"]) for one in found] == [("gateway", "careful"), ("gateway", "wrong")]
    assert "store: unreachable" in found[1]["sentence"]


def test_roles_that_were_lost_and_roles_that_are_new(ada: Terminal, gateway: Gateway) -> None:
    gateway.roles[0] |= {
        "arn": UPDATE_APP.replace("UpdateApp", "Other"),
        "name": "Other",
        "profile": "production.Other",
    }
    gateway.roles[1] |= {"works": False, "reasons": ["The account's door is closed."]}
    found = trouble(ada)
    assert [one["subject"] for one in found] == [OURS, "development.ReadOnly", "production.Other"]
    assert "The account's door is closed." in found[1]["sentence"]
    assert {one["level"] for one in trouble(ada, OURS)} == {"wrong"}


def test_one_profile_is_looked_at_alone(ada: Terminal) -> None:
    credentials_of("development.ReadOnly")(ada)
    assert [one["check"] for one in trouble(ada)] == ["stale-keys"]
    assert trouble(ada, OURS) == []
    assert [one["check"] for one in trouble(ada, "development.ReadOnly")] == ["stale-keys"]
    [found] = trouble(ada, "nobodys")
    assert found["check"] == "profile-missing"


def test_nothing_is_changed(ada: Terminal) -> None:
    before = {path: path.read_bytes() for path in ada.home.rglob("*") if path.is_file()}
    credentials_of(OURS)(ada)
    before[ada.home / ".aws/credentials"] = (ada.home / ".aws/credentials").read_bytes()
    ada.type("doctor")
    assert {path: path.read_bytes() for path in ada.home.rglob("*") if path.is_file()} == before


def test_names_in_files_cannot_steer_the_terminal(ada: Terminal) -> None:
    append(ada.aws_config, "[profile \x1b]0;owned\x07]\nsso_session = fedgate\n")
    typed = ada.type("doctor")
    assert "\x1b" not in typed.out + typed.err
    assert typed.code == 2


def test_the_sentences_fit_the_terminal(ada: Terminal) -> None:
    shown = on_a_terminal(ada, 60, "doctor")
    assert max(map(len, shown.splitlines())) <= 60


@pytest.mark.parametrize("line", ["", "/bin/true", '"unclosed'])
def test_a_profile_that_no_longer_leads_to_fedgate_is_told(ada: Terminal, line: str) -> None:
    ada.aws_config.write_text(f"[profile production.UpdateApp]\ncredential_process = {line}\n")
    typed = ada.type("doctor")
    assert "production.UpdateApp: in ~/.aws/config, but nothing there leads to fedgate" in typed.out
