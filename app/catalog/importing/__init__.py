"""What people have today, as entries of the catalog: ConsoleMe, AD FS, Keycloak, and lists.

Owned: reading other tools' files, each in a file of its own: `Source -> Imported`, pure. What has no equal here is told
in words and left out; nothing is guessed, and nothing is made to give more than it gave before.

    imported.py   grants.py      what comes out, and how it is collected
    json_text.py  yaml_text.py   the two notations, bounded; a word stays a word (an account id is no number)
    consoleme.py  adfs.py (claim_rules.py, group_regexes.py)  keycloak.py (keycloak_roles.py)  lists.py
    joining.py    with the catalog that there is: adds and changes, never removes
    formats.py    their names
"""

from app.catalog.importing.formats import FORMATS, read
from app.catalog.importing.imported import Imported, Source
from app.catalog.importing.joining import Joined, joined

__all__ = ["FORMATS", "Imported", "Joined", "Source", "joined", "read"]
