"""Planners over real Redis that ask the strict local AWS; the clock is theirs alone."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.core.roles import Account, AccountId, Method, Role
from app.issuers.asked import AskedOfAws
from app.issuers.aws import Aws
from app.local.aws.server import LocalAws
from app.planning import AccountKnowledge, PersonKnowledge, Planner
from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from tests.core.people import person
from tests.forges.saml import SamlForge
from tests.issuance.doors import Clock
from tests.issuers.ways import a_way
from tests.local.aws.bench import EVERYTHING, PRODUCTION, Bench, OidcIssuer, keys_of, trust

ALICE, BOB = person("alice").person, person("bob").person
OWN = Account(AccountId(PRODUCTION), "Production")


@dataclass(slots=True)
class Study:
    """A gateway that knows nothing yet; each planner is one more worker of it."""

    bench: Bench
    redis_url: str
    monkeypatch: pytest.MonkeyPatch
    clock: Clock = field(default_factory=Clock)
    sealing_key: bytes = field(default_factory=lambda: secrets.token_bytes(32))

    def planner(self, redis_url: str = "") -> Planner:
        drawers, sealer = connect(redis_url or self.redis_url), Sealer([self.sealing_key])
        return Planner(
            Shelf("account", AccountKnowledge, drawers, sealer),
            Shelf("refused", PersonKnowledge, drawers, sealer),
            AskedOfAws(Aws()),
            self.clock,
        )

    def signs_as(self, credentials: Mapping[str, Any]) -> None:
        for name, value in keys_of(credentials).items():
            self.monkeypatch.setenv(name.upper(), value)

    def role(self, name: str, minutes: int, method: Method = Method.ASSUME_ROLE, **more: Any) -> Role:
        """One that AWS has, with this MaxSessionDuration; the catalog says twelve hours."""
        policy = trust({"AWS": f"arn:aws:iam::{PRODUCTION}:root"}, "sts:AssumeRole")
        return a_way(method, self.bench.role(name, policy, MaxSessionDuration=60 * minutes), **more)

    def asked(self, action: str) -> int:
        return sum(call["action"] == action for call in self.bench.aws.calls.entries())


@pytest.fixture
def study(redis_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Study]:
    """The gateway is the user `broker` of Production, who may ask everything."""
    with LocalAws() as aws:
        bench = Bench(aws, SamlForge("https://aws.example.com/issuer/saml"), OidcIssuer())
        for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"):
            monkeypatch.delenv(name, raising=False)
        for name in ("CONFIG_FILE", "SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(f"AWS_{name}", str(tmp_path / name))
        for service in ("STS", "IAM"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", aws.url)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        found = Study(bench, redis_url, monkeypatch)
        found.signs_as(bench.user("broker", EVERYTHING, account=PRODUCTION))
        yield found
