"""`python -m tests.fuzz [--minutes N] [target...]`: the minutes are shared by the targets, one after the other."""

from __future__ import annotations

import argparse
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.fuzz.targets import TARGETS

ROOT = Path(__file__).resolve().parents[2]
FOUND = ROOT / "var" / "fuzz"
_BEGINNING = 300.0  # seconds, on a busy machine


@dataclass(frozen=True, slots=True)
class Report:
    target: str
    inputs: int  # that were tried
    edges: int  # of the program that were reached
    kept: int  # inputs that reached something new
    found: tuple[Path, ...]

    @property
    def line(self) -> str:
        said = f"{self.target:<12} {self.inputs:>10} inputs {self.edges:>6} edges {self.kept:>6} kept"
        return said + (f"   FOUND {', '.join(str(path) for path in self.found)}" if self.found else "")


def fuzz(target: str, folder: Path, *ends: str, seconds: float = _BEGINNING) -> Report:
    """Runs one target; its corpus of this machine is kept in `folder` and grows from run to run. `ends`: libFuzzer's
    options for how long; `seconds` after which something is wrong."""
    folder = folder / target
    folder.mkdir(parents=True, exist_ok=True)
    before = set(_finds(folder))
    command = [sys.executable, "-m", "tests.fuzz.child", target, str(folder), *ends]
    run = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
    )
    (folder / "log").write_text(run.stdout + run.stderr, "utf-8")
    found = tuple(sorted(set(_finds(folder)) - before))
    # libFuzzer's own alarm may go off while Python is already on its way out, at the end of the time.
    if run.returncode not in (0, -signal.SIGALRM) and not found:
        raise RuntimeError(f"{target} ended with {run.returncode}: {run.stderr[-2000:]}")
    edges = [int(number) for number in re.findall(r"cov: (\d+)", run.stderr)]
    tried = re.findall(r"stat::number_of_executed_units: (\d+)|^#(\d+)", run.stderr, re.MULTILINE)
    last = next((int(one or other) for one, other in reversed(tried)), 0)
    return Report(target, last, max(edges, default=0), len(list((folder / "corpus").iterdir())), found)


def _finds(folder: Path) -> list[Path]:
    return [path for kind in ("crash", "timeout", "oom", "slow-unit") for path in folder.glob(f"{kind}-*")]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("targets", nargs="*", metavar="target", help=", ".join(TARGETS))
    chosen = parser.parse_args()
    names = chosen.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    reports = []
    for name in names:
        seconds = max(1, round(chosen.minutes * 60 / len(names)))
        reports.append(fuzz(name, FOUND, f"-max_total_time={seconds}", seconds=seconds + _BEGINNING))
        print(reports[-1].line, flush=True)
    found = [path for report in reports for path in report.found]
    for path in found:
        print(f"keep it as tests/fuzz/corpus/{path.parent.name}/<what it is>, and it is replayed by tests/run")
    print(f"{sum(report.inputs for report in reports)} inputs, {len(found)} found")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
