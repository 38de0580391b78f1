"""The files and locks of Windows, with a small `msvcrt` in place of the real one. Nobody has run this on Windows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import app

# What Windows has and Linux has not. A lock is one byte of the open file, as there; here by the kernel's own.
BEFORE = """
import errno, fcntl, os, sys, types
fake = types.ModuleType("msvcrt")
fake.LK_NBLCK, fake.LK_UNLCK = 2, 0
def locking(descriptor, how, size):
    assert os.lseek(descriptor, 0, os.SEEK_CUR) == 1 << 30 and size == 1
    try:
        fcntl.flock(descriptor, fcntl.LOCK_UN if how == 0 else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise PermissionError(errno.EACCES, "Permission denied")
fake.locking = locking
os.O_BINARY, os.O_NOINHERIT = 0, os.O_CLOEXEC
sys.modules["msvcrt"] = fake
for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "geteuid", "fchmod", "fchown", "statvfs"):
    delattr(os, name)
sys.platform = "win32"
sys.modules["fcntl"] = None
"""


def on_windows(home: Path, script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"{BEFORE}\nsys.path.insert(0, {str(Path(app.__file__).parents[1])!r})\n{script}"],
        env={"HOME": str(home), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_what_is_kept_is_found_again(tmp_path: Path) -> None:
    script = """
import time
from app.cli import cached
from app.cli import profile_map
from app.cli import sign_in
from app.cli.cached import Cached
from app.cli.profile_map import Profile
gateway, role, now = "https://aws.example.com:8443", "arn:aws:iam::999999999999:role/team/UpdateApp", time.time()
with cached.lock(gateway, role, 1):
    cached.save(gateway, Cached("id", now, int(now) + 3600, role, '{"Version":1,"a":"b"}'))
    cached.save(gateway, Cached("id", now, int(now) + 3600, role, '{"Version":1,"a":"c"}'))
print(cached.load(gateway, role, "id").line, cached.forget_all(gateway), cached.load(gateway, role, "id"))
profile_map.save([Profile("production.UpdateApp", role, gateway)])
print(profile_map.find("production.UpdateApp").gateway)
"""
    assert on_windows(tmp_path, script) == '{"Version":1,"a":"c"} 1 None\nhttps://aws.example.com:8443\n'
    names = [path.name for path in tmp_path.rglob("*")]
    assert not [name for name in names if set(name) & set('<>:"\\|?*')]  # which NTFS does not take


def test_a_lock_is_held_by_one_and_let_go(tmp_path: Path) -> None:
    script = f"""
from app.cli.failures import Failure
from app.cli.locks import Lock
path = {str(tmp_path / "role")!r}
with Lock(path, 1) as first:
    first.busy_for(0)
    try:
        with Lock(path, 0.1):
            print("two")
    except Failure as failure:
        print(failure.code)
with Lock(path, 0.1):
    print("again")
"""
    assert on_windows(tmp_path, script) == "6\nagain\n"


def test_a_file_that_is_read_at_this_moment_is_replaced_in_the_next(tmp_path: Path) -> None:
    script = f"""
from app.cli import private_files
real, tries = os.replace, []
def busy(fresh, path):
    tries.append(path)
    if len(tries) < 3:
        raise PermissionError(errno.EACCES, "in use")
    real(fresh, path)
os.replace = busy
private_files.write({str(tmp_path / "kept")!r}, b"x")
print(len(tries), private_files.read({str(tmp_path / "kept")!r}))
"""
    assert on_windows(tmp_path, script) == "3 b'x'\n"


@pytest.mark.parametrize("act", ["private_files.read(path)", "Lock(path[:-5], 1).__enter__()"])
def test_a_link_is_refused(tmp_path: Path, act: str) -> None:
    (tmp_path / "elsewhere").write_text("x")
    (tmp_path / "kept.lock").symlink_to(tmp_path / "elsewhere")
    script = f"""
from app.cli import private_files
from app.cli.failures import Failure
from app.cli.locks import Lock
path = {str(tmp_path / "kept.lock")!r}
try:
    {act}
except Failure as failure:
    print(failure.code)
"""
    assert on_windows(tmp_path, script) == "2\n"


def test_aws_tools_are_told_the_python_and_slashes(tmp_path: Path) -> None:
    script = r"""
from app.cli import own_path
own_path.words = lambda: [r"C:\Users\Ada Example\python.exe", "-I", "-S", r"C:\Tools\fedgate.pyz"]
print(own_path.command())
own_path.install()
"""
    words = '"C:/Users/Ada Example/python.exe" -I -S C:/Tools/fedgate.pyz\n'
    assert on_windows(tmp_path, script) == words
    assert list(tmp_path.rglob("fedgate")) == []


def test_somebody_elses_config_is_rewritten(tmp_path: Path) -> None:
    (tmp_path / "config").write_bytes(b"[default]\r\n")
    script = f"""
from app.cli.profiles import shared_file
seen = shared_file.look({str(tmp_path / "config")!r})
shared_file.replace(seen, seen.content + b"region = eu-west-1\\r\\n")
"""
    on_windows(tmp_path, script)
    assert (tmp_path / "config").read_bytes() == b"[default]\r\nregion = eu-west-1\r\n"


@pytest.mark.parametrize("command", ["exec", "serve", "doctor"])
def test_what_is_not_there_says_so(tmp_path: Path, command: str) -> None:
    script = f"""
sys.argv = ["fedgate", {command!r}]
from app.cli import __main__
from app.cli.failures import Failure
try:
    __main__.started(sys.argv[1:], None, 0)
except Failure as failure:
    print(failure.code, failure.sentence)
"""
    assert on_windows(tmp_path, script).startswith("2 exec, serve and doctor are there on Linux")
