"""The start address: since 2.35.13 the AWS CLI goes nowhere that does not lead to a name of AWS's, and nowhere by http.

Also the rest of what differs behind https: a private authority, for all kinds of clients. Device sign-in is off here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from app.cli.profiles import aws_lines
from tests.clients import clients, sso
from tests.clients.clients import Client, Said
from tests.clients.machine import Machine
from tests.clients.way import entry
from tests.office import Office, open_office
from tests.servers.browser import Browser, User
from tests.servers.process import free_port
from tests.servers.tls_front import tls_front
from tests.world import UPDATE_APP, World

pytestmark = pytest.mark.skipif(clients.newest().program is None, reason="AWS's bundle is for x86-64 only")


@dataclass(frozen=True, slots=True)
class Behind:
    """A gateway behind TLS, and the file of the authority that its certificate is from."""

    office: Office
    authority: Path
    world: World
    folder: Path

    def machine(self, client: Client, name: str) -> Machine:
        home = self.folder / name
        home.mkdir(mode=0o700)
        return Machine(home, self.world.aws, client, {UPDATE_APP: {"AWS_PROFILE": "update"}})

    def configured(self, client: Client, name: str) -> Machine:
        machine = self.machine(client, name)
        lines = aws_lines.sso(self.office.url, [entry("update", UPDATE_APP)], ca_bundle=str(self.authority))
        machine.write_config(lines)
        return machine

    def arrive(self) -> Browser:
        browser = Browser()
        browser.http.verify = str(self.authority)
        browser.sign_in(browser.open(f"{self.office.url}/signin/corp-oidc"), User("alice"))
        return browser


@pytest.fixture(scope="module")
def behind(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Behind]:
    folder, port = tmp_path_factory.mktemp("behind-tls"), free_port()
    with (
        tls_front(folder, port) as (url, authority),
        open_office(world, port=port, base_url=url, environment={"SSL_CERT_FILE": str(authority)}) as office,
    ):
        yield Behind(office, authority, world, folder)


@pytest.fixture(scope="module")
def signed_in(behind: Behind) -> tuple[Machine, Said]:
    machine = behind.configured(clients.newest(), "signed-in")
    return machine, sso.log_in(machine, machine.client, behind.arrive(), "--profile", "update")


def test_the_newest_cli_takes_the_gateways_own_start_address(signed_in: tuple[Machine, Said], behind: Behind) -> None:
    machine, said = signed_in
    assert (said.code, said.err) == (0, "")
    config = (machine.home / ".aws" / "config").read_text("ascii")
    assert f"sso_start_url = {behind.office.url}/start" in config
    assert "sso_region = fedgate-1" in config, "the CLI rewrites it if the address that it was led to names a region"
    assert machine.ask(UPDATE_APP).code == 0


def test_programs_behind_a_private_authority_get_credentials(signed_in: tuple[Machine, Said], behind: Behind) -> None:
    for client in (clients.python_sdk(), clients.version_1()):
        machine = Machine(signed_in[0].home, behind.world.aws, client, signed_in[0].roles)
        assert machine.ask(UPDATE_APP).code == 0, client.name
    node = Machine(signed_in[0].home, behind.world.aws, clients.javascript(), signed_in[0].roles)
    assert node.ask(UPDATE_APP).code != 0, "Node.js reads no ca_bundle"
    node.more["NODE_EXTRA_CA_CERTS"] = str(behind.authority)
    assert node.ask(UPDATE_APP).code == 0


def test_the_start_address_leads_the_cli_to_a_label_and_people_to_the_page(behind: Behind) -> None:
    with requests.Session() as http:
        http.trust_env, http.verify = False, str(behind.authority)
        led = http.head(f"{behind.office.url}/start", allow_redirects=False, timeout=60)
        assert (led.status_code, led.headers["Location"]) == (302, aws_lines.NEUTRAL_START)
        led = http.get(f"{behind.office.url}/start", allow_redirects=False, timeout=60)
        assert (led.status_code, led.headers["Location"]) == (303, "/terminal")


def test_the_cli_still_refuses_plain_http(behind: Behind) -> None:
    """The day on which it does not, the label can go."""
    machine = behind.configured(clients.newest(), "plain")
    config = machine.home / ".aws" / "config"
    text = config.read_text("ascii")
    config.write_text(text.replace(f"{behind.office.url}/start", "http://127.0.0.1:9/start"), "ascii")
    said = machine.client.aws(machine.env, "sso", "login", "--profile", "update")
    assert said.code != 0
    assert "must use the https scheme" in said.shown


def test_by_a_code_where_codes_are_off_the_person_reads_what_to_do(behind: Behind) -> None:
    machine = behind.configured(clients.newest(), "no-code")
    said = machine.client.aws(machine.env, "sso", "login", "--profile", "update", "--use-device-code")
    assert said.code != 0
    assert "This gateway does not sign terminals in by a code." in said.shown
    assert "run: aws sso login" in said.shown
