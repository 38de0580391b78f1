"""`aws login` with the newest AWS CLI, against a gateway that plays AWS Sign-In."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.clients.clients import javascript
from tests.native.login_prompt import Ended, LoginPrompt, sign_out
from tests.office import Office
from tests.world import DEVELOPER, DEVELOPMENT, World

pytestmark = pytest.mark.slow
AS_ALICE = f"arn:aws:sts::{DEVELOPMENT}:assumed-role/Developer/alice"


@pytest.fixture(scope="module")
def login(office: Office, world: World, tmp_path_factory: pytest.TempPathFactory) -> tuple[LoginPrompt, Ended]:
    """Alice, who has typed `aws login` and picked her role; what that said."""
    prompt = LoginPrompt.at(tmp_path_factory.mktemp("alice") / "home", office, world.aws)
    return prompt, prompt.login(office.arrive("alice"), DEVELOPER)


@pytest.fixture
def prompt(login: tuple[LoginPrompt, Ended]) -> LoginPrompt:
    return login[0]


@pytest.fixture
def another(office: Office, world: World, tmp_path: Path) -> LoginPrompt:
    return LoginPrompt.at(tmp_path / "home", office, world.aws)


def test_alice_signs_in_with_one_role_and_the_cli_works(login: tuple[LoginPrompt, Ended]) -> None:
    prompt, said = login
    assert said.code == 0, said
    assert f"Updated profile dev to use {AS_ALICE}" in said.out
    assert prompt.caller().out.startswith(AS_ALICE)
    assert prompt.kept.stat().st_mode & 0o777 == 0o600


def test_keys_that_are_over_are_renewed_without_a_word(prompt: LoginPrompt) -> None:
    prompt.minutes_pass()
    before = prompt.kept.read_text("utf-8")
    caller = prompt.caller()
    assert caller.out.startswith(AS_ALICE), caller
    assert prompt.kept.read_text("utf-8") != before


def test_the_javascript_sdk_goes_on_with_what_the_cli_keeps(prompt: LoginPrompt) -> None:
    prompt.minutes_pass()
    before = prompt.kept.read_text("utf-8")
    said = javascript().ask({**prompt.env, "AWS_REGION": "eu-west-1"}, prompt.aws)
    assert said.out.startswith(AS_ALICE), said.shown
    assert prompt.kept.read_text("utf-8") != before


def test_a_role_that_was_taken_away_is_refused_in_our_words(office: Office, prompt: LoginPrompt) -> None:
    prompt.minutes_pass()
    catalog = office.gateway.folder / "catalog.toml"
    before = catalog.read_text("utf-8")
    catalog.write_text(before.replace('groups = ["Developers"]', 'groups = ["Nobody"]'), "utf-8")
    try:
        refused = prompt.caller()
    finally:
        catalog.write_text(before, "utf-8")
    assert refused.code == 254
    assert "None of your groups gives you the role Developer in account 111111111111." in refused.err


def test_without_its_key_what_the_cli_keeps_is_worth_nothing(prompt: LoginPrompt) -> None:
    kept = prompt.kept.read_text("utf-8")
    prompt.minutes_pass()
    prompt.change_kept(dpopKey=another_key())
    refused = prompt.caller()
    prompt.kept.write_text(kept, "utf-8")
    assert refused.code == 255
    assert "Please reauthenticate using 'aws login'" in refused.err


def test_remote_alice_carries_a_code_to_the_terminal_and_her_sign_out_ends_it(
    office: Office, another: LoginPrompt
) -> None:
    browser = office.arrive("alice")
    said = another.login_elsewhere(browser, DEVELOPER)
    assert said.code == 0, said
    assert another.caller().out.startswith(AS_ALICE)
    sign_out(office, browser)
    another.minutes_pass()
    refused = another.caller()
    assert refused.code == 255
    assert "Please reauthenticate using 'aws login'" in refused.err


def test_who_declines_leaves_nothing_behind(office: Office, another: LoginPrompt) -> None:
    said = another.login(office.arrive("alice"), DEVELOPER, "no")
    assert said.code == 255
    assert "Failed to retrieve an authorization code" in said.err
    assert not (another.home / ".aws" / "login").exists()


def another_key() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()
