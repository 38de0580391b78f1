"""One target in a process of its own, under libFuzzer: `python -m tests.fuzz.child TARGET FOLDER OPTION...`.

libFuzzer ends the process by itself; what it found lies in the folder as `crash-...` or `timeout-...`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris


def main(name: str, folder: Path, *more: str) -> None:
    with atheris.instrument_imports(include=["app"]):
        from tests.fuzz.targets import TARGETS
    target = TARGETS[name]
    corpus = folder / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate((*target.seeds, *(path.read_bytes() for path in target.known))):
        (corpus / f"seed-{number}").write_bytes(seed)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in target.words), "ascii")
    known = [f"-dict={words}"] if target.words else []
    options = [
        *more,
        "-timeout=30",  # by the clock on the wall: a busy machine has let a process wait for five
        "-rss_limit_mb=2048",
        "-max_len=20000",
        "-print_final_stats=1",
    ]
    atheris.Setup(["fuzz", *options, *known, f"-artifact_prefix={folder}/", str(corpus)], target.check)
    atheris.Fuzz()


def _escaped(word: bytes) -> str:
    return "".join(f"\\x{octet:02x}" for octet in word)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *sys.argv[3:])
