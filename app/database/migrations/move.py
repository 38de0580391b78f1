"""Leads a database to the newest shape. The caller holds the lock: two workers that start together take turns."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

NEWEST = "0003"


class Newer(Exception):
    """A later release of the gateway has moved the database on; this one must not touch it."""


def is_newest(connection: Connection) -> bool:
    """Whether nothing is to do. Costs no import of Alembic, which most starts do not need. Raises Newer."""
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found is not None and str(found) > NEWEST:
        raise Newer(str(found))
    return found == NEWEST


def move(connection: Connection) -> None:
    """Every step that is missing, in the caller's transaction: all of them or none."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
