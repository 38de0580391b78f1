"""Every seed and every find of the fuzzer, again; and some hundreds of inputs for each kind of target."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.__main__ import fuzz
from tests.fuzz.target import CORPUS
from tests.fuzz.targets import KINDS, TARGETS

KNOWN = [(name, path) for name, target in TARGETS.items() for path in target.known]


@pytest.mark.parametrize(("name", "path"), KNOWN, ids=[f"{name}-{path.name}" for name, path in KNOWN])
def test_what_was_found_once_is_mended(name: str, path: Path) -> None:
    TARGETS[name].check(path.read_bytes())


@pytest.mark.parametrize("name", TARGETS)
def test_the_honest_inputs_break_nothing(name: str) -> None:
    for seed in TARGETS[name].seeds:
        TARGETS[name].check(seed)


def test_every_folder_of_the_corpus_has_its_target() -> None:
    assert {path.name for path in CORPUS.iterdir() if path.is_dir()} <= set(TARGETS)


# Of each kind the first: a target takes five seconds to begin. `python -m tests.fuzz` takes them all and looks for what
# is new; here, every run tries the same inputs.
@pytest.mark.parametrize("name", [kind.TARGETS[0].name for kind in KINDS])
def test_some_hundreds_of_inputs_find_nothing(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="there is no atheris for this machine")
    report = fuzz(name, tmp_path, "-seed=1", "-runs=300")
    assert report.inputs >= 300
    assert not report.found, (tmp_path / name / "log").read_text("utf-8")[-3000:]
