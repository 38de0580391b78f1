"""`python -m app.catalog`: the catalog from the command line, with the gateway's settings and as its user.

    plan FILE               what would change if the catalog became this catalog.toml
    apply FILE REASON       make it so
    export [NUMBER]         the catalog, or an older version of it, as catalog.toml
    history                 who changed it when and why
    compare FROM TO         what differs between two versions
    restore NUMBER REASON   an older version, as a new one
    import FORMAT FILE --provider ID [--groups FILE] [--method saml|assume_role] [--onto FILE] [--toml | --apply REASON]
                            what another tool has (consoleme, adfs, keycloak, aws-auth, csv) would add and change

A gateway with FEDGATE_CATALOG takes its catalog from that file, and nothing of this, except of
`import … --onto FILE --toml`, which writes the file as it would be.

Exit codes: 0 done (plan, import, compare: nothing differs), 1 refused (those: something differs), 2 wrong usage or
settings.
"""

from __future__ import annotations

import getpass
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from app.catalog.differences import UNSAID, Change, Difference, differences
from app.catalog.editing import Editing, Origin
from app.catalog.entries import Entries, entries
from app.catalog.importing import joined
from app.catalog.importing.command import asked, told
from app.catalog.reading import read_entries
from app.catalog.shape import CatalogShape
from app.catalog.toml_writing import as_toml
from app.catalog.versions import Author, Proposal, Version
from app.errors import ConfigurationProblems, GatewayError
from app.settings import Settings
from app.toml_files import parse_what_fits, read_text

_SIGNS = {Change.ADDED: "+", Change.CHANGED: "~", Change.REMOVED: "-"}


def plan(editing: Editing, file: str) -> int:
    return _told(editing.plan(_read(file)))


def apply(editing: Editing, file: str, reason: str) -> int:
    wanted = _read(file)
    newest = editing.versions.newest()
    _told(editing.plan(wanted))
    return _saved(editing.save(Proposal(newest, wanted, _author(), reason), Origin()))


def export(editing: Editing, number: str = "") -> int:
    versions = editing.versions
    sys.stdout.write(as_toml(versions.entries(int(number) if number else versions.newest())))
    return 0


def history(editing: Editing) -> int:
    for version in editing.versions.latest(100):
        why = version.reason + (f" (version {version.restored} again)" if version.restored else "")
        print(f"{version.number:>5}  {version.made_at:%Y-%m-%d %H:%M}  {version.author.name:<24}  {why}")
    return 0


def compare(editing: Editing, older: str, newer: str) -> int:
    return _told(differences(editing.versions.entries(int(older)), editing.versions.entries(int(newer))))


def restore(editing: Editing, number: str, reason: str) -> int:
    return _saved(editing.restore(int(number), _author(), reason, Origin()))


def bring(editing: Editing, *words: str) -> int:
    """Notes go to standard error: the catalog or the plan may be kept."""
    wish = asked(words)
    if wish is None:
        return _usage()
    base = editing.versions.newest() if not wish.onto else 0
    present = _read(wish.onto) if wish.onto else editing.versions.entries(base)
    found = joined(wish.read(), present, wish.way)
    known = editing.known()
    print(*told(found), sep="\n", file=sys.stderr)
    read_entries(found.entries, "proposed", known.providers, known.passing)
    if wish.toml:
        sys.stdout.write(as_toml(found.entries))
        return 0
    differs = _told(differences(present, found.entries))
    if wish.reason is None:
        return differs
    return _saved(editing.save(Proposal(base, found.entries, _author(), wish.reason), Origin()))


def _read(file: str) -> Entries:
    fitting = parse_what_fits(read_text(Path(file)), file, CatalogShape)
    if fitting.problems:
        raise ConfigurationProblems(fitting.problems)
    return entries(fitting.tables)


def _told(found: Sequence[Difference]) -> int:
    for one in found:
        print(f"{_SIGNS[one.change]} {one.key}")
        for field in one.fields if one.change is Change.CHANGED else ():
            print(f"    {field.field}: {_said(field.before)} -> {_said(field.after)}")
    if not found:
        print("Nothing differs.")
    return 1 if found else 0


def _said(value: object) -> str:
    return "(default)" if value is UNSAID else json.dumps(value, ensure_ascii=False)


def _saved(version: Version) -> int:
    print(f"The catalog is now version {version.number}.")
    return 0


def _author() -> Author:
    """Whose login on this machine it is; the journal has no other word for somebody without a sign-in."""
    return Author(f"{getpass.getuser()} (command line)")


_COMMANDS: dict[str, tuple[Callable[..., int], range]] = {
    "plan": (plan, range(1, 2)),
    "apply": (apply, range(2, 3)),
    "export": (export, range(2)),
    "history": (history, range(1)),
    "compare": (compare, range(2, 3)),
    "restore": (restore, range(2, 3)),
    "import": (bring, range(3, 20)),
}


def run(editing: Editing, arguments: Sequence[str]) -> int:
    command, counts = _COMMANDS.get(arguments[0] if arguments else "", (None, range(0)))
    given = arguments[1:]
    numbers = given if command in (export, compare) else given[:1] if command is restore else ()
    if command is None or len(given) not in counts or not all(re.fullmatch("[0-9]{1,9}", text) for text in numbers):
        return _usage()
    return command(editing, *given)


def _usage() -> int:
    print(__doc__, file=sys.stderr)
    return 2


def main(arguments: Sequence[str]) -> int:
    from app.parts import editing_from

    if not arguments or arguments[0] not in _COMMANDS:  # who asks how it is used needs no settings for that
        return _usage()
    try:
        return run(editing_from(Settings.from_environment()), arguments)
    except ConfigurationProblems as error:
        print(error.sentence, file=sys.stderr)
        return 2
    except GatewayError as error:
        print(f"{error.sentence} ({error.reason})", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
