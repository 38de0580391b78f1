"""What must outlive Redis and the day: one database, SQLite or PostgreSQL, the same for every worker and replica.

    with database.reading() as connection: ...       a view that does not change underneath
    with database.changing() as connection: ...      alone: what was looked at is still so when it is written

Owned: the connection, its failures (DatabaseUnavailable), the shape (`tables.py`) and the steps that lead to it
(`migrations/`, taken by whichever process starts first). Not owned: what the rows mean; that is each book's.
"""
