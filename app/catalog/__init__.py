"""Book 2: accounts, roles and rules. The catalog is the file `catalog.toml`; its shape is in the README.

Owned: reading and checking it, and noticing that it changed. A changed file is used from the next request
on; one with problems is refused as a whole, the last good one stays in use, and `/readyz` and the log say so:
half a catalog would take roles away from people without anybody having meant it.

    shape.py      the file as it is written
    reading.py    the whole: from the file to what decisions look at
    accounts.py   roles.py   rules.py    entry by entry, noting every problem on the way
    book.py       the catalog in use, and its changes
"""

from app.catalog.book import Catalog, Known
from app.catalog.reading import load_catalog
from app.catalog.shape import CatalogShape

__all__ = ["Catalog", "CatalogShape", "Known", "load_catalog"]
