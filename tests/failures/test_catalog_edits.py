"""catalog.toml is edited while the gateway runs: what is good counts at once, what is broken does not count at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.failures.conftest import Scene, is_problem
from tests.prompt import ask
from tests.world import DEVELOPER, READ_ONLY, UPDATE_APP

pytestmark = pytest.mark.slow


@pytest.fixture
def catalog(scene: Scene) -> Iterator[Path]:
    path = scene.office.gateway.folder / "catalog.toml"
    good = path.read_text("utf-8")
    yield path
    path.write_text(good, "utf-8")


def offered(scene: Scene) -> set[str]:
    """What every worker says: several askings, so that both have been asked."""
    answers = [
        scene.alice.http.get(f"{scene.url}/api/v1/roles", headers=scene.tokens.header, timeout=60) for _ in range(8)
    ]
    said = {frozenset(role["arn"] for role in answer.json()["roles"]) for answer in answers}
    assert len(said) == 1, "the workers do not agree"
    return set(said.pop())


def test_a_role_that_is_taken_away_is_gone_with_its_cached_credentials(scene: Scene, catalog: Path) -> None:
    assert offered(scene) == {UPDATE_APP, DEVELOPER, READ_ONLY}
    assert ask(scene.url, scene.alice, scene.tokens, UPDATE_APP).status_code == 200
    text = catalog.read_text("utf-8")
    catalog.write_text(text.replace(f'roles = ["{UPDATE_APP}", "{DEVELOPER}"]', f'roles = ["{DEVELOPER}"]'), "utf-8")
    assert offered(scene) == {DEVELOPER, READ_ONLY}
    for _ in range(4):
        is_problem(ask(scene.url, scene.alice, scene.tokens, UPDATE_APP), 403, "role_denied")


def test_a_rule_that_is_added_gives_at_once(scene: Scene, catalog: Path) -> None:
    text = catalog.read_text("utf-8")
    catalog.write_text(text.replace('groups = ["Developers"]', 'groups = ["Pilots"]'), "utf-8")
    assert offered(scene) == {READ_ONLY}
    catalog.write_text(text, "utf-8")
    assert offered(scene) == {UPDATE_APP, DEVELOPER, READ_ONLY}


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ("[[rule]\n", "TOML"),
        ('[[rule]]\nid = "x"\nprovider = "nobody"\ngroups = ["Staff"]\nroles = ["arn:aws:iam::1:role/x"]\n', "rule["),
    ],
    ids=["not TOML", "unknown names"],
)
def test_a_broken_edit_changes_nothing_and_is_told(scene: Scene, catalog: Path, broken: str, named: str) -> None:
    text = catalog.read_text("utf-8")
    catalog.write_text(text.replace('groups = ["Developers"]', 'groups = ["Pilots"]') + broken, "utf-8")
    assert offered(scene) == {UPDATE_APP, DEVELOPER, READ_ONLY}
    assert ask(scene.url, scene.alice, scene.tokens, READ_ONLY).status_code == 200
    status, checks = scene.is_ready()
    assert status == 200
    assert checks["catalog"] != "ok"
    log = scene.office.gateway.log.read_text("utf-8")
    assert "catalog not used" in log
    assert named in log


def test_a_catalog_that_vanishes_changes_nothing(scene: Scene, catalog: Path) -> None:
    """Some editors remove a file before they write it anew."""
    text = catalog.read_text("utf-8")
    catalog.unlink()
    assert offered(scene) == {UPDATE_APP, DEVELOPER, READ_ONLY}
    catalog.write_text(text, "utf-8")
    assert offered(scene) == {UPDATE_APP, DEVELOPER, READ_ONLY}
    assert scene.is_ready()[1]["catalog"] == "ok"
