"""Alembic's own entry: runs on the connection, and inside the transaction and the lock, that `move.py` made."""

from __future__ import annotations

from alembic import context

from app.database.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,  # SQLite alters tables by writing them anew
)
context.run_migrations()
