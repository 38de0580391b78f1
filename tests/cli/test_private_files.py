"""Tokens and credentials on a shared machine: nobody else reads them, and nobody else puts theirs in their place."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest

from app.cli import places, private_files
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal


@pytest.fixture
def ada(signed_in: Terminal) -> Terminal:
    assert signed_in.credentials().code == 0
    return signed_in


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_file_that_others_may_read_is_mended(ada: Terminal) -> None:
    [cached] = ada.cached()
    for path in (ada.sign_in, cached):
        path.chmod(0o644)
    assert ada.credentials().code == 0
    assert (mode(ada.sign_in), mode(cached)) == (0o600, 0o600)


def test_a_directory_that_others_may_enter_is_mended_before_anything_is_written(ada: Terminal) -> None:
    ada.cache.chmod(0o777)
    ada.sign_in.parent.chmod(0o755)
    ada.age(4000)
    assert ada.credentials().code == 0
    assert mode(ada.cache) == 0o700
    assert ada.login("--force").code == 0
    assert mode(ada.sign_in.parent) == 0o700


def test_a_generous_umask_opens_nothing(terminal: Terminal) -> None:
    before = os.umask(0)
    try:
        assert terminal.login().code == 0
        assert terminal.type("profiles", "sync").code == 0
        assert terminal.credentials().code == 0
    finally:
        os.umask(before)
    kept = terminal.everything_kept()
    assert {name for name, seen in kept.items() if seen.st_mode & 0o077} == set()
    assert mode(terminal.aws_config) == 0o600


@pytest.mark.parametrize("which", ["sign_in", "cached", "profiles"])
def test_a_link_in_the_place_of_a_file_is_refused(ada: Terminal, tmp_path: Path, which: str) -> None:
    [cached] = ada.cached()
    path = {"sign_in": ada.sign_in, "cached": cached, "profiles": ada.home / ".config/fedgate/profiles"}[which]
    elsewhere = tmp_path / "elsewhere"
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    typed = ada.credentials()
    assert (typed.code, typed.out) == (2, "")
    assert elsewhere.read_bytes() == before


def test_a_link_in_the_place_of_the_directory_is_refused(ada: Terminal, tmp_path: Path) -> None:
    real = tmp_path / "real"
    cache = ada.cache
    shutil.move(cache, real)
    cache.symlink_to(real)
    ada.age(0)
    for path in real.glob("*.credentials"):
        path.unlink()
    assert ada.credentials().code == 2
    assert list(real.glob("*.credentials")) == []


def test_a_link_in_the_place_of_the_new_file_is_not_followed(ada: Terminal, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    [cached] = ada.cached()
    Path(f"{cached}.new").symlink_to(victim)
    ada.age(4000)
    assert ada.credentials().code == 0
    assert victim.read_text() == "precious"
    assert not cached.is_symlink()


def test_a_pipe_in_the_place_of_a_file_does_not_hang_it(ada: Terminal) -> None:
    [cached] = ada.cached()
    cached.unlink()
    os.mkfifo(cached)
    assert ada.type("credential-process", "--profile", "production.UpdateApp", seconds=20).code == 2


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_what_belongs_to_somebody_else_is_refused(ada: Terminal) -> None:
    os.chown(ada.sign_in, 65534, 65534)
    typed = ada.credentials()
    assert (typed.code, typed.out) == (2, "")
    assert "belongs to another user" in typed.err
    os.chown(ada.sign_in, 0, 0)
    os.chown(ada.cache, 65534, 65534)
    ada.age(4000)
    assert ada.credentials().code == 2


def test_a_sign_in_that_was_copied_to_another_gateways_folder_is_none(ada: Terminal, gateway: Gateway) -> None:
    content = ada.sign_in.read_text().replace(gateway.address, "https://other.example")
    ada.sign_in.write_text(content)
    assert ada.type("status", "--check").code == 4
    assert gateway.calls["/api/v1/me"] == 0


def test_no_token_is_ever_in_an_address(ada: Terminal, gateway: Gateway) -> None:
    tokens = {*gateway.access, *gateway.refresh}
    for words in (("status",), ("roles",), ("console", "UpdateApp", "--url"), ("logout",)):
        assert ada.type(*words).code == 0
    addresses = "\n".join(path for _, path, _, _ in gateway.seen)
    assert len(tokens) == 2
    assert addresses.count("/") > 5
    assert not [token for token in tokens if token in addresses]


def test_a_map_of_ten_thousand_profiles_is_read_whole(ada: Terminal) -> None:
    arn = "arn:aws:iam::999999999999:role/a/rather/long/path/to/a/role/with/a/long/name/Role"
    profiles = ada.home / ".config/fedgate/profiles"
    known = profiles.read_text()
    more = "".join(f"production.Role{number}\t{arn}{number}\t{ada.gateway}\n" for number in range(10_000))
    profiles.write_text(more + known)
    assert ada.credentials("--profile", "production.UpdateApp").code == 0


def test_on_a_read_only_disk_it_names_the_way_out() -> None:
    """First, since a helper's line has 200 bytes and a path may need them all."""
    ways = {
        "FEDGATE_CACHE_DIR": places.cache("x"),
        "XDG_STATE_HOME": places.state("x", "sign-in"),
        "XDG_CONFIG_HOME": places.config("profiles"),
        "XDG_DATA_HOME": places.data("fedgate"),
    }
    for variable, path in ways.items():
        failure = private_files.refusal(path + "/" + "x" * 200, OSError(errno.EROFS, "Read-only file system"))
        assert failure.as_line().startswith(f"fedgate: read-only file system; set {variable} to a directory")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS])
def test_who_has_no_home_and_needs_none_is_told_what_is_wrong_with_the_disk(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container's user, with variables for what is in use; and what was handed out before goes on."""
    monkeypatch.setenv("HOME", "work")
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "FEDGATE_CACHE_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", "/kept")
    failure = private_files.refusal(places.data("fedgate"), OSError(number, os.strerror(number)))
    assert failure.goes_on
    assert ("set XDG_DATA_HOME to" in failure.sentence) is (number == errno.EROFS)
