"""Alice sets up her terminal: she presses "Copy" on the page, and pastes into a shell."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.clients.clients import newest
from tests.journeys.person import People, Person
from tests.patience import SECONDS, until
from tests.world import PRODUCTION, World

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.slow]
needs_cli = pytest.mark.skipif(newest().program is None, reason="AWS's bundle is for x86-64 only")
SAML = "Example Corp (SAML)"
IN_SIGHT = """(hash) => {
  const place = document.querySelector(":target");
  const top = place && place.getBoundingClientRect().top;
  return place && "#" + place.id === hash && -1 <= top && top < innerHeight;
}"""


@pytest.fixture
def alice(people: People) -> Person:
    return people("alice", permissions=["clipboard-read", "clipboard-write"])


class Shell:
    """A bash of her own, with the newest AWS CLI; programs that open a browser hand her the address."""

    def __init__(self, home: Path, world: World) -> None:
        self.home = home
        bin_ = home / "bin"
        bin_.mkdir()
        program = newest().program
        assert program is not None
        (bin_ / "aws").symlink_to(program)
        self.browser = home / "address"
        opener = bin_ / "opener"
        opener.write_text(f'#!/bin/sh\nprintf %s "$1" > {self.browser}.new && mv {self.browser}.new {self.browser}\n')
        opener.chmod(0o755)
        self.env = {
            "HOME": str(home),
            "PATH": f"{home}/.local/bin:{bin_}:/usr/bin:/bin",
            "BROWSER": str(opener),
            "AWS_ENDPOINT_URL_STS": world.aws,
            "AWS_PAGER": "",
            "NO_PROXY": "127.0.0.1",
        }

    def paste(self, lines: str, person: Callable[[str], None] | None = None) -> str:
        """What it printed. `person` does what must be done in the browser, at the address that was opened."""
        self.browser.unlink(missing_ok=True)
        with subprocess.Popen(
            ["bash", "-e", "-c", lines],
            env=self.env,
            cwd=self.home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            try:
                if person is not None:
                    person(self._address(process))
                said, _ = process.communicate(timeout=SECONDS)
            finally:
                process.kill()
        assert process.returncode == 0, said
        return said

    def _address(self, process: subprocess.Popen[str]) -> str:
        until(lambda: self.browser.exists() or process.poll() is not None, "no browser was opened")
        assert self.browser.exists(), f"no browser was opened: {process.communicate()[0]}"
        return self.browser.read_text("utf-8")


def copied(alice: Person, what: str) -> str:
    """Press the button, by its accessible name; what is then on the clipboard."""
    alice.page.get_by_role("button", name=f"Copy “{what}”", exact=True).click()
    expect(alice.page.get_by_role("status")).to_have_text(f"Copied: {what}")
    text: str = alice.page.evaluate("() => navigator.clipboard.readText()")
    return text


@needs_cli
def test_alice_pastes_what_she_copied_and_is_at_work_with_fedgate(alice: Person, world: World, tmp_path: Path) -> None:
    shell = Shell(tmp_path, world)
    alice.open("/")
    alice.sign_in(SAML)
    alice.click("Terminal")
    assert "fedgate: OK" in shell.paste(copied(alice, "Download it, and check what came"))

    signing_in, first_call = copied(alice, "Sign in, and write a profile for each role"), copied(alice, "Try it")

    def agree(address: str) -> None:
        alice.open(address)
        alice.click("Sign this terminal in")

    said = shell.paste(signing_in, agree)
    assert "Signed in as alice@example.test" in said
    assert ":assumed-role/Developer/alice@example.test" in shell.paste(first_call)
    assert ":assumed-role/UpdateApp/" in boto3(shell, "production.UpdateApp")


@needs_cli
def test_alice_pastes_text_alone_and_is_at_work_without_anything_of_ours(
    alice: Person, world: World, tmp_path: Path
) -> None:
    shell = Shell(tmp_path, world)
    alice.open(f"/terminal?q={PRODUCTION}+update")
    alice.sign_in(SAML)
    config = tmp_path / ".aws/config"
    config.parent.mkdir()
    config.write_text(copied(alice, "Add this to ~/.aws/config"), "utf-8")

    def agree(address: str) -> None:
        alice.open(address)
        alice.page.locator("main button[value=yes]").click()
        alice.page.wait_for_url("http://127.0.0.1:*/oauth/callback*")

    said = shell.paste(copied(alice, "Sign in, and try it"), agree)
    assert ":assumed-role/UpdateApp/alice@example.test" in said
    assert ":assumed-role/UpdateApp/" in boto3(shell, "production.UpdateApp")


@needs_cli
def test_alice_picks_one_role_with_aws_login(alice: Person, world: World, tmp_path: Path) -> None:
    shell = Shell(tmp_path, world)
    alice.open("/terminal?q=production.UpdateApp")
    alice.sign_in(SAML)
    alice.page.get_by_text("Or aws login, for one role").click()
    config = tmp_path / ".aws/config"
    config.parent.mkdir()
    config.write_text(copied(alice, "For aws login, in ~/.aws/config"), "utf-8")

    def pick(address: str) -> None:
        alice.open(address)
        alice.page.get_by_label("Role").select_option(label="UpdateApp")
        alice.page.locator("main button[value=yes]").click()
        alice.page.wait_for_url("http://127.0.0.1:*/oauth/callback*")

    said = shell.paste(copied(alice, "Pick the role, and try it"), pick)
    assert ":assumed-role/UpdateApp/alice@example.test" in said


def boto3(shell: Shell, profile: str) -> str:
    program = f"import boto3; print(boto3.Session(profile_name='{profile}').client('sts').get_caller_identity()['Arn'])"
    return shell.paste(f'{sys.executable} -c "{program}"')


def test_links_lead_to_their_place_and_each_block_can_be_reached_and_scrolled(alice: Person) -> None:
    """With the keyboard, at the width of a telephone."""
    alice.page.set_viewport_size({"width": 390, "height": 844})
    alice.open("/terminal")
    alice.sign_in(SAML)
    for name in ("fedgate", "Text in ~/.aws/config", "Two files more", "One role, lent"):
        link = alice.page.locator("dl").get_by_role("link", name=name, exact=True)
        link.focus()
        alice.page.keyboard.press("Enter")
        alice.page.wait_for_function(IN_SIGHT, arg=link.evaluate("(link) => link.hash"))
    lines = alice.page.locator("pre#sso-config")
    lines.focus()
    alice.page.keyboard.press("End")
    alice.page.wait_for_function("() => document.activeElement.scrollTop > 0")
    assert alice.page.evaluate("() => document.activeElement.id") == "sso-config"


def test_where_the_browser_forbids_copying_the_lines_are_selected(people: People) -> None:
    alice = people("alice")
    alice.context.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('forbidden'))")
    alice.open("/terminal")
    alice.sign_in(SAML)
    alice.page.get_by_role("button", name="Copy “Try it”", exact=True).click()
    expect(alice.page.get_by_role("status")).to_contain_text("Selected")
    assert alice.page.evaluate("() => getSelection().toString().trim()") == (
        "aws sts get-caller-identity --profile development.Developer"
    )
