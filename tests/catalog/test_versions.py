"""The history of the catalog, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from app.catalog.entries import Entries, Key, Kind
from app.catalog.versions import Author, Proposal, Versions
from app.core.identity import Identity, Person
from app.database.engine import Database
from app.errors import CatalogConflict, ConfigurationProblems, NotFound

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CARLA, DORA = Author("carla", Person("corp", "s-carla")), Author("dora", Person("corp", "s-dora"))
ACCOUNT = {Key(Kind.ACCOUNT, "111111111111"): {"id": "111111111111", "name": "Development"}}


@pytest.fixture
def versions(database_url: str) -> Iterator[Versions]:
    database = Database(database_url)
    yield Versions(database, lambda: NOW)
    database.close()


def rule(name: str, **fields: object) -> Entries:
    return {Key(Kind.RULE, name): {"id": name, "provider": "corp", **fields}}


def saved(versions: Versions, base: int, entries: Entries, author: Author = CARLA) -> int:
    return versions.save(Proposal(base, entries, author, "because"), lambda *_: None).number


def test_before_the_first_version_the_catalog_is_empty(versions: Versions) -> None:
    assert (versions.newest(), versions.entries(0), list(versions.latest(10))) == (0, {}, [])


def test_a_version_remembers_who_when_why_and_everything(versions: Versions) -> None:
    wanted = {**ACCOUNT, **rule("ä", note="ß „x“", groups=["Größe"], expires="2027-01-31T00:00:00Z")}
    assert saved(versions, 0, wanted) == 1
    found = versions.version(1)
    assert (found.author, found.reason, found.made_at, found.base) == (CARLA, "because", NOW, 0)
    assert versions.entries(1) == wanted


def test_the_longest_name_identifier_fits_and_a_longer_name_is_cut(versions: Versions) -> None:
    who = Identity("corp", "s" * 256, "n" * 1024, frozenset(), NOW, NOW)
    saved(versions, 0, ACCOUNT, Author.of(who))
    assert versions.version(1).author == Author("n" * 256, who.person)


def test_an_old_version_is_still_there_after_others(versions: Versions) -> None:
    for number in range(4):
        saved(versions, number, rule(f"r{number}"))
    assert versions.entries(2) == rule("r1")
    assert [found.number for found in versions.latest(2)] == [4, 3]
    assert [found.number for found in versions.latest(9, before=3)] == [2, 1]


@pytest.mark.parametrize("number", [1, 7, -1])
def test_a_version_that_does_not_exist_is_not_found(versions: Versions, number: int) -> None:
    for ask in (versions.entries, versions.version):
        with pytest.raises(NotFound):
            ask(number)


def test_two_admins_who_began_with_the_same_version_lose_nothing(versions: Versions) -> None:
    saved(versions, 0, ACCOUNT)
    saved(versions, 1, {**ACCOUNT, **rule("a")}, CARLA)
    assert saved(versions, 1, {**ACCOUNT, **rule("b")}, DORA) == 3
    assert versions.entries(3) == {**ACCOUNT, **rule("a"), **rule("b")}


def test_a_change_that_cannot_be_joined_is_refused_and_nothing_is_written(versions: Versions) -> None:
    saved(versions, 0, rule("a", note="one"))
    saved(versions, 1, rule("a", note="two"), CARLA)
    with pytest.raises(CatalogConflict, match=r"rule a \(note\)") as refused:
        saved(versions, 1, rule("a", note="three"), DORA)
    assert refused.value.newest == versions.newest() == 2


def test_a_joined_catalog_that_has_problems_is_not_written(versions: Versions) -> None:
    def check(*_: Entries) -> None:
        raise ConfigurationProblems(["rule a: no such role"])

    with pytest.raises(ConfigurationProblems):
        versions.save(Proposal(0, rule("a"), CARLA, ""), check)
    assert versions.newest() == 0


def test_twenty_people_at_once_lose_nothing(versions: Versions) -> None:
    versions.database.prepare()
    with ThreadPoolExecutor(8) as crowd:
        numbers = list(crowd.map(lambda n: saved(versions, 0, rule(f"r{n}")), range(20)))
    assert sorted(numbers) == list(range(1, 21))
    assert versions.entries(20).keys() == {Key(Kind.RULE, f"r{n}") for n in range(20)}
