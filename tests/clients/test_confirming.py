"""A role that needs a second factor: what the person reads in the terminal leads them through the browser and back."""

from __future__ import annotations

import re

import pytest

from app.cli.profiles import aws_lines
from tests.clients import clients, sso
from tests.clients.machine import Machine
from tests.clients.stage import Stage
from tests.clients.way import entry
from tests.office import page_of
from tests.prompt import bearer
from tests.servers.browser import Browser, User
from tests.world import ADMIN, DEVELOPMENT

NEWEST = clients.newest()


@pytest.mark.skipif(NEWEST.program is None, reason="AWS's bundle is for x86-64 only")
def test_carla_confirms_by_the_link_that_the_aws_cli_shows(stage: Stage) -> None:
    machine = Machine(stage.home("confirming sso", NEWEST), stage.world.aws, NEWEST, {ADMIN: {"AWS_PROFILE": "admin"}})
    machine.write_config(aws_lines.sso(stage.url, [entry("admin", ADMIN)]))
    carla = stage.office.arrive("carla")
    assert sso.log_in(machine, NEWEST, carla, "--profile", "admin").code == 0
    refused = machine.ask(ADMIN)
    assert "An error occurred (ForbiddenException)" in refused.shown
    assert "then run: aws sso login" in refused.shown
    confirm(stage, carla, refused.shown)
    assert sso.log_in(machine, NEWEST, carla, "--profile", "admin").code == 0
    assert machine.ask(ADMIN).code == 0


def test_credential_process_names_the_command_to_confirm_with(stage: Stage) -> None:
    """`tests.terminal.test_step_up_at_the_prompt` types it."""
    client = clients.python_sdk()
    _, prompt = stage.at_the_prompt("confirming process", "carla", client)
    [profile] = [name for name in prompt.profiles() if name.endswith(".Admin")]
    machine = Machine(prompt.terminal.home, stage.world.aws, client, {ADMIN: {"AWS_PROFILE": profile}}, prompt)
    shown = machine.ask(ADMIN).shown
    assert "needs a sign-in with a second factor" in shown
    assert shown.endswith("run: fedgate login --mfa"), shown


def test_the_container_endpoint_shows_the_link_too(stage: Stage) -> None:
    client = clients.python_sdk()
    carla = stage.office.arrive("carla")
    lines = aws_lines.container_env(stage.url, DEVELOPMENT, ADMIN.rpartition("/")[2])
    where = dict(line.split("=", 1) for line in lines)
    token = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": bearer(stage.url, carla).access}
    machine = Machine(stage.home("confirming container", client), stage.world.aws, client, {ADMIN: where | token})
    shown = machine.ask(ADMIN).shown
    assert "needs a sign-in with a second factor" in shown
    confirm(stage, carla, shown)


def confirm(stage: Stage, browser: Browser, shown: str) -> None:
    link = re.search(rf"{re.escape(stage.url)}/\S+", shown)
    assert link, shown
    page = page_of(browser.sign_in(browser.open(link[0]), User("carla", mfa=True)))
    assert page.status_code == 200
