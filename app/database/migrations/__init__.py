"""The steps from an empty database to `tables.METADATA`, in Alembic's form. `move.py` takes them."""
