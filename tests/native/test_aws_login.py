"""`aws login` with the newest AWS CLI, against a gateway that plays AWS Sign-In."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.native.login_prompt import LoginPrompt
from tests.office import Office
from tests.world import DEVELOPER, DEVELOPMENT, UPDATE_APP, World

pytestmark = pytest.mark.slow
AS_ALICE = f"arn:aws:sts::{DEVELOPMENT}:assumed-role/Developer/alice"


@pytest.fixture
def prompt(office: Office, world: World, tmp_path: Path) -> LoginPrompt:
    return LoginPrompt.at(tmp_path / "home", office, world.aws)


def test_alice_signs_in_with_one_role_and_the_cli_works_and_refreshes(office: Office, prompt: LoginPrompt) -> None:
    login = prompt.login(office.arrive("alice"), DEVELOPER)
    assert login.code == 0, login
    assert "Updated profile dev to use arn:aws:sts::111111111111:assumed-role/Developer/alice" in login.out
    assert prompt.caller().out.startswith(AS_ALICE)
    before = prompt.kept.read_text()
    prompt.minutes_pass()
    again = prompt.caller()
    assert again.out.startswith(AS_ALICE), again
    assert prompt.kept.read_text() != before


def test_elsewhere(office: Office, prompt: LoginPrompt) -> None:
    login = prompt.login_elsewhere(office.arrive("alice"), DEVELOPER)
    assert login.code == 0, login
    assert prompt.caller().out.startswith(AS_ALICE)
