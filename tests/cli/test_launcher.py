"""The launcher hands out what Python would hand out, without Python; and whatever is unclear is Python's."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from app.cli import launcher, profile_map
from app.cli.profile_map import Profile
from tests.cli import fake_gateway
from tests.cli.conftest import keep_sign_in
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import BY_PROFILE, Terminal, Typed

SHELLS = [
    pytest.param([], id="as AWS tools start it"),
    pytest.param(["dash"], id="dash"),
    pytest.param(["bash", "--posix"], id="bash"),
    pytest.param(["busybox", "sh"], id="busybox", marks=pytest.mark.needs("busybox")),
    pytest.param(["zsh", "--emulate", "sh"], id="zsh", marks=pytest.mark.needs("zsh")),
]


@pytest.fixture
def ada(signed_in: Terminal, tmp_path: Path) -> Terminal:
    """Her launcher is written, and has answered once. The program lies where a test can take it away."""
    signed_in.pyz = Path(shutil.copy(signed_in.pyz, tmp_path / "fedgate.pyz"))
    assert signed_in.type("profiles", "sync").code == 0
    assert signed_in.launched().code == 0
    return signed_in


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_fresh_needs_no_python(ada: Terminal, shell: list[str]) -> None:
    expected = ada.credentials()
    ada.pyz.unlink()
    assert ada.launched(by=shell) == expected
    assert (expected.code, expected.err) == (0, "")


@pytest.mark.needs("busybox")
def test_busybox_find_tells_the_same(ada: Terminal, tmp_path: Path) -> None:
    put_find(ada, tmp_path, 'exec busybox find "$@"')
    ada.pyz.unlink()
    assert ada.launched(by=["busybox", "sh"]).code == 0
    ada.age(3600 - 15 * 60 + 1)
    assert ada.launched(by=["busybox", "sh"]).code == 2


def put_find(terminal: Terminal, folder: Path, line: str) -> None:
    other = folder / "find"
    other.write_text(f"#!/bin/sh\n{line}\n")
    other.chmod(0o755)
    before = terminal.launcher.read_text()
    terminal.launcher.write_text(before.replace("/usr/bin/find", str(other)))
    assert terminal.launcher.read_text() != before


@pytest.mark.parametrize("line", ["exit 0", "exit 1", 'echo "find: unknown option" >&2; exit 1', 'printf "%s\\n" "$@"'])
def test_a_find_that_cannot_do_it_makes_it_slower_and_never_wrong(
    ada: Terminal, gateway: Gateway, tmp_path: Path, line: str
) -> None:
    put_find(ada, tmp_path, line)
    assert ada.launched() == ada.credentials()
    ada.age(3600 - 14 * 60)
    assert ada.launched().err == ""
    assert gateway.calls["/api/v1/credentials"] == 2


def emptied(path: Path) -> None:
    path.unlink()
    path.mkdir(0o700)


def linked(path: Path) -> None:
    shutil.move(path, f"{path}-elsewhere")
    path.symlink_to(f"{path}-elsewhere")


def head(old: str, new: str) -> Callable[[Path], None]:
    def change(path: Path) -> None:
        rewrite(path, path.read_text().replace(old, new, 1).encode())

    return change


def rewrite(path: Path, content: bytes) -> None:
    """Other bytes, the same time of change: it goes on looking fresh."""
    when = path.stat().st_mtime
    assert path.read_bytes() != content
    path.write_bytes(content)
    os.utime(path, (when, when))


SPOILED: dict[str, Callable[[Path], None]] = {
    "a link": linked,
    "readable by others": lambda path: path.chmod(0o644),
    "writable by the group": lambda path: path.chmod(0o620),
    "cut in the middle": lambda path: rewrite(path, path.read_bytes()[:-200]),
    "cut before its newline": lambda path: rewrite(path, path.read_bytes()[:-1]),
    "cut to its head": lambda path: rewrite(path, path.read_bytes().split(b"\n")[0] + b"\n"),
    "empty": lambda path: rewrite(path, b""),
    "of another sign-in": head("0" * 32, "1" * 32),
    "of another role": head("role/UpdateApp", "role/Another"),
    "of another form": head("credentials-1", "credentials-2"),
    "not JSON": head("}", "]"),
    "a minute past fresh": os.utime,
    "gone": Path.unlink,
    "a directory": emptied,
}


@pytest.mark.parametrize("how", SPOILED)
def test_what_is_unclear_is_pythons(ada: Terminal, how: str) -> None:
    [path] = ada.cached()
    SPOILED[how](path)
    ada.pyz.unlink()
    assert_handed_over(ada.launched())


def assert_handed_over(typed: Typed) -> None:
    """Python is not there any more, and says so instead of the launcher."""
    assert (typed.code, typed.out) == (2, "")
    assert "has moved" in typed.err
    assert typed.err.count("\n") == 1
    assert typed.err.endswith("; run: fedgate profiles sync\n")
    assert len(typed.err.encode()) <= 200


@pytest.mark.parametrize("how", ["a link", "readable by others", "gone"])
def test_an_unclear_sign_in_is_pythons_too(ada: Terminal, how: str) -> None:
    SPOILED[how](ada.sign_in)
    ada.pyz.unlink()
    assert_handed_over(ada.launched())


@pytest.mark.parametrize("which", ["cache", "state"])
def test_a_directory_that_others_enter_or_that_is_a_link_is_pythons(ada: Terminal, which: str) -> None:
    folder = {"cache": ada.cache, "state": ada.sign_in.parent}[which]
    ada.pyz.unlink()
    folder.chmod(0o755)
    assert_handed_over(ada.launched())
    folder.chmod(0o700)
    assert ada.launched().code == 0
    aside = folder.with_name("aside")
    folder.rename(aside)
    folder.symlink_to(aside)
    assert_handed_over(ada.launched())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
@pytest.mark.parametrize("which", ["credentials", "cache", "sign_in", "state"])
def test_what_belongs_to_somebody_else_is_not_handed_out(ada: Terminal, which: str) -> None:
    [path] = ada.cached()
    whose = {"credentials": path, "cache": ada.cache, "sign_in": ada.sign_in, "state": ada.sign_in.parent}[which]
    ada.pyz.unlink()
    os.chown(whose, 65534, 65534)
    assert_handed_over(ada.launched())


def test_fourteen_minutes_are_not_enough(ada: Terminal, gateway: Gateway) -> None:
    first = ada.launched()
    ada.age(3600 - 14 * 60)
    second = ada.launched()
    assert (second.code, second.err) == (0, "")
    assert second.out != first.out
    assert ada.launched() == second
    assert gateway.calls["/api/v1/credentials"] == 2


def test_seventeen_minutes_are_enough(ada: Terminal) -> None:
    ada.age(3600 - 17 * 60)
    ada.pyz.unlink()
    assert ada.launched().code == 0


def test_credentials_that_seem_to_live_for_a_day_are_pythons(ada: Terminal, gateway: Gateway) -> None:
    """AWS's longest session is 12 hours: this machine's clock is wrong."""
    gateway.credentials_life = 24 * 3600
    ada.age(4000)
    assert ada.launched().code == 0
    ada.pyz.unlink()
    assert_handed_over(ada.launched())


@pytest.mark.needs("faketime")
def test_once_the_clock_was_turned_back_it_is_pythons(ada: Terminal) -> None:
    ada.pyz.unlink()
    ada.env["NO_FAKE_STAT"] = "1"  # the files keep their times
    assert ada.launched(by=["faketime", "1 minute"]).code == 0
    assert_handed_over(ada.launched(by=["faketime", "20 hours ago"]))


def test_who_signed_out_is_handed_nothing(ada: Terminal) -> None:
    [path] = ada.cached()
    content, when = path.read_bytes(), path.stat().st_mtime
    assert ada.type("logout").code == 0
    typed = ada.launched()
    assert (typed.code, typed.out) == (4, "")
    path.write_bytes(content)  # a helper that was asking meanwhile finishes only now
    os.utime(path, (when, when))
    typed = ada.launched()
    assert (typed.code, typed.out) == (4, "")
    assert typed.err.endswith("; run: fedgate login\n")


def test_the_next_person_is_not_handed_what_was_adas(ada: Terminal, gateway: Gateway) -> None:
    adas = ada.launched().out
    [path] = ada.cached()
    content, when = path.read_bytes(), path.stat().st_mtime
    gateway.person = {"name": "carl", "email": "carl@example.com"}
    assert ada.login("--force").code == 0
    path.write_bytes(content)
    os.utime(path, (when, when))
    assert ada.launched().out != adas


def test_it_does_not_start_itself(ada: Terminal) -> None:
    ada.env["FEDGATE_CREDENTIAL_PROCESS"] = "1"
    typed = ada.launched()
    assert (typed.code, typed.out) == (2, "")
    assert "started by credential-process" in typed.err


@pytest.mark.parametrize("name", ["HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "FEDGATE_CACHE_DIR"])
def test_in_another_home_it_is_pythons(ada: Terminal, tmp_path: Path, name: str) -> None:
    ada.pyz.unlink()
    path = ada.launcher
    ada.env[name] = str(tmp_path / "other")
    done = subprocess.run([path, *BY_PROFILE], env=ada.env, capture_output=True, text=True, check=False)
    assert_handed_over(Typed(done.returncode, done.stdout, done.stderr))


def test_two_gateways_and_the_longest_role_that_iam_allows(ada: Terminal, gateway: Gateway) -> None:
    arn = f"arn:aws:iam::111111111111:role/{'p' * 510}/{'N' * 64}"
    first = ada.launched()
    with fake_gateway.running() as other:
        other.roles = [gateway.roles[0] | {"arn": arn, "profile": "elsewhere"}]
        keep_sign_in(other)
        assert ada.type("--gateway", other.address, "profiles", "sync").code == 0
        second = ada.launched("credential-process", "--profile", "elsewhere")
        assert (second.code, second.err) == (0, "")
    ada.pyz.unlink()
    assert ada.launched("credential-process", "--profile", "elsewhere") == second
    assert ada.launched() == first


def test_every_other_command_is_pythons(ada: Terminal) -> None:
    assert ada.launched("version").out.startswith("fedgate 1.2.3")
    assert ada.launched(*BY_PROFILE, "--max-wait", "1").code == 0
    assert ada.launched("credential-process", "--profile", "*").code == 2
    assert ada.launched("credential-process", "--profile", "production.UpdateApp;id").code == 2


def test_a_profile_that_is_gone_is_gone_from_the_launcher(ada: Terminal, gateway: Gateway) -> None:
    gateway.roles = [one for one in gateway.roles if one["profile"] != "production.UpdateApp"]
    assert ada.type("profiles", "sync").code == 0
    typed = ada.launched()
    assert (typed.code, typed.out) == (2, "")


def test_a_thousand_profiles_make_it_no_longer(ada: Terminal, gateway: Gateway) -> None:
    before = ada.launcher.read_bytes()
    [one] = [one for one in gateway.roles if one["profile"] == "production.UpdateApp"]
    gateway.roles += [one | {"arn": f"{one['arn']}{n}", "profile": f"more.{n}"} for n in range(1000)]
    assert ada.type("profiles", "sync").code == 0
    assert ada.launcher.read_bytes() == before
    assert len(list(entries(ada).iterdir())) == len([one for one in gateway.roles if one["cli"]])
    ada.pyz.unlink()
    assert ada.launched().code == 0


def entries(terminal: Terminal) -> Path:
    return terminal.launcher.parent / "profiles"


def test_where_a_sync_is_killed_no_profile_is_of_another_role(
    ada: Terminal, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entry goes before the map says something else, and comes back after it."""
    monkeypatch.setenv("HOME", ada.env["HOME"])
    for name in (*launcher.PLACES[1:], "XDG_DATA_HOME"):  # or it would take away the entries of whoever runs this
        monkeypatch.delenv(name, raising=False)
    now = profile_map.load()
    launcher.forget(now)
    assert ada.launched().code == 0
    other = f"{now[0].role}2"
    launcher.forget([Profile(one.name, other, one.gateway) for one in now])
    assert list(entries(ada).iterdir()) == []
    ada.pyz.unlink()
    assert_handed_over(ada.launched())


ENTRIES: dict[str, Callable[[Path], object]] = {
    "of another profile": lambda path: path.write_text(path.read_text().replace("UpdateApp", "updateapp", 1)),
    "cut in the middle": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "empty": lambda path: path.write_bytes(b""),
    "gone": Path.unlink,
}


@pytest.mark.parametrize("how", ENTRIES)
def test_an_unclear_entry_is_pythons_and_the_next_sync_mends_it(ada: Terminal, how: str) -> None:
    path = entries(ada) / "production.UpdateApp"
    right = path.read_bytes()
    ENTRIES[how](path)
    aside = ada.pyz.rename(ada.pyz.with_name("aside.pyz"))
    assert_handed_over(ada.launched())
    aside.rename(ada.pyz)
    assert ada.type("profiles", "sync").code == 0
    assert path.read_bytes() == right


@pytest.mark.parametrize("linked", [".local/share/fedgate", ".local/share/fedgate/profiles"])
def test_behind_a_link_nothing_is_taken_away(ada: Terminal, tmp_path: Path, linked: str) -> None:
    """As another user plants it, where they may write: it would empty her own ~/.ssh."""
    place = ada.home / linked
    shutil.move(place, tmp_path / "aside")
    key = tmp_path / "keys/profiles/key" if linked.endswith("fedgate") else tmp_path / "keys/key"
    key.parent.mkdir(parents=True)
    key.write_text("hers")
    key.chmod(0o644)
    place.symlink_to(tmp_path / "keys")
    typed = ada.type("profiles", "sync")
    assert (typed.code, "symbolic link" in typed.err) == (2, True)
    assert (key.read_text(), stat.S_IMODE(key.stat().st_mode)) == ("hers", 0o644)


def test_a_damaged_map_leads_to_no_file_but_entries(ada: Terminal) -> None:
    kept = ada.launcher.parent / "kept"
    kept.write_text("hers")
    with (ada.home / ".config/fedgate/profiles").open("a") as profiles:
        profiles.write(
            "".join(f"{name}\tarn:aws:iam::111111111111:role/X\t{ada.gateway}\n" for name in ("../kept", ""))
        )
    typed = ada.type("profiles", "sync")
    assert (typed.code, kept.read_text()) == (0, "hers"), typed.err


@pytest.mark.parametrize("name", ["../profiles/production.UpdateApp", ".", "", "nobody", "*"])
def test_what_is_no_name_of_a_profile_leads_to_no_entry(ada: Terminal, name: str) -> None:
    ada.pyz.unlink()
    assert_handed_over(ada.launched("credential-process", "--profile", name))


def test_a_reader_without_room_is_no_answer(ada: Terminal) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [ada.launcher, *BY_PROFILE], env=ada.env, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode != 0


def test_closed_streams_are_no_matter(ada: Terminal) -> None:
    done = subprocess.run(
        ["sh", "-c", f'exec "{ada.launcher}" {" ".join(BY_PROFILE)} 2>&- <&-'],
        env=ada.env, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == ada.launched().out


def test_the_launcher_is_its_owners_alone(ada: Terminal) -> None:
    assert stat.S_IMODE(ada.launcher.stat().st_mode) == 0o700
    assert stat.S_IMODE(ada.launcher.parent.stat().st_mode) == 0o700


def test_a_file_system_that_starts_nothing_gets_no_launcher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`/dev/shm` and some homes are mounted `noexec`."""
    where = str(tmp_path / "not/made/yet")
    assert launcher.may_run(where)
    there = SimpleNamespace(f_flag=os.statvfs(tmp_path).f_flag | os.ST_NOEXEC)
    monkeypatch.setattr(os, "statvfs", lambda _: there)
    assert not launcher.may_run(where)
    monkeypatch.delattr(os, "ST_NOEXEC")  # as on macOS
    assert launcher.may_run(where)


@pytest.mark.needs("shellcheck")
def test_shellcheck_has_nothing_to_say(ada: Terminal) -> None:
    # 3067: `test -O` is not in POSIX; where it is missing, Python answers. 2034: words of the head that are read past.
    command = ["shellcheck", "-s", "sh", "-e", "SC3067,SC2034", str(ada.launcher)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
