"""From the file, or from entries, to what decisions look at; or every problem that it has."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from app.catalog.accounts import Accounts
from app.catalog.entries import Entries, Kind, document
from app.catalog.problems import Problems
from app.catalog.roles import Roles
from app.catalog.rules import Rules
from app.catalog.shape import CatalogShape
from app.core.decisions import CatalogView
from app.core.proof import Passing
from app.errors import ConfigurationProblems
from app.toml_files import Fitting, parse_what_fits, read_text

NOBODY: Mapping[str, Passing] = MappingProxyType({})


def load_catalog(
    path: Path, provider_ids: Iterable[str] | None, passing: Mapping[str, Passing] = NOBODY
) -> CatalogView:
    """Raises ConfigurationProblems with everything that is wrong, each with file, key and what was expected.

    `provider_ids` is None if gateway.toml could not be read: then nothing is said about providers. `passing` has the
    providers whose statements are kept for AWS (`passthrough = true`), and the method that takes them.
    """
    text = read_text(path)
    fitting = parse_what_fits(text, str(path), CatalogShape)
    return _view(fitting, str(path), hashlib.sha256(text.encode()).hexdigest()[:16], provider_ids, passing)


def read_entries(
    found: Entries, version: str, provider_ids: Iterable[str], passing: Mapping[str, Passing] = NOBODY
) -> CatalogView:
    """The same of entries that have the right shape; problems name the entries instead of counting them."""
    shape = CatalogShape.model_validate_json(json.dumps(document(found)))
    try:
        return _view(Fitting(shape, [], frozenset()), _CATALOG, version, provider_ids, passing)
    except ConfigurationProblems as numbered:
        names = {kind.value: [key.name for key in found if key.kind is kind] for kind in Kind}
        raise ConfigurationProblems([_named(problem, names) for problem in numbered.problems]) from None


def _view(
    fitting: Fitting[CatalogShape],
    where: str,
    version: str,
    provider_ids: Iterable[str] | None,
    passing: Mapping[str, Passing],
) -> CatalogView:
    problems = Problems(where, list(fitting.problems))
    accounts = Accounts(fitting, problems).read()
    roles = Roles(fitting, problems, accounts).read()
    known = None if provider_ids is None else frozenset(provider_ids)
    rules = Rules(fitting, problems, roles, known, passing).read()
    if problems.sentences:
        raise ConfigurationProblems(problems.sentences)
    return CatalogView(version, accounts, roles, tuple(rules))


_CATALOG = "catalog"
_NUMBERED = re.compile(rf"{_CATALOG}: (account|role|rule)\[([0-9]+)\]\.?")


def _named(problem: str, names: Mapping[str, Sequence[str]]) -> str:
    """`catalog: rule[2].groups: ...` as `rule developers: groups: ...`."""
    place = _NUMBERED.match(problem)
    if place is None:
        return problem
    return f"{place[1]} {names[place[1]][int(place[2]) - 1]}: {problem[place.end() :].removeprefix(': ')}"
