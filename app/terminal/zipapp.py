"""Packs `app/cli` into one executable file, `fedgate.pyz`, that knows the gateway it came from.

    curl -O https://aws.example.com/cli/fedgate.pyz && python3 fedgate.pyz login

Reads the CLI's files as data and imports nothing of them. Same input, same bytes: fixed times and order, and stored
rather than compressed, because compressors differ between versions and `credential-process` would pay for unpacking
at every start.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import BinaryIO

SHEBANG = b"#!/usr/bin/env python3\n"
PACKAGE = "fedgate"
SOURCE = "app.cli"
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can hold
# Written so that Python 2 can read it too: on older systems `python3` is 3.6, and its first error would be a riddle.
STARTER = f"""\
import sys

if sys.version_info < (3, 9):
    sys.stderr.write("fedgate: Python %d.%d is too old; fedgate needs 3.9 or newer\\n" % sys.version_info[:2])
    sys.exit(2)

from {PACKAGE}.__main__ import main

sys.exit(main())
"""
VERSION = re.compile(r"[0-9A-Za-z.+-]{1,64}")


def build(target: Path | BinaryIO | None, version: str, default_gateway: str = "") -> bytes:
    """Writes the zipapp to `target`, if there is one, and returns its bytes.

    `default_gateway` is the gateway's `base_url`; the CLI checks it as it checks a typed address.
    Raises ValueError for a version that is not one.
    """
    if not VERSION.fullmatch(version):
        raise ValueError(f"not a version: {version!r}")
    content = SHEBANG + archive(modules() | {"built.py": built(version, default_gateway)})
    if isinstance(target, Path):
        save(target, content)
    elif target is not None:
        target.write(content)
    return content


def modules() -> dict[str, str]:
    """Path inside the CLI to source of every module of the CLI."""
    return dict(sources(resources.files(SOURCE), ""))


def sources(folder: Traversable, above: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from sources(entry, f"{above}{entry.name}/")
        elif entry.name.endswith(".py"):
            yield f"{above}{entry.name}", entry.read_text(encoding="utf-8")


def built(version: str, gateway: str) -> str:
    """`repr` makes any text a literal, so an address cannot become code."""
    return f"VERSION = {version!r}\nGATEWAY = {gateway.rstrip('/')!r}\n"


def archive(sources: dict[str, str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as file:
        add(file, "__main__.py", STARTER)
        for name in sorted(sources):
            add(file, f"{PACKAGE}/{name}", sources[name])
    return packed.getvalue()


def add(file: zipfile.ZipFile, name: str, source: str) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = 0o100644 << 16
    entry.create_system = 3  # Unix, also when built elsewhere
    file.writestr(entry, source)


def save(target: Path, content: bytes) -> None:
    """Replaced whole: an AWS tool may start the old copy at this very moment."""
    fresh = target.with_name(target.name + ".new")
    fresh.write_bytes(content)
    fresh.chmod(0o755)
    fresh.replace(target)
