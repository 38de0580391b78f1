"""External ids, and what came of trying roles with and without them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_ids",
        sa.Column("value", sa.String(64), nullable=False),
        sa.Column("account", sa.String(12), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("value", name="pk_external_ids"),
        sa.UniqueConstraint("account", "number", name="uq_external_ids_account_number"),
    )
    op.create_table(
        "trials",
        sa.Column("role", sa.String(600), nullable=False),
        sa.Column("external_id", sa.String(64), nullable=False),
        sa.Column("with_right", sa.String(80), nullable=False),
        sa.Column("with_wrong", sa.String(80), nullable=False),
        sa.Column("with_none", sa.String(80), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True)),
        sa.Column("standing", sa.String(10), nullable=False),
        sa.PrimaryKeyConstraint("role", name="pk_trials"),
        sa.ForeignKeyConstraint(["external_id"], ["external_ids.value"], name="fk_trials_external_id"),
    )


def downgrade() -> None:
    op.drop_table("trials")
    op.drop_table("external_ids")
