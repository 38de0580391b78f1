"""What people do with AWS SSO at a gateway beyond the table: many programs at once, signing out, saying no, picking."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli.profiles import aws_lines
from tests.clients import clients, sso
from tests.clients.clients import Client, Said
from tests.clients.machine import Machine
from tests.clients.stage import Stage
from tests.clients.typed import DOWN, ENTER, Step, typed
from tests.clients.way import entry
from tests.leaks.planted import PLANTED
from tests.native.desk import Wire
from tests.servers.browser import Browser
from tests.world import PRODUCTION, UPDATE_APP

NEWEST = clients.newest()
pytestmark = pytest.mark.skipif(NEWEST.program is None, reason="AWS's bundle is for x86-64 only")
Home = Callable[[str], Machine]


@pytest.fixture(scope="module")
def alice(stage: Stage) -> Browser:
    return stage.office.arrive("alice")


@pytest.fixture(scope="module")
def home(stage: Stage) -> Home:
    """A new home with the lines for AWS SSO, in which nobody is signed in."""

    def made(name: str) -> Machine:
        machine = Machine(stage.home(name, NEWEST), stage.world.aws, NEWEST)
        machine.write_config(aws_lines.sso(stage.url, [entry("update", UPDATE_APP)]))
        machine.roles[UPDATE_APP] = {"AWS_PROFILE": "update"}
        return machine

    return made


@pytest.fixture(scope="module")
def shared(home: Home, alice: Browser) -> Machine:
    """One home, in which many programs run."""
    machine = home("shared home")
    assert sso.log_in(machine, NEWEST, alice, "--sso-session", "fedgate", "--profile", "update").code == 0
    return machine


@pytest.mark.parametrize("client", [clients.python_sdk(), NEWEST, clients.javascript()], ids=lambda one: one.key)
def test_eight_at_once_with_an_expired_token_all_succeed_and_lose_nothing(
    stage: Stage, shared: Machine, client: Client
) -> None:
    """None of them locks the token's file: all eight come with the same refresh token."""
    stage.an_hour_passes([shared], tokens=True)
    each = replace_client(shared, client)
    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(lambda _: each.ask(UPDATE_APP), range(8)))
    said = [each.ask(UPDATE_APP) if read_half_a_file(one) else one for one in said]
    assert [one.shown for one in said if one.code] == []
    stage.an_hour_passes([shared], tokens=True)
    again = each.ask(UPDATE_APP)
    assert again.code == 0, f"whichever of the eight wrote last, its refresh token must work: {again.shown}"


def read_half_a_file(said: Said) -> bool:
    """AWS's tools write their token's file in place, without a lock (aws-cli#10628): who reads it at that moment finds
    half of it, and says so by the file's name, by its absence, or (JavaScript) for every reason in the same words. No
    gateway can help that, and asking again does."""
    half = r"'[0-9a-f]{40}'|Token for \S+ does not exist|SSO session token associated with .* not found or is invalid"
    return bool(said.code and re.search(half, said.shown))


def test_a_profile_that_a_javascript_program_names_in_its_code_works_too(shared: Machine) -> None:
    """It reads the gateway's address from [default] then, which is why that has the line as well."""
    program = replace_client(shared, clients.javascript())
    said = program.client.ask(program.env, program.aws, "update")
    assert (said.code, said.err) == (0, "")


def test_the_cli_hands_credentials_on(shared: Machine) -> None:
    said = NEWEST.aws(shared.env, "configure", "export-credentials", "--profile", "update")
    shared.remember(said.out)
    assert said.code == 0, said.shown
    assert json.loads(said.out)["Version"] == 1


@pytest.mark.parametrize("words", [(), ("--use-device-code",)], ids=["in the browser", "by a code"])
def test_who_declines_is_not_signed_in(home: Home, alice: Browser, words: tuple[str, ...]) -> None:
    machine = home(f"declined {len(words)}")
    said = sso.log_in(machine, NEWEST, alice, "--profile", "update", *words, answer="no")
    assert said.code != 0
    # AWS's own words: of a refusal that comes through the browser it shows nothing else.
    shown = "declined" if words else "Failed to retrieve an authorization code"
    assert shown in said.shown
    assert tokens(machine) == []


def test_signing_out_ends_the_session_at_the_gateway_and_swallows_a_foreign_token(
    stage: Stage, home: Home, alice: Browser
) -> None:
    """`aws sso logout` sends every token that it finds in the folder, those of AWS too, to the active endpoint."""
    machine = home("signed out")
    assert sso.log_in(machine, NEWEST, alice, "--profile", "update").code == 0
    [ours] = tokens(machine)
    foreign = secrets.token_urlsafe(40)
    PLANTED.plant("access token", foreign)
    beside = {"startUrl": "https://d-1.awsapps.com/start", "region": "eu-west-1", "expiresAt": "2099-01-01T00:00:00Z"}
    cache = machine.home / ".aws" / "sso" / "cache"
    (cache / f"{'a' * 40}.json").write_text(json.dumps(beside | {"accessToken": foreign}), "utf-8")
    wire = Wire(stage.url)
    assert wire.get("/assignment/accounts", ours).status_code == 200
    said = NEWEST.aws(machine.env, "sso", "logout", "--profile", "update")
    assert (said.code, said.err) == (0, "")
    assert wire.get("/assignment/accounts", ours).status_code == 401
    assert foreign not in stage.office.gateway.log.read_text("utf-8")
    assert "Token for fedgate does not exist" in machine.ask(UPDATE_APP).shown  # AWS's words: it has forgotten it


def test_when_the_sign_in_is_over_the_next_one_is_a_single_command(stage: Stage, home: Home, alice: Browser) -> None:
    """The registration that the CLI has kept is still good, although the gateway keeps none."""
    machine = home("signed in again")
    assert sso.log_in(machine, NEWEST, alice, "--profile", "update").code == 0
    [token] = tokens(machine)
    Wire(stage.url).post("/logout", None, **{"x-amz-sso_bearer_token": token})
    stage.an_hour_passes([machine], tokens=True)
    assert machine.ask(UPDATE_APP).code != 0
    assert sso.log_in(machine, NEWEST, alice, "--profile", "update").code == 0
    assert machine.ask(UPDATE_APP).code == 0


def test_the_wizard_of_the_cli_offers_accounts_and_roles(stage: Stage, home: Home, alice: Browser) -> None:
    machine = home("wizard")
    config = machine.home / ".aws" / "config"
    machine.write_config(aws_lines.sso(stage.url, []))
    env = machine.env | sso.opener(machine.home) | {"TERM": "xterm"}
    opened = machine.home / "opened"

    def agree() -> None:
        sso.wait_for(opened)
        sso.agree(alice, opened.read_text("utf-8"), "yes")

    steps = [
        Step("SSO session name", f"fedgate{ENTER}"),
        Step("/authorize?", agree),
        Step("AWS accounts available", f"{DOWN}{ENTER}"),
        Step("roles available", f"{DOWN}{ENTER}"),
        Step("Default client Region", ENTER),
        Step("default output format", ENTER),
        Step("Profile name", f"picked{ENTER}"),
    ]
    code, screen = typed([str(NEWEST.program), "configure", "sso"], env, steps)
    assert code == 0, screen
    assert "Production, fedgate (999999999999)" in screen
    assert 'Using the role name "UpdateApp"' in screen
    written = config.read_text("utf-8").partition("[profile picked]")[2]
    assert f"sso_account_id = {PRODUCTION}" in written
    lost = ask_as(machine, "picked")
    assert "portal.sso.fedgate-1.amazonaws.com" in lost.shown, "without the line it must find nobody, and not AWS"
    config.write_text(config.read_text("utf-8").rstrip("\n") + "\nservices = fedgate\n", "utf-8")
    assert ask_as(machine, "picked").code == 0


def ask_as(machine: Machine, profile: str) -> clients.Said:
    return NEWEST.ask(machine.env | {"AWS_PROFILE": profile, "AWS_MAX_ATTEMPTS": "1"}, machine.aws)


def replace_client(machine: Machine, client: Client) -> Machine:
    """Another program in the same home."""
    return replace(machine, client=client)


def tokens(machine: Machine) -> list[str]:
    found: list[Mapping[str, str]] = [json.loads(path.read_text("utf-8")) for path in cache_of(machine)]
    return [one["accessToken"] for one in found if "accessToken" in one]


def cache_of(machine: Machine) -> list[Path]:
    return sorted((machine.home / ".aws" / "sso" / "cache").glob("*.json"))
