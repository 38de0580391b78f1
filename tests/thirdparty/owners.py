"""A gateway of Development, and Production as somebody else's account: its owner writes trust policies.

The AWS is the strict local one, the calls are boto3's, Redis and the database are real; only the clock is ours.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from app.audit import JournalFiles
from app.catalog import Catalog, CatalogFile
from app.core.roles import AccountId, Role, RoleArn
from app.database.engine import Database
from app.issuers.aws import Aws
from app.issuers.trials import RoleTrials
from app.local.aws.server import LocalAws
from app.store.flight import Flights
from app.store.redis import connect
from app.store.sealing import Sealer
from app.thirdparty.book import TrialBook
from app.thirdparty.external_ids import ExternalIds
from app.thirdparty.gate import ThirdParties
from app.thirdparty.prober import Prober

DEVELOPMENT, PRODUCTION = AccountId("111111111111"), AccountId("999999999999")
PARTNER = RoleArn(f"arn:aws:iam::{PRODUCTION}:role/Partner")
GATEWAY = f"arn:aws:iam::{DEVELOPMENT}:user/fedgate"
THREE = ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity")
CATALOG = f"""
[[account]]
id = "{PRODUCTION}"
name = "Production"
zone = "third-party"
[[role]]
arn = "{PARTNER}"
label = "Partner"
method = "assume_role"
tags = {{ Team = "payments", CostCenter = "{{attribute.costCenter}}" }}
"""


class Clock:
    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def forward(self, **by: float) -> None:
        self.ahead += timedelta(**by)


def statement(actions: tuple[str, ...] = THREE, **condition: object) -> dict[str, object]:
    """What an owner writes for the gateway; `StringEquals={"sts:ExternalId": ...}` is a condition."""
    said: dict[str, object] = {"Effect": "Allow", "Principal": {"AWS": GATEWAY}, "Action": list(actions)}
    return said | ({"Condition": condition} if condition else {})


@dataclass(frozen=True, slots=True)
class Partnership:
    parties: ThirdParties
    flights: Flights
    aws: LocalAws
    clock: Clock
    directory: Path

    @property
    def role(self) -> Role:
        return self.parties.catalog.view().roles[PARTNER]

    @property
    def external_id(self) -> str:
        return self.parties.ids.of(PRODUCTION)[0]

    def trust(self, *statements: dict[str, object]) -> None:
        """The owner's new trust policy."""
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
        owner = self.iam(PRODUCTION)
        try:
            owner.create_role(RoleName="Partner", AssumeRolePolicyDocument=document)
        except owner.exceptions.EntityAlreadyExistsException:
            owner.update_assume_role_policy(RoleName="Partner", PolicyDocument=document)

    def asks_for(self, *values: str) -> None:
        """The owner does as told: exactly these external ids."""
        self.trust(statement(StringEquals={"sts:ExternalId": list(values)}))

    def iam(self, account: str) -> Any:
        return client(self.aws, account)

    def asked(self) -> int:
        return sum(call["action"] == "AssumeRole" for call in self.aws.calls.entries())

    def journal(self) -> list[str]:
        files = sorted((self.directory / "audit").glob("*.jsonl"))
        whole = [path.read_bytes().rpartition(b"\n")[0] for path in files]  # a line without its end is being written
        return [json.loads(line)["kind"] for lines in whole for line in lines.splitlines()]


def client(aws: LocalAws, account: str) -> Any:
    config = Config(proxies={}, retries={"max_attempts": 1})
    return boto3.client("iam", endpoint_url=aws.url, region_name="eu-west-1", config=config, **aws.operator(account))


@contextmanager
def open_partnership(
    database_url: str, redis_url: str, directory: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Partnership]:
    with LocalAws() as aws:
        _become_the_gateway(aws, monkeypatch)
        (directory / "catalog.toml").write_text(CATALOG, "utf-8")
        clock, database = Clock(), Database(database_url)
        flights = Flights(connect(redis_url), Sealer([secrets.token_bytes(32)]))
        parties = ThirdParties(
            Catalog(CatalogFile(directory / "catalog.toml"), []),
            ExternalIds(database, clock),
            TrialBook(database),
            Prober(RoleTrials(Aws())),
            flights,
            JournalFiles(directory / "audit", clock),
            clock,
        )
        yield Partnership(parties, flights, aws, clock, directory)
        database.close()


def _become_the_gateway(aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> None:
    """An IAM user of Development that may assume roles anywhere, as the process's own credentials."""
    iam = client(aws, DEVELOPMENT)
    iam.create_user(UserName="fedgate")
    may = {"Effect": "Allow", "Action": list(THREE), "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": may})
    iam.put_user_policy(UserName="fedgate", PolicyName="roles", PolicyDocument=policy)
    key = iam.create_access_key(UserName="fedgate")["AccessKey"]
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    told = {
        "AWS_ACCESS_KEY_ID": key["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"],
        "AWS_ENDPOINT_URL_STS": aws.url,
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    for name, value in told.items():
        monkeypatch.setenv(name, value)
