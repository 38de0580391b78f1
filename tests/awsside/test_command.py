"""`python -m app.awsside`, as an operator types it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.minting.keys import new_key

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example files, and a signing key."""
    made = tmp_path_factory.mktemp("operator")
    for name in ("gateway", "catalog"):
        shutil.copy(ROOT / "config" / f"{name}.example.toml", made / f"{name}.toml")
    (made / "okta.secret").write_text("not a real one")
    new_key(made / "keys", datetime.now(UTC))
    return made


def typed(folder: Path, *words: str, keys: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {"FEDGATE_CONFIG": "gateway.toml", "FEDGATE_CATALOG": "catalog.toml", "PYTHONPATH": str(ROOT)}
    environment |= {"FEDGATE_ISSUER_KEYS": "keys"} if keys else {}
    command = [sys.executable, "-m", "app.awsside", *words]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


PRINCIPAL = ("--principal", "arn:aws:iam::111111111111:user/fedgate")


@pytest.mark.parametrize("form", ["json", "cloudformation", "terraform"])
def test_an_account_on_standard_output_and_remarks_beside_it(folder: Path, form: str) -> None:
    done = typed(folder, "999999999999", "--format", form, *PRINCIPAL)
    assert done.returncode == 0, done.stderr
    assert "saml-provider/fedgate" in json.dumps(json.loads(done.stdout))
    assert done.stderr.startswith("note: What arn:aws:iam::111111111111:user/fedgate needs is in the documents of")


def test_one_role_without_its_provider(folder: Path) -> None:
    done = typed(folder, "arn:aws:iam::999999999999:role/UpdateApp")
    found = json.loads(done.stdout)
    assert [role["RoleName"] for role in found["Roles"]] == ["UpdateApp"]
    assert found["SamlProviders"] == []
    assert "make it first" in done.stderr


@pytest.mark.parametrize(
    ("words", "keys", "code", "told"),
    [
        (["999999999999"], True, 1, "is not known (aws_principal of gateway.toml, or --principal ARN)"),
        (["999999999999", "--format", "terraform", *PRINCIPAL], False, 1, "metadata is not known (--keys DIRECTORY)"),
        (["333333333333"], True, 1, "there is no [[account]] with id 333333333333"),
        (["99999"], True, 2, "expected an account id of 12 digits"),
        (["arn:aws:iam::999999999999:role/Other"], True, 2, "there is no [[role]] with the ARN"),
        (["999999999999", "--principal", "fedgate"], True, 2, "--principal: expected a role ARN"),
        (["999999999999", "--catalog", "none.toml"], True, 2, "none.toml: cannot be read"),
        ([], True, 2, "usage:"),
    ],
)
def test_what_is_missing_is_told_and_nothing_is_half_printed(
    folder: Path, words: list[str], keys: bool, code: int, told: str
) -> None:
    done = typed(folder, *words, keys=keys)
    assert (done.returncode, done.stdout) == (code, ""), done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
