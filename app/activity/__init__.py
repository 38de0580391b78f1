"""The journal once more, for searching: who took what, when, from where, and whose an AccessKeyId was.

    the journal, files     ──► following.py   reads new lines, from where the book ends
    the journal, a stream  ──► pending.py     keeps them for a moment: a stream cannot be read back
                           ──► entries.py     a line as columns ──► book.py ──► searching.py
    persons.py                                people, as they were last seen

The journal stays the record: it is written first, and nothing waits for this. What a database that is away has missed
is caught up with when it is back (of a stream: as much as fits in memory). The book holds nothing that is not in the
journal, so it can be thrown away; `python -m app.activity rebuild` reads the journal in again.

Owned: the table `activity`. Not owned: what is recorded (`core.events`), the table `people`, the pages (`admin`).
"""

from app.activity.book import ActivityBook
from app.activity.entries import Entry
from app.activity.pending import Pending
from app.activity.persons import Known, Persons, Seen
from app.activity.rounds import ActivityRounds
from app.activity.searching import Search

__all__ = ["ActivityBook", "ActivityRounds", "Entry", "Known", "Pending", "Persons", "Search", "Seen"]
