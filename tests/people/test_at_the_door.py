"""Where people come to be remembered: at a sign-in, which never waits for it in vain, and when groups are renewed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from app.core.identity import Identity
from app.parts import renewing
from app.providers.arrival import Renewal
from app.providers.oidc.provider import OidcProvider
from tests.core.people import NOW, person
from tests.office import open_office
from tests.servers.process import free_port
from tests.world import World


def test_a_database_that_is_away_keeps_nobody_out(world: World) -> None:
    away = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    with open_office(world, environment={"FEDGATE_DATABASE_URL": away}) as office:
        for key in ("alice", "bob"):
            office.arrive(key)
        assert "people are not remembered right now" in office.gateway.log.read_text("utf-8")


def provider(answer: Identity | None) -> OidcProvider:
    """Its groups were changed since; or somebody else answers."""

    class Provider(OidcProvider):
        def __init__(self) -> None:
            """Only what is asked here."""

        def renew(self, upstream: Mapping[str, str], identity: Identity, now: datetime) -> Renewal | None:
            return None if answer is None else Renewal(answer, {})

    return Provider()


ANA = person("ana", "dev")
LATER = NOW + timedelta(hours=1)


@pytest.mark.parametrize(
    ("answer", "remembered"),
    [
        (replace(ANA, groups=frozenset({"ops"}), verified_at=LATER), [frozenset({"ops"})]),
        (person("ben", "ops", verified_at=LATER), []),  # which `Upstreams` refuses
        (ANA, []),  # new tokens, and no new word about the groups
        (None, []),
    ],
)
def test_renewed_groups_are_remembered_if_they_are_the_same_persons(
    answer: Identity | None, remembered: list[frozenset[str]]
) -> None:
    noted: list[Identity] = []
    renew = renewing(lambda _id: provider(answer), noted.append)
    found = renew({}, ANA, NOW)
    assert (None if found is None else found.identity) == answer
    assert [one.groups for one in noted] == remembered
