"""What an operator may write about somebody else's account."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.catalog import load_catalog
from app.core.roles import Zone
from app.errors import ConfigurationProblems
from tests.thirdparty.owners import CATALOG, PRODUCTION

PROVIDER = f'provider_arn = "arn:aws:iam::{PRODUCTION}:saml-provider/fedgate"'


def problems(tmp_path: Path, old: str, new: str) -> str:
    path = tmp_path / "catalog.toml"
    path.write_text(CATALOG.replace(old, new), "utf-8")
    with pytest.raises(ConfigurationProblems) as found:
        load_catalog(path, [])
    return "\n".join(found.value.problems)


def test_an_account_of_somebody_else(tmp_path: Path) -> None:
    path = tmp_path / "catalog.toml"
    path.write_text(CATALOG, "utf-8")
    assert load_catalog(path, []).accounts[PRODUCTION].zone is Zone.THIRD_PARTY


def test_other_methods_carry_no_external_id(tmp_path: Path) -> None:
    said = problems(tmp_path, 'method = "assume_role"', f'method = "saml"\n{PROVIDER}')
    assert "role[1].method: a third party's role needs assume_role: saml carries no external id" in said


def test_a_code_that_nobody_is_there_to_give(tmp_path: Path) -> None:
    device = f'mfa_serial = "arn:aws:iam::{PRODUCTION}:mfa/fedgate"'
    assert "role[1].mfa_serial: a third party's role is tried every day" in problems(
        tmp_path, 'label = "Partner"', device
    )


@pytest.mark.parametrize("old", ['zone = "third-party"', 'label = "Partner"'])
def test_nobody_chooses_an_external_id(tmp_path: Path, old: str) -> None:
    said = problems(tmp_path, old, f'{old}\nexternal_id = "chosen-by-somebody"')
    assert "external_id: external ids are made by the gateway; see: python -m app.thirdparty show ACCOUNT" in said
    assert "chosen-by-somebody" not in said
