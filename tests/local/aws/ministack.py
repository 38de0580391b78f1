"""MiniStack from PyPI: another emulator with real signatures and policies, written by others.

It pins a botocore of its own, so it gets a virtual environment of its own under `var/`; the first start
installs it, from `ministack.txt` with hashes. cryptography is in there for its KMS.
"""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import LOOPBACK, Process, answers, free_port

LOCK = Path(__file__).with_name("ministack.txt")
PLACES = Path(__file__).parents[3] / "var" / "ministack"
ROOT_KEY = {
    "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
}


def install() -> Path:
    """The program. Raises CalledProcessError when the registry cannot be reached."""
    place = (
        PLACES / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    )  # a new lock disturbs nobody who runs the old one
    program, stamp = place / "bin" / "ministack", place / ".installed"
    PLACES.mkdir(parents=True, exist_ok=True)
    with (PLACES / ".lock").open("w") as waiting:
        fcntl.flock(waiting, fcntl.LOCK_EX)  # two parts of one run may come at once
        if not stamp.is_file():
            subprocess.run([sys.executable, "-m", "venv", "--clear", place], check=True)
            pip = [place / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, "--require-hashes", "-r", LOCK], check=True)
            stamp.touch()
    return program


@contextmanager
def running(directory: Path, account: str) -> Iterator[str]:
    """Its address, while it runs with `AUTH=true`: signatures and policies are enforced."""
    program, port = install(), free_port()
    url = f"http://{LOOPBACK}:{port}"
    settings = {
        "AUTH": "true",
        "GATEWAY_PORT": str(port),
        "BIND_HOST": LOOPBACK,
        "MINISTACK_HOST": LOOPBACK,
        "MINISTACK_ACCOUNT_ID": account,
        "AWS_ACCESS_KEY_ID": ROOT_KEY["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": ROOT_KEY["aws_secret_access_key"],
        "TMPDIR": str(directory),
    }
    with Process(
        [program],
        log=directory / "ministack.log",
        env=settings,
        cwd=directory,
        is_ready=lambda: answers(f"{url}/_ministack/health"),
    ):
        yield url
