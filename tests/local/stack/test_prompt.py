"""The file that a shell sources to be at the local stack."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from app.local.stack.place import Place
from app.local.stack.prompt import home_of, program_of, to_source, variables


def program(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n")
    path.chmod(0o700)
    return path


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """In a folder with a space, as some have."""
    found = Place(8080, tmp_path / "a checkout")
    program(found.root / ".venv/bin/aws")
    program(program_of(found))
    return found


def found_by(place: Place, name: str, path: Path) -> str:
    """Where a shell finds the program, that had `path` before it sourced the file."""
    shell = shutil.which("sh")
    assert shell is not None
    ask = f'{to_source(place)}\ncommand -v "$0"'
    return subprocess.check_output([shell, "-c", ask, name], env={"PATH": str(path)}, text=True)[:-1]


def test_a_persons_own_aws_cli_stays_the_one_that_they_get(place: Place, tmp_path: Path) -> None:
    own = program(tmp_path / "own" / "aws")
    program(tmp_path / "own" / "fedgate")
    assert found_by(place, "aws", own.parent) == str(own)
    assert found_by(place, "fedgate", own.parent) == str(program_of(place))


def test_who_has_no_aws_cli_gets_that_of_the_checkout(place: Place, tmp_path: Path) -> None:
    assert found_by(place, "aws", tmp_path) == str(place.root / ".venv/bin/aws")


def test_nothing_that_fedgate_writes_lands_in_the_persons_own_home(place: Place) -> None:
    """Its launcher did, and from then on the profiles of their real gateway ran the stack's program."""
    ours = variables(place, home_of(place))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):  # of app/cli/places.py
        assert ours[name].startswith(f"{home_of(place)}/")
