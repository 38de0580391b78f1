"""The last test of the run: what was planted from its beginning is found in no log, journal, Redis or error page."""

from __future__ import annotations

import re

from tests.leaks.ending import error_pages, in_redis, left_behind, logs
from tests.leaks.planted import PLANTED
from tests.leaks.search import Place, arguments
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
    assert left_behind(world) == []
    sought = set(PLANTED.secrets().values())
    assert sought >= KINDS, f"never seen: {KINDS - sought}"


def test_there_was_something_to_search(world: World) -> None:
    written = logs(world)
    assert {"gateway.log", "stack.log", "identity-provider.log", "local-aws.log"} <= {_file(place) for place in written}
    assert any(place.content for place in written if _file(place).startswith("audit-"))
    assert in_redis(PLANTED.watched()), "every Redis is empty"
    assert len(error_pages()) >= 10
    assert any(b"gunicorn" in place.content for place in arguments())


def test_the_name_of_a_key_says_no_more_than_its_shelf(world: World) -> None:
    names = [place.content for place in in_redis([one for one in PLANTED.watched() if one.url == world.main.url])]
    assert names
    assert [name[:60] for name in names if not _NAME.match(name)] == []


def _file(place: Place) -> str:
    return place.name.rpartition("/")[2]
