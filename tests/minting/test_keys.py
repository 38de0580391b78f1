"""The directory of signing keys: what it takes, and what it refuses."""

from __future__ import annotations

import hashlib
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from app.errors import ConfigurationProblems
from app.minting.keys import load_keys, main, new_key
from tests.core.people import NOW


@pytest.fixture
def directory(key_directory: Path, tmp_path: Path) -> Path:
    shutil.copytree(key_directory, tmp_path / "keys")
    return tmp_path / "keys"


def newest(directory: Path) -> Path:
    return sorted(directory.glob("*.pem"))[-1]


def problems(directory: Path) -> list[str]:
    with pytest.raises(ConfigurationProblems) as found:
        load_keys(directory)
    return found.value.problems


def test_a_new_key_can_only_be_read_by_its_owner_and_signs_from_then_on(directory: Path) -> None:
    path = new_key(directory, NOW + timedelta(days=1))
    assert path.stat().st_mode & 0o777 == 0o600
    keys = load_keys(directory)
    assert [key.name for key in keys.keys] == sorted((key.name for key in keys.keys), reverse=True)
    assert keys.newest.name == path.stem == "2026-11-22T120000Z"
    private = load_pem_private_key(path.read_bytes(), None)
    assert isinstance(private, rsa.RSAPrivateKey)
    assert private.key_size >= 3072
    signature = keys.newest.signer.sign(hashlib.sha256(b"token").digest())
    private.public_key().verify(signature, b"token", PKCS1v15(), SHA256())


def test_a_key_is_never_written_over(directory: Path) -> None:
    before = newest(directory).read_bytes()
    with pytest.raises(FileExistsError):
        new_key(directory, NOW)
    assert newest(directory).read_bytes() == before


def test_printing_keys_shows_none(directory: Path) -> None:
    shown = repr(load_keys(directory))
    assert "PRIVATE" not in shown
    assert newest(directory).read_text().splitlines()[1][:20] not in shown


def test_a_directory_without_keys_says_how_to_make_one(tmp_path: Path) -> None:
    (only,) = problems(tmp_path)
    assert "python -m app.minting.keys new" in only


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(directory: Path, mode: int) -> None:
    newest(directory).chmod(mode)
    (only,) = problems(directory)
    assert "chmod 600" in only


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "PEM"),
        (b"-----BEGIN %b-----\nAAAA\n-----END %b-----\n" % ((b"PRIVATE KEY",) * 2), ""),
        ("elliptic curve", "RSA private key of at least 2048"),
        ("small", "RSA private key of at least 2048"),
        ("encrypted", "encrypted"),
        ("another", "is for another key"),
    ],
)
def test_what_is_no_usable_key_is_refused_without_showing_it(directory: Path, content: bytes | str, why: str) -> None:
    path = newest(directory)
    path.write_bytes(content if isinstance(content, bytes) else _a_key(content))
    (only,) = problems(directory)
    assert only.startswith(f"{path}: ")
    assert why in only
    assert "PRIVATE" not in only


def test_every_problem_is_reported_at_once(directory: Path) -> None:
    for path in directory.glob("*.pem"):
        path.with_suffix(".crt").unlink()
    (directory / "a.pem").mkdir(mode=0o700)
    found = problems(directory)
    assert len(found) == 3
    assert len([text for text in found if text.endswith(".crt: cannot be read (No such file or directory)")]) == 2


def test_the_command_makes_a_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", str(tmp_path / "keys")]) == 0
    path = Path(capsys.readouterr().out.strip())
    assert load_keys(tmp_path / "keys").newest.name == path.stem
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert main([]) == 2


def _a_key(kind: str) -> bytes:
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if kind == "elliptic curve":
        private = ec.generate_private_key(ec.SECP256R1())
    else:
        private = rsa.generate_private_key(65537, 1024 if kind == "small" else 2048)
    hidden = BestAvailableEncryption(b"secret") if kind == "encrypted" else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, hidden)
