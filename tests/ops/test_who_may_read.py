"""Who may read /metrics where no token is set: whoever asks from this machine, and nobody through a proxy."""

from __future__ import annotations

import pytest
import requests

from tests.world import World


def test_from_this_machine_it_can_be_read(world: World) -> None:
    answer = requests.get(f"{world.main.url}/metrics", timeout=60)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "# TYPE fedgate_request_seconds histogram" in answer.text


@pytest.mark.parametrize(
    "header",
    [
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Forwarded-For": "203.0.113.7"},
        {"Forwarded": "for=127.0.0.1"},
        {"Via": "1.1 proxy"},
        {"X-Real-IP": "127.0.0.1"},
        {"Host": "aws.example.com"},  # one that only passes on
        {"Host": "127.0.0.1.evil.example"},  # no proxy, but a name that a stranger's page points here
        {"Host": "[x"},
        {"Host": "[:::]"},  # an address's characters, and no address
        {"Host": ""},
    ],
)
def test_through_a_proxy_it_cannot(world: World, header: dict[str, str]) -> None:
    assert requests.get(f"{world.main.url}/metrics", headers=header, timeout=60).status_code == 404


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "[::1]:8080"])
def test_by_any_name_of_this_machine_it_can(world: World, host: str) -> None:
    assert requests.get(f"{world.main.url}/metrics", headers={"Host": host}, timeout=60).status_code == 200


def test_readiness_tells_of_files_and_certificates_and_does_not_depend_on_them(world: World) -> None:
    answer = requests.get(f"{world.main.url}/readyz", timeout=60)
    assert answer.status_code == 200
    assert (answer.json()["checks"]["gateway_file"], answer.json()["checks"]["certificates"]) == ("ok", "ok")
