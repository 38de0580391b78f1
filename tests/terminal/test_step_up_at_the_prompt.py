"""A role that needs a second factor and a fresh sign-in, from the refusal at the prompt to its credentials."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.office import page_of
from tests.prompt import Prompt, agree
from tests.servers.browser import Browser
from tests.terminal.device_scene import Scene
from tests.terminal.test_device_step_up import confirm
from tests.world import ADMIN, UPDATE_APP, World

ADDRESS = re.compile(r"https?://\S+/oauth/authorize\?\S+")


@pytest.fixture
def prompt(scene: Scene, world: World, tmp_path: Path) -> Prompt:
    return Prompt(tmp_path, scene.url, world.aws)


def test_the_line_that_is_printed_is_the_command_that_helps(scene: Scene, prompt: Prompt) -> None:
    bob = scene.arrive()
    assert prompt.login(bob).code == 0
    first = prompt.terminal.sign_in.read_text()
    refused = prompt.fedgate("credential-process", "--role-arn", ADMIN)
    assert (refused.code, refused.out) == (4, "")
    assert len(refused.err.encode()) <= 200
    assert refused.err.count("\n") == 1
    command = refused.err.rstrip("\n").rpartition("run: fedgate ")[2]
    assert command == "login --mfa --max-age 15"
    assert prompt.fedgate("credential-process", "--role-arn", UPDATE_APP).code == 0, "the sign-in is as good as before"

    assert signed_in_again(scene, prompt, bob, command) == 0
    helped = prompt.fedgate("credential-process", "--role-arn", ADMIN)
    assert helped.code == 0, helped.err
    assert prompt.terminal.sign_in.read_text() != first
    old = re.search(r"^refresh_token\t(\S+)$", first, re.MULTILINE)
    assert old is not None
    form = {"grant_type": "refresh_token", "refresh_token": old[1], "client_id": "fedgate-cli"}
    assert bob.http.post(f"{scene.url}/oauth/token", data=form, timeout=60).status_code == 400


def signed_in_again(scene: Scene, prompt: Prompt, browser: Browser, command: str) -> int:
    """Type what was printed; the browser is led through the provider before it is asked."""
    process = prompt.terminal.start(*command.split(), "--no-browser", "--timeout", "300s")
    try:
        assert process.stderr is not None
        said = ""
        while not (found := ADDRESS.search(said)):
            said += process.stderr.readline()
        agree(browser, confirm(scene, browser, page_of(browser.open(found[0]))))
        process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode
