"""`fedgate exec` and `fedgate env` at a real gateway: AWS knows every command by the person and the role."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.prompt import Prompt
from tests.terminal.device_scene import Scene
from tests.world import ADMIN, UPDATE_APP, World

WHO = [str(Path(sys.executable).with_name("aws")), "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]


@pytest.fixture
def prompt(scene: Scene, world: World, tmp_path: Path) -> Prompt:
    found = Prompt(tmp_path, scene.url, world.aws)
    assert found.login(scene.arrive()).code == 0
    found.terminal.env |= {"AWS_ENDPOINT_URL": world.aws, "NO_PROXY": "127.0.0.1", "AWS_EC2_METADATA_DISABLED": "true"}
    return found


def test_every_way_to_run_a_command_is_the_same_person_in_the_same_role(prompt: Prompt) -> None:
    name = UPDATE_APP.rpartition("/")[2]
    [profile] = [one for one in prompt.profiles() if one.endswith(name)]
    expected = re.compile(rf"arn:aws:sts::{UPDATE_APP.split(':')[4]}:assumed-role/{name}/\S+\n")
    callers = {prompt.caller(profile) + "\n"}
    for way in (profile,), (profile, "--keys"), (UPDATE_APP, "--serve"), (name,):
        typed = prompt.fedgate("exec", *way, "--", *WHO)
        assert typed.code == 0, typed.err
        callers.add(typed.out)
    script = f'{prompt.fedgate("env", profile).out}\nexec "$@"'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *WHO],
        env=prompt.terminal.env,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    callers.add(done.stdout)
    [caller] = callers
    assert expected.fullmatch(caller), caller


def test_a_role_that_wants_more_says_so_before_the_command_starts(prompt: Prompt) -> None:
    [profile] = [one for one in prompt.profiles() if one.endswith(ADMIN.rpartition("/")[2])]
    for way in ((), ("--keys",), ("--serve",)):
        typed = prompt.fedgate("exec", profile, *way, "--", "touch", "ran")
        assert (typed.code, typed.out) == (4, "")
        assert "login --mfa --max-age 15" in typed.err
    assert not (prompt.terminal.home / "ran").exists()
