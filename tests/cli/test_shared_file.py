"""A file of somebody else's is replaced whole or not at all, and stays theirs."""

from __future__ import annotations

import os
import random
import resource
import signal
import stat
import time
from pathlib import Path

import pytest

from app.cli.failures import Failure
from app.cli.profiles import shared_file

OLD = b"[default]\nregion = eu-central-1\n" * 20_000
NEW = OLD + b"# BEGIN fedgate\n" * 5_000


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / ".aws/config"
    path.parent.mkdir()
    path.write_bytes(b"old")
    return path


def replace(path: Path, content: bytes) -> None:
    shared_file.replace(shared_file.look(str(path)), content)


def test_killed_at_random_moments_a_hundred_times_it_is_never_half(config: Path) -> None:
    config.write_bytes(OLD)
    moments = random.Random(6)  # noqa: S311 (no secret, only moments)
    seen: set[bytes] = set()
    rounds = 0
    while rounds < 100 or len(seen) < 2 and rounds < 5_000:  # on a busy machine many die before they write
        rounds += 1
        child = os.fork()
        if not child:
            while True:
                for content in (NEW, OLD):
                    replace(config, content)
        time.sleep(moments.random() * 0.03)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        now = config.read_bytes()
        assert now in (OLD, NEW)
        seen.add(now)
    assert seen == {OLD, NEW}
    replace(config, b"after all")
    assert config.read_bytes() == b"after all"
    assert sorted(path.name for path in config.parent.iterdir()) == ["config", "config.before-fedgate"]


@pytest.mark.parametrize("kind", ["relative", "chain", "dangling", "directory"])
def test_links_stay_and_what_they_lead_to_is_written(tmp_path: Path, kind: str) -> None:
    aws, dotfiles = tmp_path / ".aws", tmp_path / "dotfiles/aws"
    link, target = aws / "config", dotfiles / "config"
    if kind != "dangling":
        dotfiles.mkdir(parents=True)
        target.write_bytes(b"old")
    if kind == "directory":
        aws.symlink_to(dotfiles)
    else:
        aws.mkdir()
    if kind == "chain":
        (aws / "middle").symlink_to(target)
        link.symlink_to("middle")
    elif kind != "directory":
        link.symlink_to("../dotfiles/aws/config")
    replace(link, b"new")
    assert target.read_bytes() == b"new"
    assert not target.is_symlink()
    assert aws.is_symlink() if kind == "directory" else link.is_symlink()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o644, 0o664])
def test_the_mode_stays(config: Path, mode: int) -> None:
    config.chmod(mode)
    replace(config, b"new")
    assert stat.S_IMODE(config.stat().st_mode) == mode
    assert stat.S_IMODE(config.with_name("config.before-fedgate").stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_under_sudo_the_file_stays_its_owners(config: Path) -> None:
    os.chown(config, 12345, 23456)
    replace(config, b"new")
    assert (config.stat().st_uid, config.stat().st_gid) == (12345, 23456)


def test_a_second_name_keeps_what_it_had_and_that_is_known(config: Path) -> None:
    other = config.with_name("snapshot")
    other.hardlink_to(config)
    assert shared_file.look(str(config)).names == 2
    replace(config, b"new")
    assert other.read_bytes() == b"old"


def test_who_was_faster_is_not_undone_and_the_second_try_builds_on_it(config: Path) -> None:
    seen = shared_file.look(str(config))
    config.write_bytes(b"old, and the AWS CLI's")
    with pytest.raises(shared_file.Changed):
        shared_file.replace(seen, b"new")
    assert config.read_bytes() == b"old, and the AWS CLI's"
    tries = 0

    def once() -> int:
        nonlocal tries
        tries += 1
        here = shared_file.look(str(config))
        if tries < 3:
            config.write_bytes(here.content + b"!")
        shared_file.replace(here, here.content + b" new")
        return tries

    assert shared_file.rewrite(once) == 3
    assert config.read_bytes() == b"old, and the AWS CLI's!! new"


def test_who_is_always_faster_wins_with_exit_code_6(config: Path) -> None:
    def once() -> None:
        here = shared_file.look(str(config))
        config.write_bytes(here.content + b"!")
        shared_file.replace(here, b"new")

    with pytest.raises(Failure) as raised:
        shared_file.rewrite(once)
    assert raised.value.code == 6
    assert config.read_bytes() == b"old" + b"!" * shared_file.TRIES


def test_a_full_disk_leaves_the_file_and_nothing_beside_it(config: Path) -> None:
    child = os.fork()
    if not child:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
        try:
            replace(config, OLD)
        except Failure as failure:
            os._exit(failure.code if "nothing was written" in failure.sentence else 1)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert config.read_bytes() == b"old"
    assert not list(config.parent.glob("*new*"))


def test_a_file_too_large_for_settings_is_refused(config: Path) -> None:
    with config.open("wb") as file:
        file.truncate(shared_file.LARGEST)
    with pytest.raises(Failure, match="too large"):
        shared_file.look(str(config))
