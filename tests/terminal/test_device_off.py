"""Device sign-in is off unless the operator turned it on, and says what to do instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from tests.office import page_of
from tests.terminal.device_scene import GRANT, Scene, heading, open_scene
from tests.world import World


@pytest.fixture(scope="module")
def scene(world: World) -> Iterator[Scene]:
    with open_scene(world, world.redis_url, top="") as found:
        yield found


def test_it_cannot_be_begun(scene: Scene) -> None:
    answer = scene.terminal().ask()
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "fedgate login" in answer.json()["detail"]
    assert "device_sign_in" in answer.json()["detail"]


def test_there_is_no_page(scene: Scene) -> None:
    page = page_of(scene.arrive().open(f"{scene.url}/device?user_code=BCDFG-HJKLM"))
    assert (page.status_code, heading(page)) == (404, "There is nothing here")
    assert "device_sign_in" in page.text


def test_a_device_code_is_no_grant(scene: Scene) -> None:
    answer = scene.terminal().answer()
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")
    assert "fedgate login" in answer.json()["error_description"]


def test_the_metadata_does_not_name_it(scene: Scene) -> None:
    found = requests.get(f"{scene.url}/.well-known/oauth-authorization-server", timeout=60).json()
    assert "device_authorization_endpoint" not in found
    assert found["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert GRANT not in str(found)
