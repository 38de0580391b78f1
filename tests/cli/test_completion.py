"""What bash, zsh and fish offer at TAB, asked of the real shells."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from app.cli import commands
from app.cli.completion import words as completion_words
from tests.cli.shells import complete
from tests.cli.terminal import Terminal

SHELLS = [
    pytest.param("bash"),
    pytest.param("zsh", marks=pytest.mark.needs("zsh")),
    pytest.param("fish", marks=pytest.mark.needs("fish")),
]
OFFERS = {
    "fedgate lo": {"login", "logout"},
    "fedgate profiles ": {"sync"},
    "fedgate console prod": {"production.UpdateApp"},
    "fedgate console -s dyn": {"dynamodb"},
    "fedgate console --region us-gov-w": {"us-gov-west-1"},
    "fedgate --gateway https://x.example con": {"configure", "console"},
    "./fedgate.pyz console d": {"development.ReadOnly"},
    "fedgate.pyz doctor nat": {"native.Admin"},
    "fedgate console --profile prod": {"production.UpdateApp"},
    "fedgate ls --js": {"--json"},
    "fedgate login --ca-bundle priv": {"private.pem"},
    "fedgate completion ": {"bash", "zsh", "fish"},
    "fedgate exec production.UpdateApp -- ls priv": {"private.pem"},
    "fedgate exec -- ls priv": {"private.pem"},
    "fedgate console 1111": {"111111111111/Team"},
    "fedgate exec Te": {"Team"},
    "fedgate doctor 1111": set(),
    "fedgate version nothing": set(),
    "fedgate console ": {"production.UpdateApp", "development.ReadOnly", "native.Admin"},
}
AWS_CONFIG = """\
[default]
sso_session = fedgate
[profile native.Admin]
sso_session = fedgate\r
[profile $(touch owned)]
sso_session = fedgate
[profile `touch owned`]
sso_session = fedgate
[profile somebody-elses]
sso_session = company
"""


@pytest.fixture
def home(terminal: Terminal) -> Terminal:
    """A machine on which profiles were written, and one of them by somebody who means no good."""
    kept = terminal.home / ".config/fedgate/profiles"
    kept.parent.mkdir(parents=True)
    names = ("production.UpdateApp", "development.ReadOnly", "$(touch owned)", "prod;touch owned")
    kept.write_text(
        "".join(f"{name}\tarn:aws:iam::111111111111:role/path/Team\thttps://aws.example.com\n" for name in names)
    )
    terminal.aws_config.parent.mkdir()
    terminal.aws_config.write_text(AWS_CONFIG)
    (terminal.home / "private.pem").touch()
    return terminal


def script(terminal: Terminal, shell: str) -> Path:
    typed = terminal.type("completion", shell)
    assert (typed.code, typed.err) == (0, "")
    path = terminal.home / f"completion.{shell}"
    path.write_text(typed.out)
    return path


@pytest.mark.parametrize("shell", SHELLS)
def test_what_a_shell_offers(home: Terminal, shell: str) -> None:
    offered = complete(shell, home, script(home, shell), list(OFFERS))
    assert dict(zip(OFFERS, map(set, offered), strict=True)) == OFFERS
    assert not (home.home / "owned").exists()


@pytest.mark.parametrize("shell", SHELLS)
def test_every_option_of_every_command_is_offered_and_no_other(home: Terminal, shell: str) -> None:
    found = completion_words.paths(completion_words.read(commands.everything()))
    assert len(found) > 12
    lines = [f"fedgate {path} --".replace("  ", " ") for path, _ in found]
    offered = complete(shell, home, script(home, shell), lines)
    for (path, command), words in zip(found, offered, strict=True):
        names = {name for option in command.options for name in option.names if name.startswith("--")}
        assert {word.rstrip("=") for word in words} == names, path


@pytest.mark.parametrize("shell", SHELLS)
def test_a_machine_on_which_nothing_is_set_up_offers_no_profiles_and_says_nothing(
    terminal: Terminal, shell: str
) -> None:
    [offered] = complete(shell, terminal, script(terminal, shell), ["fedgate console "])
    assert [word for word in offered if not word.startswith("-")] == []  # zsh offers the options then


def test_the_profiles_are_where_xdg_says(home: Terminal) -> None:
    elsewhere = home.home / "elsewhere"
    (home.home / ".config").rename(elsewhere)
    home.env["XDG_CONFIG_HOME"] = str(elsewhere)
    [offered] = complete("bash", home, script(home, "bash"), ["fedgate console prod"])
    assert offered == ["production.UpdateApp"]


@pytest.mark.needs("zsh")
def test_zsh_finds_it_in_its_path_of_functions(home: Terminal) -> None:
    """Installed as a file, it is not sourced but called, at the first TAB."""
    (home.home / "functions").mkdir()
    script(home, "zsh").rename(home.home / "functions/_fedgate")
    loader = home.home / "loader.zsh"
    loader.write_text(f"fpath=({home.home}/functions $fpath); compinit -u -D\n")
    assert complete("zsh", home, loader, ["fedgate lo", "fedgate lo"]) == [["login", "logout"]] * 2


@pytest.mark.needs("shellcheck")
def test_the_script_for_bash_is_one_that_shellcheck_takes(home: Terminal) -> None:
    path = script(home, "bash")
    ran = subprocess.run(
        ["shellcheck", "--shell=bash", "--severity=warning", str(path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout


def test_a_shell_that_there_is_no_script_for(terminal: Terminal) -> None:
    typed = terminal.type("completion", "tcsh")
    assert (typed.code, typed.out) == (2, "")
    assert "bash" in typed.err
