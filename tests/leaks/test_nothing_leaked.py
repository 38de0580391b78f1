"""The last test of the run: what was planted from its beginning is found in no log, journal, Redis or error page."""

from __future__ import annotations

import re

from tests.leaks.planted import PLANTED
from tests.leaks.search import Place, arguments, kept, leaks, written
from tests.servers.people import PEOPLE
from tests.world import World

# Had the run handed out none of these, the search would find nothing because it sought nothing.
KINDS = {
    "access token",
    "authorization code",
    "client secret",
    "console token",
    "cookie fedgate",
    "cookie fedgate-attempt",
    "code verifier",
    "form token",
    "password",
    "private key",
    "refresh token",
    "SAML response",
    "sealing key",
    "secret key",
    "session token",
    "state",
    "ticket",
}
_NAME = re.compile(rb"fg:[a-z:._ ]+:[0-9a-f]{40}\n")


def test_the_whole_run_left_no_secret_behind(world: World) -> None:
    PLANTED.plant("password", *(person.password for person in PEOPLE))
    PLANTED.plant_json((world.stack / "aws.json").read_text("utf-8"))  # every session that AWS has given out
    sought = PLANTED.secrets()
    assert set(sought.values()) >= KINDS, f"never seen: {KINDS - set(sought.values())}"
    logs = [*written(world.folder), *(place for one in PLANTED.watched() for place in written(one.folder))]
    assert {"gateway.log", "stack.log", "identity-provider.log", "local-aws.log"} <= {_file(place) for place in logs}
    assert any(place.content for place in logs if _file(place).startswith("audit-"))
    assert leaks(sought, logs) == []


def test_no_redis_holds_one_either(world: World) -> None:
    each = {one.redis_url: one for one in PLANTED.watched()}  # gateways share one
    places = [place for one in each.values() for place in kept(one)]
    assert places, "every Redis is empty"
    assert leaks(PLANTED.secrets(), places) == []
    names = [place.content for one in PLANTED.watched() if one.url == world.main.url for place in kept(one)]
    assert [name[:60] for name in names if not _NAME.match(name)] == [], "a key whose name says more than its shelf"


def test_nor_does_an_error_page() -> None:
    pages = [Place(f"{page.status} of {page.address}", page.body) for page in PLANTED.pages()]
    assert len(pages) >= 10
    assert leaks(PLANTED.not_for_pages(), pages) == []


def test_nor_do_the_arguments_of_a_process() -> None:
    places = list(arguments())
    assert any(b"gunicorn" in place.content for place in places)
    assert leaks(PLANTED.secrets(), places) == []


def _file(place: Place) -> str:
    return place.name.rpartition("/")[2]
