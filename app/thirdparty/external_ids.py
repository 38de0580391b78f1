"""External ids: the gateway makes one for each account, nobody chooses it, and it never changes hands.

It is not a secret (it stands in trust policies) but must not be guessable, or somebody could put our id for another
owner into a request (STS API Reference, AssumeRole, ExternalId: 2-1224 characters of `[\\w+=,.@:/-]`).

While an owner changes a trust policy there may be two, newest first. The older one is dropped when no role needs it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, insert, select, update

from app.core.roles import AccountId
from app.database.engine import Database
from app.database.tables import external_ids
from app.errors import InvalidRequest

_BYTES = 20  # 160 bits; at least 128 are advised


def new_external_id(random_hex: Callable[[int], str] = token_hex) -> str:
    """48 characters, never made twice: not by this gateway, and not by another one."""
    return f"fedgate-{random_hex(_BYTES)}"


@dataclass(frozen=True, slots=True)
class ExternalIds:
    """Every method raises DatabaseUnavailable."""

    database: Database
    clock: Callable[[], datetime]

    def of(self, account: AccountId) -> tuple[str, ...]:
        """One, or two during a change; newest first. The first is made when it is first asked for."""
        with self.database.reading() as connection:
            found = _live(connection, account)
        return found or self._first(account)

    def add(self, account: AccountId) -> tuple[str, ...]:
        """A second one beside the first. Raises InvalidRequest if there are two already."""
        self.of(account)
        with self.database.changing() as connection:
            live = _live(connection, account)
            if len(live) != 1:
                raise InvalidRequest(
                    f"The account {account} already has two external ids. Drop the older one first.",
                    reason="thirdparty.rotation",
                )
            self._make(connection, account)
            return _live(connection, account)

    def drop_older(self, account: AccountId) -> tuple[str, ...]:
        """Only the newest stays. What was dropped is remembered, so that it is never given again."""
        with self.database.changing() as connection:
            older = _live(connection, account)[1:]
            connection.execute(
                update(external_ids).where(external_ids.c.value.in_(older)).values(dropped_at=self.clock())
            )
            return _live(connection, account)

    def _first(self, account: AccountId) -> tuple[str, ...]:
        with self.database.changing() as connection:
            if not _live(connection, account):  # another worker may have been faster
                self._make(connection, account)
            return _live(connection, account)

    def _make(self, connection: Connection, account: AccountId) -> None:
        made = connection.execute(select(external_ids.c.number).where(external_ids.c.account == account)).scalars()
        connection.execute(
            insert(external_ids).values(
                value=new_external_id(), account=account, number=max(made, default=0) + 1, made_at=self.clock()
            )
        )


def _live(connection: Connection, account: AccountId) -> tuple[str, ...]:
    column = external_ids.c
    rows = select(column.value).where(column.account == account, column.dropped_at.is_(None))
    return tuple(connection.execute(rows.order_by(column.number.desc())).scalars())
