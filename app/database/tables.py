"""Every table, in one place; `migrations/versions` leads an older database here, and a test compares the two."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

MOST_OF_A_NAME = 256  # characters: SAML's persistent identifiers have as many (Core, 8.3.7)

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware time, kept as UTC. SQLite forgets the zone, and a naive time would be somebody's local one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("expected a time with its zone")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# A row is never altered but for `dropped_at`, and never removed: a value that was somebody's is nobody else's.
external_ids = Table(
    "external_ids",
    METADATA,
    Column("value", String(64), primary_key=True),
    Column("account", String(12), nullable=False),
    Column("number", Integer, nullable=False),  # 1, 2, 3 ... of the account
    Column("made_at", Instant, nullable=False),
    Column("dropped_at", Instant),
    UniqueConstraint("account", "number"),  # two workers that make the first one at once make one
)

trials = Table(
    "trials",
    METADATA,
    Column("role", String(600), primary_key=True),  # its ARN
    Column("external_id", String(64), ForeignKey("external_ids.value"), nullable=False),
    Column("with_right", String(80), nullable=False),  # "yes", "no" or "unknown", and AWS's code
    Column("with_wrong", String(80), nullable=False),
    Column("with_none", String(80), nullable=False),
    Column("tried_at", Instant, nullable=False),
    Column("proven_at", Instant),  # of the last trial that passed
    Column("standing", String(10), nullable=False),  # "open" or "closed"
)

# A row is never altered and never removed: it says who may become what from then until the next one.
catalog_versions = Table(
    "catalog_versions",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),  # 1, 2, 3 ...; the highest is in force
    Column("made_at", Instant, nullable=False),
    Column("author_provider", String(32), nullable=False),  # empty: somebody on the gateway's own machine
    Column("author_subject", String(MOST_OF_A_NAME), nullable=False),
    Column("author_name", String(MOST_OF_A_NAME), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("base", Integer, nullable=False),  # the version that the author had before them
    Column("restored", Integer),  # the older version that this one brings back
    Column("document", LargeBinary, nullable=False),  # JSON of the three tables, packed by zlib
)


def _bytewise(length: int) -> TypeEngine[str]:
    """In the order of its bytes, as SQLite has it anyway: "all that begin so" is then a range of the index."""
    return String(length).with_variant(String(length, collation="C"), "postgresql")


# Who signed in lately, with the groups that they had, so that a change can be tried on them before it is saved.
people = Table(
    "people",
    METADATA,
    Column("provider", String(32), primary_key=True),
    Column("subject", String(MOST_OF_A_NAME), primary_key=True),
    Column("name", String(MOST_OF_A_NAME), nullable=False),
    Column("groups", Text, nullable=False),  # JSON: a sorted list
    Column("attributes", Text, nullable=False),  # JSON: name to list, of the operator's `attributes`
    Column("seen_at", Instant, nullable=False, index=True),
)

# The journal once more, for searching. The journal is the record; this can be thrown away and read in again.
activity = Table(
    "activity",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("line", String(64), nullable=False, unique=True),  # SHA-256 of the journal's line: read twice, kept once
    Column("at", Instant, nullable=False, index=True),
    Column("kind", String(40), nullable=False),
    Column("provider", String(32), nullable=False),
    Column("subject", String(MOST_OF_A_NAME), nullable=False),
    Column("name", String(MOST_OF_A_NAME), nullable=False, index=True),
    Column("account", String(12), nullable=False, index=True),
    Column("role", String(600), nullable=False, index=True),
    Column("access_key_id", _bytewise(128), nullable=False, index=True),
    Column("address", _bytewise(64), nullable=False, index=True),
    Column("reference", String(16), nullable=False, index=True),
    Column("facts", Text, nullable=False),  # JSON
    Index("ix_activity_provider_subject", "provider", "subject"),
    Index("ix_activity_kind_at", "kind", "at"),
)

# A change on its way: not yet saved, or waiting for a second person.
proposals = Table(
    "proposals",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("made_at", Instant, nullable=False),
    Column("author_provider", String(32), nullable=False),
    Column("author_subject", String(MOST_OF_A_NAME), nullable=False),
    Column("author_name", String(MOST_OF_A_NAME), nullable=False),
    Column("reason", String(500), nullable=False),
    Column("base", Integer, nullable=False),
    Column("document", LargeBinary, nullable=False),  # the whole catalog as its author wants it, as in a version
    Column("needs", Text, nullable=False),  # JSON: why it needs a second person, sentence by sentence
    Column("state", String(10), nullable=False, index=True),  # `catalog.drafts.State`
    Column("restored", Integer),  # the older version that it brings back
    Column("decided_at", Instant),
    Column("decided_provider", String(32)),  # of whoever decided
    Column("decided_subject", String(MOST_OF_A_NAME)),
    Column("decided_name", String(MOST_OF_A_NAME)),
    Column("answer", String(500)),  # why it was refused, or what a review found
    Column("version", Integer),  # what it became
    sqlite_autoincrement=True,  # or the number of a change that is gone is given again, and the journal names it
)
