"""Where a stack lives: three ports in a row, and a folder of its own under `var/try`."""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.local.stack.children import StackFailed

LOOPBACK = "127.0.0.1"
ISSUER = "https://id.fedgate.example"  # how AWS knows us; a name that never resolves (RFC 2606)


@dataclass(frozen=True, slots=True)
class Place:
    port: int
    root: Path  # of the checkout

    @property
    def folder(self) -> Path:
        return self.root / "var" / "try" / str(self.port)

    @property
    def logs(self) -> Path:
        return self.folder / "logs"

    @property
    def gateway(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    @property
    def idp(self) -> str:
        return f"http://{LOOPBACK}:{self.port + 1}"

    @property
    def aws(self) -> str:
        return f"http://{LOOPBACK}:{self.port + 2}"

    @property
    def python(self) -> Path:
        return self.root / ".venv" / "bin" / "python"

    def program(self, name: str) -> Path:
        return self.root / ".venv" / "bin" / name

    def prepare(self) -> None:
        """Makes the folder, for its owner only, and takes it for this process. Raises StackFailed."""
        for folder in (self.folder, self.logs):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            folder.chmod(0o700)
        _take(self.folder / "running")
        for port in range(self.port, self.port + 3):
            _refuse_busy(port, self.port)


def environment(parent: Mapping[str, str], **ours: str) -> dict[str, str]:
    """What a child sees: the machine's environment without the developer's own AWS and fedgate settings.

    A key of the developer in AWS_ACCESS_KEY_ID would otherwise end up in requests of the local stack.
    """
    kept = {name: value for name, value in parent.items() if not name.startswith(("AWS_", "FEDGATE_", "XDG_"))}
    here = ",".join(filter(None, (kept.get("NO_PROXY") or kept.get("no_proxy"), "127.0.0.1,localhost")))
    kept |= {"NO_PROXY": here, "no_proxy": here, "PYTHONUNBUFFERED": "1", "AWS_EC2_METADATA_DISABLED": "true"}
    return kept | ours


def _take(lock: Path) -> None:
    """Held until this process ends, however it ends."""
    file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        sentence = "this stack runs already; stop it with Ctrl-C where it runs, or choose another --port"
        raise StackFailed(sentence) from None


def _refuse_busy(port: int, first: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise StackFailed(
                f"port {port} is in use by another program; the stack takes {first} to {first + 2}. "
                f"Choose others: deploy/try --port {first + 1000 if first < 60_000 else 8080}"
            ) from None
