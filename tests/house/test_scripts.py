"""The shell scripts, read by shellcheck."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.needs("shellcheck")
def test_shellcheck_has_nothing_to_say() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    paths = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    scripts = [path for path in paths if path.is_file() and path.read_bytes()[:64].startswith(b"#!/usr/bin/env bash")]
    assert {"run", "try", "install", "lock"} <= {path.name for path in scripts}
    checked = subprocess.run(["shellcheck", *scripts], capture_output=True, text=True, check=False)
    assert checked.stdout == ""
    assert checked.returncode == 0
