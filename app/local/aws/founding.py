"""Accounts as they are on the first day: each with one IAM user who may do everything, and its key.

Keys are never given on a command line, where every user of the machine could read them: they are made here,
or come from a file (or standard input).
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from app.local.aws.arns import PARTITIONS
from app.local.aws.policy.managed import EVERYTHING
from app.local.aws.things import AccessKey, Account, PolicyChange, User
from app.local.aws.world import World

OPERATOR = "operator"


@dataclass(frozen=True, slots=True)
class FirstKey:
    """An account and the access key of its operator."""

    account: Account
    access_key_id: str
    secret_access_key: str = field(repr=False)


DEFAULT_ACCOUNTS = (Account("111111111111", "Development"), Account("999999999999", "Production"))


def new_keys(
    accounts: Sequence[Account], key_id: Callable[[str], str], secret: Callable[[], str]
) -> tuple[FirstKey, ...]:
    return tuple(FirstKey(account, key_id("AKIA"), secret()) for account in accounts)


def found(world: World, keys: Sequence[FirstKey], new_id: Callable[[str], str], now: datetime) -> None:
    """Adds the accounts that are not there yet; a world that was kept stays as it was."""
    for key in keys:
        account = key.account
        world.accounts[account.id] = account
        arn = f"arn:{account.partition}:iam::{account.id}:user/{OPERATOR}"
        if arn not in world.users:
            first = (PolicyChange(datetime.min.replace(tzinfo=now.tzinfo), "everything", EVERYTHING),)
            user_id = new_id("AIDA")
            world.users[arn] = User(arn, account.id, account.partition, "/", OPERATOR, user_id, now, changes=first)
        world.keys[key.access_key_id] = AccessKey(key.access_key_id, key.secret_access_key, account.id, OPERATOR, now)


def read_keys(text: str) -> tuple[FirstKey, ...]:
    """`[{"id", "name", "partition"?, "access_key_id", "secret_access_key"}, ...]`. Raises ValueError."""
    try:
        return tuple(
            FirstKey(
                Account(entry["id"], entry["name"], _partition(entry.get("partition", "aws"))),
                entry["access_key_id"],
                entry["secret_access_key"],
            )
            for entry in json.loads(text)
        )
    except (KeyError, TypeError, AttributeError):
        raise ValueError("expected a list of objects with id, name, access_key_id, secret_access_key") from None


def _partition(name: str) -> str:
    if name not in PARTITIONS:
        raise ValueError(f"no such partition: {name!r}; one of {', '.join(PARTITIONS)}")
    return name


def write_keys(keys: Sequence[FirstKey], file: Path) -> None:
    """With mode 0600 from the first byte on."""
    entries = [
        {
            "id": key.account.id,
            "name": key.account.name,
            "partition": key.account.partition,
            "access_key_id": key.access_key_id,
            "secret_access_key": key.secret_access_key,
        }
        for key in keys
    ]
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
        json.dump(entries, target, indent=1)
