"""Where the operator has turned AWS's own sign-in off, its addresses say what to do instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.native.desk import Wire
from tests.office import open_office
from tests.world import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wire(world: World) -> Iterator[Wire]:
    with open_office(world, top="aws_tools = false") as office:
        yield Wire(office.url)


@pytest.mark.parametrize("path", ["/client/register", "/device_authorization", "/token"])
def test_a_tool_that_signs_in_reads_it(wire: Wire, path: str) -> None:
    answer = wire.post(path, {"clientName": "botocore-client-fedgate", "clientType": "public"})
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (404, "InvalidRequestException")
    assert "aws_tools in gateway.toml" in answer.json()["message"]


def test_a_tool_with_a_token_reads_it(wire: Wire) -> None:
    answer = wire.get("/federation/credentials", "x", account_id="1", role_name="x")
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (404, "ResourceNotFoundException")


def test_a_container_and_aws_login_read_it(wire: Wire) -> None:
    for answer in (wire.get("/aws/container/111111111111/Developer"), wire.post("/v1/token", {})):
        assert answer.status_code in (400, 404)
        assert "aws_tools in gateway.toml" in answer.json()["message"]


def test_the_browser_shows_a_page(wire: Wire) -> None:
    for path in ("/authorize", "/start", "/v1/authorize"):
        answer = wire.http.get(f"{wire.url}{path}", headers={"Accept": "text/html"}, timeout=60)
        assert (answer.status_code, "does not serve" in answer.text) == (404, True)


def test_readyz_says_so(wire: Wire) -> None:
    assert wire.get("/readyz").json()["checks"]["aws_tools"] == "off"
