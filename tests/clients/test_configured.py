"""`fedgate configure --native`, after which fedgate disappears: every client goes on by the text that it wrote."""

from __future__ import annotations

import pytest

from tests.clients import clients, sso
from tests.clients.machine import Machine
from tests.clients.stage import Stage
from tests.servers.browser import Browser
from tests.world import UPDATE_APP

NEWEST, DEBIAN = clients.newest(), clients.debian()
PROFILE = "sso-production.UpdateApp"  # beside that of `profiles sync`
pytestmark = pytest.mark.skipif(NEWEST.program is None, reason="AWS's bundle is for x86-64 only")


@pytest.fixture(scope="module")
def somebody(stage: Stage) -> tuple[Machine, Browser]:
    browser, prompt = stage.at_the_prompt("configured", "alice", NEWEST)
    prompt.profiles()
    wrote = prompt.fedgate("configure", "--native", "--default", "--models")
    assert wrote.code == 0, wrote.err
    prompt.terminal.pyz.unlink()
    machine = Machine(prompt.terminal.home, stage.world.aws, NEWEST, {UPDATE_APP: {"AWS_PROFILE": PROFILE}})
    signed_in = sso.log_in(machine, NEWEST, browser, "--sso-session", "fedgate")
    assert signed_in.code == 0, signed_in.shown
    return machine, browser


@pytest.mark.parametrize("client", [NEWEST, clients.version_1(), clients.python_sdk()], ids=lambda one: one.key)
def test_it_gets_credentials(stage: Stage, somebody: tuple[Machine, Browser], client: clients.Client) -> None:
    machine = Machine(somebody[0].home, stage.world.aws, client, somebody[0].roles)
    said = machine.ask(UPDATE_APP)
    assert said.code == 0, said.shown


def test_a_javascript_program_does_with_the_profile_in_its_code(somebody: tuple[Machine, Browser]) -> None:
    said = clients.javascript().ask(somebody[0].env, somebody[0].aws, PROFILE)
    assert said.code == 0, said.shown


@pytest.mark.needs("awscli")
@pytest.mark.skipif(DEBIAN.program is None, reason="this system has no awscli of its own")
def test_debians_cli_signs_in_and_gets_credentials(somebody: tuple[Machine, Browser]) -> None:
    """It knows no `services`, and finds the gateway by ~/.aws/models."""
    shared, browser = somebody
    machine = Machine(shared.home, shared.aws, DEBIAN, shared.roles)
    said = sso.log_in(machine, DEBIAN, browser, "--profile", PROFILE)
    assert said.code == 0, said.shown
    assert machine.ask(UPDATE_APP).code == 0
