"""Book 2: accounts, roles and rules. Their shape is in the README, under catalog.toml.

Owned: the catalog's history, reading and checking it, and noticing that it changed. A change is used from the next
request on; one with problems is refused as a whole, the last good one stays in use, and `/readyz` and the log say so:
half a catalog would take roles away from people without anybody having meant it.

    shape.py      the tables as they are written
    reading.py    the whole: from the tables to what decisions look at
    accounts.py   roles.py   rules.py    entry by entry, noting every problem on the way
    entries.py    differences.py   merging.py    entries with names: compared, and joined where two people edit at once
    versions.py   the history, in the database
    editing.py    a change: checked as a whole, on record, saved
    second_person.py   four_eyes.py   drafts.py    who must agree, what becomes of it, and where it waits
    documents.py  views.py    what was read a moment ago, so that it is read once
    sources.py    where the catalog comes from: a file, or the history
    book.py       the catalog in use, and its changes
"""

from app.catalog.book import Catalog
from app.catalog.known import Known
from app.catalog.reading import load_catalog
from app.catalog.shape import CatalogShape
from app.catalog.sources import CatalogFile, CatalogHistory

__all__ = ["Catalog", "CatalogFile", "CatalogHistory", "CatalogShape", "Known", "load_catalog"]
