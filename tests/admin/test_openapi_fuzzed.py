"""schemathesis asks everything that the description allows, and more: no 5xx, and no answer that is not described."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.admin.clerk import TWO_ADMINS
from tests.office import Office, open_office
from tests.world import ACCOUNTS_AND_ROLES, World

pytestmark = pytest.mark.slow
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"
# Carla would end her own session, and be a stranger for the rest.
LEFT_OUT = "/end$"


@pytest.fixture(scope="module")
def office(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    url = f"sqlite:///{tmp_path_factory.mktemp('fuzzed')}/fedgate.db"
    told = {"FEDGATE_CATALOG": "", "FEDGATE_DATABASE_URL": url}
    with open_office(world, environment=told, top=TWO_ADMINS) as found:
        yield found


def test_no_answer_is_a_fault_of_ours_or_undescribed(office: Office, tmp_path: Path) -> None:
    _, carla = office.terminal("carla")
    first = {"catalog": ACCOUNTS_AND_ROLES, "reason": "the beginning"}
    requests.post(f"{office.url}/api/v1/admin/catalog/save", json=first, headers=carla.header, timeout=60)
    (tmp_path / "schemathesis.toml").write_text(
        f'headers = {{ Authorization = "{carla.header["Authorization"]}" }}\n', "utf-8"
    )
    program = str(Path(sys.executable).parent / "schemathesis")
    asked = ["--checks", CHECKS, "--exclude-path-regex", LEFT_OUT, "--max-examples", "8", "--generation-deterministic"]
    ran = subprocess.run(
        [program, "run", f"{office.url}/api/v1/openapi.json", "--url", office.url, *asked],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout[-6000:] + ran.stderr[-2000:]
    lines = [json.loads(line) for line in office.gateway.log.read_text("utf-8").splitlines() if '"request"' in line]
    answers = Counter((line["path"].split("/")[4], line["status"]) for line in lines if "/v1/admin/" in line["path"])
    # Some it asks as a stranger; the rest it asks as Carla.
    assert {part for part, status in answers if status == 200} >= {"activity", "catalog", "doctor", "people"}
