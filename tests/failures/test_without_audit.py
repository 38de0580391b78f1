"""The journal cannot be written: then nothing is given out, and AWS is not even asked. Ends go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from bs4 import BeautifulSoup

from app.audit import verify
from tests.failures.conftest import Scene, in_time, is_page, is_problem
from tests.native.desk import TOOL_HEADER, Wire, sign_in
from tests.office import page_of
from tests.prompt import ask
from tests.servers.browser import Browser, Elsewhere, User
from tests.world import DEVELOPER, READ_ONLY, UPDATE_APP, World

ACTIONS = ("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity")
pytestmark = pytest.mark.slow


@contextmanager
def journal_gone(scene: Scene) -> Iterator[None]:
    """A file in the directory's place. Taking permissions away would not stop root, and tests also run as root."""
    folder = scene.office.gateway.folder / "audit"
    away = folder.with_name("audit-away")
    folder.rename(away)
    folder.touch()
    try:
        yield
    finally:
        folder.unlink()
        away.rename(folder)


def told_in_the_log(scene: Scene) -> dict[str, str]:
    """The newest end that the journal does not have."""
    lines = scene.office.gateway.log.read_text().splitlines()
    newest = next(line for line in reversed(lines) if "a session has ended, and the journal does not have it" in line)
    return dict(json.loads(newest))


@pytest.fixture
def without_audit(scene: Scene, world: World) -> Iterator[Scene]:
    world.forget_calls()
    with journal_gone(scene):
        yield scene


@pytest.mark.parametrize("role", [UPDATE_APP, DEVELOPER, READ_ONLY])
def test_no_credentials_and_no_call(without_audit: Scene, world: World, role: str) -> None:
    here = without_audit
    answer = in_time(lambda: ask(here.url, here.alice, here.tokens, role))
    is_problem(answer, 503, "audit_unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    assert "AccessKeyId" not in answer.text
    assert [call for action in ACTIONS for call in world.calls(action)] == []


def test_no_console(without_audit: Scene, world: World) -> None:
    here = without_audit
    is_page(page_of(here.alice.open(f"{here.url}/console/999999999999/UpdateApp")), 503, "audit_unavailable")
    assert [call for action in ACTIONS for call in world.calls(action)] == []


def test_no_sign_in(without_audit: Scene) -> None:
    browser = Browser()
    page = page_of(browser.sign_in(browser.open(f"{without_audit.url}/signin/corp-oidc"), User("bob")))
    is_page(page, 503, "audit_unavailable")
    assert browser.http.cookies.get("fedgate") is None


def test_no_cached_credentials_either(scene: Scene, world: World) -> None:
    """What somebody fetched before must not be handed out again without a record."""
    assert ask(scene.url, scene.alice, scene.tokens, READ_ONLY, duration_minutes=30).status_code == 200
    world.forget_calls()
    with journal_gone(scene):
        answer = ask(scene.url, scene.alice, scene.tokens, READ_ONLY, duration_minutes=30)
    is_problem(answer, 503, "audit_unavailable")
    assert world.calls("AssumeRole") == []


def test_whoever_signs_out_is_signed_out_and_the_log_has_what_the_journal_misses(scene: Scene) -> None:
    """A computer that is not theirs must be left also while the disk is full, and also from a network that the journal
    would hear of first; 503 would say that they are still in."""
    bob, tokens = scene.office.terminal("bob")
    form = BeautifulSoup(page_of(bob.open(f"{scene.url}/")).text, "html.parser").select_one("[action='/signout'] input")
    assert form is not None
    with journal_gone(scene):
        headers = {"Origin": scene.url, "Accept": "text/html"}
        bob.http.mount("http://", Elsewhere())
        left = bob.http.post(f"{scene.url}/signout", data={"csrf": form["value"]}, headers=headers, timeout=60)
        assert left.status_code == 200
        assert bob.http.get(f"{scene.url}/", allow_redirects=False, timeout=60).status_code == 303
    is_problem(ask(scene.url, bob, tokens, READ_ONLY), 401, "sign_in_required")
    assert told_in_the_log(scene)["kind"] == "signout"


def test_a_terminal_that_signs_out_is_signed_out(scene: Scene) -> None:
    bob, tokens = scene.office.terminal("bob")
    wire = Wire(scene.url)
    of_aws = sign_in(wire, bob)["accessToken"]
    with journal_gone(scene):
        assert bob.http.post(f"{scene.url}/oauth/revoke", data=tokens.leaving, timeout=60).status_code == 200
        assert told_in_the_log(scene)["kind"] == "terminal.revoked"
        assert wire.http.post(f"{wire.url}/logout", headers={TOOL_HEADER: of_aws}, timeout=60).status_code == 200
    is_problem(ask(scene.url, bob, tokens, READ_ONLY), 401, "sign_in_required")
    assert wire.get("/assignment/accounts", of_aws).status_code == 401


def test_operators_are_told(without_audit: Scene) -> None:
    status, checks = without_audit.is_ready()
    assert (status, checks["store"]) == (503, "ok")
    assert checks["audit"].startswith("audit.")


def test_when_it_is_back_the_chain_goes_on(scene: Scene) -> None:
    with journal_gone(scene):
        assert ask(scene.url, scene.alice, scene.tokens, UPDATE_APP, duration_minutes=20).status_code == 503
    answer = ask(scene.url, scene.alice, scene.tokens, UPDATE_APP, duration_minutes=20)
    assert answer.status_code == 200
    assert scene.is_ready()[0] == 200
    kinds = [event["kind"] for event in scene.office.gateway.events()[-2:]]
    assert kinds == ["credentials.intended", "credentials.issued"]
    assert list(verify(scene.office.gateway.folder / "audit")) == []
