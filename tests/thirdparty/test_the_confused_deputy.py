"""The story: Production belongs to a partner, whose role lets the gateway in without asking for the external id.

Everything is real: the gateway's own processes, its database, the operator's command, and the strict local AWS.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from tests.office import Office, open_office
from tests.prompt import Tokens, ask
from tests.servers.browser import Browser
from tests.servers.postgresql import PostgreSql
from tests.thirdparty.owners import statement
from tests.world import DEVELOPMENT, PRODUCTION, READ_ONLY, ROOT, World

PARTNER = f"arn:aws:iam::{PRODUCTION}:role/Partner"
CATALOG = f"""
[[account]]
id = "{PRODUCTION}"
name = "Partner Ltd"
zone = "third-party"
[[role]]
arn = "{PARTNER}"
label = "Partner"
method = "assume_role"
region = "eu-west-1"
tags = {{ Team = "payments" }}
[[rule]]
id = "staff"
provider = "corp-oidc"
groups = ["Staff"]
roles = ["{PARTNER}"]
"""
pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Story:
    world: World
    office: Office
    bob: Browser
    tokens: Tokens

    def operator(self, *words: str) -> tuple[int, str]:
        """What an operator types on the gateway's machine."""
        assert self.office.gateway.process is not None
        done = subprocess.run(
            [sys.executable, "-m", "app.thirdparty", *words],
            env=dict(self.office.gateway.process.environment),
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def external_id(self) -> str:
        found = re.search(r"external id +(fedgate-[0-9a-f]{40})", self.operator("show", PRODUCTION)[1])
        assert found
        return found[1]

    def owner_trusts(self, *statements: dict[str, object]) -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        self._iam(PRODUCTION).update_assume_role_policy(RoleName="Partner", PolicyDocument=document)

    def bob_asks(self) -> requests.Response:
        return ask(self.office.url, self.bob, self.tokens, PARTNER)

    def ready(self) -> tuple[int, dict[str, str]]:
        answer = requests.get(f"{self.office.url}/readyz", timeout=60)
        return answer.status_code, answer.json()["checks"]

    def set_the_scene(self) -> None:
        trust = json.dumps({"Version": "2012-10-17", "Statement": [statement()]})
        owner = self._iam(PRODUCTION)
        try:
            owner.create_role(RoleName="Partner", AssumeRolePolicyDocument=trust)
        except owner.exceptions.EntityAlreadyExistsException:
            owner.update_assume_role_policy(RoleName="Partner", PolicyDocument=trust)
        actions = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
        may = {"Effect": "Allow", "Action": actions, "Resource": PARTNER}
        policy = json.dumps({"Version": "2012-10-17", "Statement": may})
        self._iam(DEVELOPMENT).put_user_policy(UserName="fedgate", PolicyName="partner", PolicyDocument=policy)
        (self.office.gateway.folder / "catalog.toml").write_text(CATALOG, "utf-8")

    def _iam(self, account: str) -> Any:
        keys = json.loads((self.world.stack / "aws-keys.json").read_text("utf-8"))
        key = next(key for key in keys if key["id"] == account)
        session = boto3.Session(key["access_key_id"], key["secret_access_key"], region_name="eu-west-1")
        return session.client("iam", endpoint_url=self.world.aws, config=Config(proxies={}))


BOTH = pytest.mark.parametrize(
    "story", ["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))], indirect=True
)


@pytest.fixture
def story(request: pytest.FixtureRequest, world: World) -> Iterator[Story]:
    told = {"WEB_CONCURRENCY": "2"}
    if getattr(request, "param", "sqlite") == "postgresql":
        server: PostgreSql = request.getfixturevalue("postgresql")
        told["FEDGATE_DATABASE_URL"] = server.new_database()
    with open_office(world, environment=told) as office:
        bob, tokens = office.terminal("bob")
        found = Story(world, office, bob, tokens)
        found.set_the_scene()
        yield found
        world.turn(throttle_every=0)


@BOTH
def test_refused_until_its_owner_asks_for_the_external_id_and_closed_when_they_stop(story: Story) -> None:
    code, said = story.operator("register", PARTNER)
    assert code == 1, said
    assert re.search(r"a wrong external id +no +yes", said)
    external_id = story.external_id()
    assert f'Add to every statement of its trust policy that allows sts:AssumeRole to the gateway: {{"Condition": {{"StringEquals": {{"sts:ExternalId": "{external_id}"}}}}}}' in said  # fmt: skip  # noqa: E501
    refused = story.bob_asks()
    assert (refused.status_code, refused.json()["code"]) == (403, "role_denied")
    assert "the owner of the account Partner Ltd" in refused.json()["detail"]

    story.owner_trusts(statement(StringEquals={"sts:ExternalId": external_id}))
    code, said = story.operator("register", PARTNER)
    assert code == 0, said
    story.world.forget_calls()
    given = story.bob_asks()
    assert given.status_code == 200, given.text
    assert given.json()["AccountId"] == PRODUCTION
    assert len(story.world.calls("AssumeRole")) == 1  # proven is proven

    story.owner_trusts(statement())
    assert story.operator("check")[0] == 1
    assert story.bob_asks().status_code == 403  # not even what is kept for him
    assert "thirdparty.drift" in [event["kind"] for event in story.office.gateway.events()]
    status, checks = story.ready()
    assert (status, checks["third_parties"]) == (200, "1 of their roles closed; the log says why")


def test_throttled_at_registration_is_unknown_and_opens_nothing(story: Story) -> None:
    story.owner_trusts(statement(StringEquals={"sts:ExternalId": story.external_id()}))
    story.world.turn(throttle_every=1)
    code, said = story.operator("register", PARTNER)
    assert code == 1, said
    assert re.search(r"the right external id +yes +unknown Throttling", said)
    assert story.bob_asks().status_code == 503
    story.world.turn(throttle_every=0)
    assert story.operator("register", PARTNER)[0] == 0
    assert story.bob_asks().status_code == 200


@pytest.mark.needs("postgresql")
def test_without_its_database_the_gateway_gives_out_its_own_roles_and_says_what_is_wrong(
    world: World, tmp_path: Path
) -> None:
    with PostgreSql(tmp_path) as server:
        told = {"WEB_CONCURRENCY": "1", "FEDGATE_DATABASE_URL": server.new_database()}
        with open_office(world, environment=told) as office:
            bob, tokens = office.terminal("bob")
            story = Story(world, office, bob, tokens)
            server.kill()
            assert ask(office.url, bob, tokens, READ_ONLY).status_code == 200
            story.set_the_scene()
            answer = story.bob_asks()
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
            status, checks = story.ready()
            assert (status, checks["database"]) == (200, "database.OperationalError")
            server.start()
            assert story.ready()[1]["database"] == "ok"
            story.owner_trusts(statement(StringEquals={"sts:ExternalId": story.external_id()}))
            assert story.bob_asks().status_code == 200


def test_nobody_registers_what_is_not_in_the_catalog(story: Story) -> None:
    code, said = story.operator("register", f"arn:aws:iam::{PRODUCTION}:role/Other")
    assert (code, 'no role of an account with zone = "third-party"' in said) == (2, True)
    assert story.operator()[0] == 2
