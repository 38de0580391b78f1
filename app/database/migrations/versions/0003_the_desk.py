"""What the admin's desk remembers: people, activity, and changes that wait for a second person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.types import TypeEngine

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _bytewise(length: int) -> TypeEngine[str]:
    return sa.String(length).with_variant(sa.String(length, collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("groups", sa.Text, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("provider", "subject", name="pk_people"),
    )
    op.create_index("ix_people_seen_at", "people", ["seen_at"])
    op.create_table(
        "activity",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("line", sa.String(64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(256), nullable=False),
        sa.Column("name", sa.String(256), nullable=False),
        sa.Column("account", sa.String(12), nullable=False),
        sa.Column("role", sa.String(600), nullable=False),
        sa.Column("access_key_id", _bytewise(128), nullable=False),
        sa.Column("address", _bytewise(64), nullable=False),
        sa.Column("reference", sa.String(16), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_activity"),
        sa.UniqueConstraint("line", name="uq_activity_line"),
    )
    for column in ("at", "name", "account", "role", "access_key_id", "address", "reference"):
        op.create_index(f"ix_activity_{column}", "activity", [column])
    op.create_index("ix_activity_provider_subject", "activity", ["provider", "subject"])
    op.create_index("ix_activity_kind_at", "activity", ["kind", "at"])
    op.create_table(
        "proposals",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_provider", sa.String(32), nullable=False),
        sa.Column("author_subject", sa.String(256), nullable=False),
        sa.Column("author_name", sa.String(256), nullable=False),
        sa.Column("reason", sa.String(500), nullable=False),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("document", sa.LargeBinary, nullable=False),
        sa.Column("needs", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("restored", sa.Integer),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_provider", sa.String(32)),
        sa.Column("decided_subject", sa.String(256)),
        sa.Column("decided_name", sa.String(256)),
        sa.Column("answer", sa.String(500)),
        sa.Column("version", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_proposals"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_proposals_state", "proposals", ["state"])


def downgrade() -> None:
    for table in ("proposals", "activity", "people"):
        op.drop_table(table)
