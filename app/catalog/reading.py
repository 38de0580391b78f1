"""From the file to what decisions look at; or every problem that it has."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from app.catalog.accounts import Accounts
from app.catalog.problems import Problems
from app.catalog.roles import Roles
from app.catalog.rules import Rules
from app.catalog.shape import CatalogShape
from app.core.decisions import CatalogView
from app.core.proof import Passing
from app.errors import ConfigurationProblems
from app.toml_files import parse_what_fits, read_text

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
    problems = Problems(str(path), list(fitting.problems))
    accounts = Accounts(fitting, problems).read()
    roles = Roles(fitting, problems, accounts).read()
    known = None if provider_ids is None else frozenset(provider_ids)
    rules = Rules(fitting, problems, roles, known, passing).read()
    if problems.sentences:
        raise ConfigurationProblems(problems.sentences)
    return CatalogView(hashlib.sha256(text.encode()).hexdigest()[:16], accounts, roles, tuple(rules))
