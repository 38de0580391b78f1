"""The one door: in which order things happen, and what happens when one of them fails."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from app.access.flow import Access
from app.audit import verify
from app.core.credentials import Credentials
from app.core.decisions import Purpose
from app.core.events import Kind
from app.core.roles import RoleArn
from app.errors import (
    AuditUnavailable,
    AwsRefused,
    AwsUnavailable,
    GatewayError,
    InvalidRequest,
    RoleDenied,
    SignInRequired,
    StoreUnavailable,
    TooManyRequests,
)
from app.issuance import REFUSALS_A_MINUTE, GivenOut, Issuance, KeptCredentials, LastEnd, Principal, Request
from app.issuers.console import Console
from app.store.counters import Counters
from app.store.flight import Flights
from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from tests.core.people import NOW, UPDATE_APP, person
from tests.issuance.doors import CATALOG, Clock, Door, open_door
from tests.servers.redis_server import RedisServer

SHORT = "arn:aws:iam::999999999999:role/Short"
ALICE = person("alice", "Developers")


@pytest.fixture
def door(redis_url: str, tmp_path: Path) -> Door:
    return open_door(redis_url, tmp_path, secrets.token_bytes(32), Clock())


def links_of(door: Door) -> Access:
    """The console links of a gateway with this door."""
    issuance = door.issuance
    return Access(
        "https://aws.example.com",
        issuance.catalog,
        issuance,
        issuance.planner,
        issuance.third_parties,
        Console(),
        issuance.audit,
        issuance.clock,
    )


def test_first_the_intention_then_the_call_then_the_record_then_the_answer(door: Door) -> None:
    given = door.ask()
    assert door.steps == ["credentials.intended", "mint", "credentials.issued"]
    intended, issued = door.records()
    assert intended["facts"] == {
        "role": UPDATE_APP,
        "purpose": "cli",
        "session": "handle",
        "rule": "developers",
        "group": "Developers",
        "catalog": door.issuance.catalog.view().version,
        "method": "assume_role",
        "session_name": door.aws.orders[0].session_name,
        "seconds": 7200,
        "packed_percent": 0,
        "tags_left_out": [],
    }
    facts = issued["facts"]
    assert isinstance(facts, dict)
    assert (facts["access_key_id"], facts["expires_at"]) == (given.access_key_id, "2026-11-21T14:00:00Z")
    assert (issued["address"], issued["reference"], issued["subject"]) == ("192.0.2.7", "K7Q2-M9XA", ALICE.subject)


def test_the_journal_never_holds_what_opens_anything(door: Door) -> None:
    given = door.ask()
    door.ask()
    written = "".join(path.read_text() for path in door.directory.glob("*.jsonl"))
    assert given.access_key_id in written
    assert given.secret_access_key not in written
    assert given.session_token not in written


def test_if_the_intention_cannot_be_recorded_aws_is_not_asked(door: Door) -> None:
    door.journal.fails_at = Kind.CREDENTIALS_INTENDED
    with pytest.raises(AuditUnavailable):
        door.ask()
    assert door.steps == []


def test_if_the_issue_cannot_be_recorded_nobody_gets_them_now_or_later(door: Door) -> None:
    door.journal.fails_at = Kind.CREDENTIALS_ISSUED
    with pytest.raises(AuditUnavailable):
        door.ask()
    door.journal.fails_at = None
    assert door.ask().access_key_id == "ASIAEXAMPLE00002"


def test_what_can_be_found_again_is_what_a_sign_out_knows_of(door: Door) -> None:
    away = Shelf("given", LastEnd, connect("redis://127.0.0.1:1/0"), Sealer([secrets.token_bytes(32)]))
    with pytest.raises(StoreUnavailable):
        replace(door, issuance=replace(door.issuance, given=GivenOut(away, door.clock))).ask()
    assert door.ask().expires_at == door.issuance.given.until(ALICE.person)


def test_if_the_reuse_cannot_be_recorded_nothing_is_handed_out(door: Door) -> None:
    door.ask()
    door.journal.fails_at = Kind.CREDENTIALS_REUSED
    with pytest.raises(AuditUnavailable):
        door.ask()


def test_who_is_not_given_the_role_gets_a_sentence_and_a_line_in_the_journal(door: Door) -> None:
    with pytest.raises(RoleDenied) as refused:
        door.ask(person("bob", "Staff"))
    assert refused.value.reason == "denied.not_given"
    assert door.steps == ["credentials.refused"]
    facts = door.records()[0]["facts"]
    assert isinstance(facts, dict)
    assert facts["considered"] == ["developers: needs one of the groups Developers"]


def test_a_group_taken_away_counts_at_once_although_credentials_are_kept(door: Door) -> None:
    door.ask()
    with pytest.raises(RoleDenied):
        door.ask(replace(ALICE, groups=frozenset()))


def test_a_rule_taken_out_of_the_file_counts_at_once(door: Door) -> None:
    door.ask()
    path = door.directory.parent / "catalog.toml"
    path.write_text(CATALOG.replace('groups = ["Developers"]', 'groups = ["Nobody"]'))
    with pytest.raises(RoleDenied):
        door.ask()


def test_a_session_that_has_ended_gets_nothing(door: Door) -> None:
    door.ask()
    door.clock.forward(hours=8)
    with pytest.raises(SignInRequired):
        door.ask()
    assert door.steps[-1] == "credentials.issued"


@pytest.mark.parametrize(("asked", "got"), [(None, 7200), (7200, 7200), (900, 900), (7201, 7200), (43_200, 7200)])
def test_a_request_may_shorten_and_never_lengthen(door: Door, asked: int | None, got: int) -> None:
    assert door.ask(seconds=asked).expires_at == NOW + timedelta(seconds=got)
    assert door.aws.orders[0].seconds == got


@pytest.mark.parametrize("asked", [-1, 0, 899, 43_201, 10**12])
def test_a_length_that_aws_does_not_know_is_refused(door: Door, asked: int) -> None:
    with pytest.raises(InvalidRequest):
        door.ask(seconds=asked)
    assert door.aws.orders == []


@pytest.mark.parametrize(
    ("purpose", "minutes", "reused"),
    [
        (Purpose.CLI, 105, True),
        (Purpose.CLI, 106, False),
        (Purpose.CONSOLE, 12, True),
        (Purpose.CONSOLE, 13, False),
    ],
)
def test_credentials_are_used_again_while_enough_is_left_of_them(
    door: Door, purpose: Purpose, minutes: int, reused: bool
) -> None:
    first = door.ask()
    door.clock.forward(minutes=minutes)
    second = door.ask(purpose=purpose)
    assert (second == first) is reused
    assert (door.steps[-1] == "credentials.reused") is reused


def test_the_shortest_sessions_are_shared_too_but_only_for_a_moment(door: Door) -> None:
    first = door.ask(role=SHORT)
    door.clock.forward(seconds=30)
    assert door.ask(role=SHORT) == first
    door.clock.forward(seconds=1)
    assert door.ask(role=SHORT) != first


def test_when_aws_gives_less_than_was_asked_the_console_still_uses_it_again(door: Door) -> None:
    """Role chaining: one hour, whatever the role allows."""
    door.aws.at_most = 3600
    first = door.ask(purpose=Purpose.CONSOLE)
    door.clock.forward(minutes=5)
    assert door.ask(purpose=Purpose.CONSOLE) == first


def test_two_people_and_two_lengths_never_share(door: Door) -> None:
    asked = [
        door.ask(),
        door.ask(person("bob", "Developers")),
        door.ask(seconds=3600),
        door.ask(role=SHORT),
        door.ask(person("alice", "Developers", name="alice.new@example.test")),
    ]
    assert len({given.access_key_id for given in asked}) == len(asked)


def test_bobs_credentials_in_alices_place_are_not_given_to_alice(door: Door) -> None:
    """As if Redis, or its client, had answered another question (CVE-2023-28858)."""
    door.ask()
    bobs = KeptCredentials("corp", "subject-of-bob", "ASIABOB", "s", "t", NOW, NOW + timedelta(hours=2), "9" * 12, "")

    class Confused(Shelf[KeptCredentials]):
        def get(self, key: str) -> KeptCredentials | None:
            return bobs

    confused = Confused("credentials", KeptCredentials, connect("unix:///nowhere"), Sealer([bytes(32)]))
    confused.put = lambda *_: None  # type: ignore[method-assign]
    given = replace(door.issuance, cache=confused)
    crossed = Door(given, door.clock, door.aws, door.journal, door.steps, door.directory, door.live)
    assert crossed.ask().access_key_id == "ASIAEXAMPLE00002"


@pytest.mark.parametrize(
    "error",
    [
        AwsRefused("AWS said no.", reason="aws.AccessDenied 1-2-3"),
        AwsUnavailable("AWS does not answer.", reason="aws.Throttling", retry_after=5),
    ],
)
def test_of_thirty_who_wait_for_what_aws_refuses_one_asks_and_all_are_told_the_same(
    door: Door, error: GatewayError
) -> None:
    door.aws.fails, door.aws.takes = error, 0.3
    with ThreadPoolExecutor(30) as threads:
        told = list(threads.map(lambda _: _told(door), range(30)))
    assert {(type(e), str(e), e.reason, e.retry_after) for e in told} == {
        (type(error), str(error), error.reason, error.retry_after)
    }
    assert len(door.aws.orders) == 1
    assert door.steps == ["credentials.intended", "mint", "credentials.refused"]


def test_after_a_refusal_the_next_try_asks_aws_again(door: Door) -> None:
    door.aws.fails = AwsRefused("AWS said no.")
    assert isinstance(_told(door), AwsRefused)
    door.aws.fails = None
    door.clock.forward(seconds=2.1)
    assert door.ask().access_key_id == "ASIAEXAMPLE00002"


def test_two_hundred_at_once_at_two_doors_make_one_call(redis_url: str, tmp_path: Path) -> None:
    key, clock = secrets.token_bytes(32), Clock()
    workers = [open_door(redis_url, tmp_path, key, clock) for _ in range(2)]
    for worker in workers:
        worker.aws.takes = 0.3
    with ThreadPoolExecutor(200) as threads:
        given: list[Credentials] = list(threads.map(lambda n: workers[n % 2].ask(), range(200)))
    assert len(set(given)) == 1
    assert sum(len(worker.aws.orders) for worker in workers) == 1
    entries = workers[0].records()
    assert [entry["kind"] for entry in entries] == ["credentials.intended", "credentials.issued"] + [
        "credentials.reused"
    ] * 199
    assert list(verify(workers[0].directory)) == []


def test_one_person_may_make_thirty_calls_a_minute_for_a_role_and_others_are_not_held_up(door: Door) -> None:
    for n in range(30):
        door.ask(seconds=900 + 60 * n)
    assert isinstance(_told(door, seconds=7200), TooManyRequests)
    assert len(door.aws.orders) == 30
    door.ask(person("bob", "Developers"))
    door.ask(role=SHORT)


def test_who_asks_over_and_over_for_what_is_not_theirs_fills_no_disk(door: Door) -> None:
    erin = person("erin", "Nobody")
    for _ in range(REFUSALS_A_MINUTE):
        with pytest.raises(RoleDenied):
            door.ask(erin)
    for _ in range(2):
        with pytest.raises(TooManyRequests):
            door.ask(erin)
    with pytest.raises(TooManyRequests):
        links_of(door).role_named(
            door.principal(erin), "999999999999", "NoSuchRole"
        )  # a picture in any page can ask for it
    assert len(door.records()) == REFUSALS_A_MINUTE
    door.ask()


def test_a_link_to_a_role_that_does_not_exist_is_on_record(door: Door) -> None:
    erin = door.principal(person("erin", "Nobody"))
    with pytest.raises(RoleDenied, match="gives you the role NoSuchRole in account 999999999999"):
        links_of(door).role_named(erin, "999999999999", "NoSuchRole")
    (line,) = door.records()
    assert line["kind"] == "credentials.refused"
    assert line["facts"] == {"role": "999999999999/NoSuchRole", "reason": "not_given", "session": "handle"}


def test_without_redis_nothing_is_issued(door: Door, start_redis: Callable[[], RedisServer]) -> None:
    server = start_redis()
    drawers, sealer = connect(server.url), Sealer([secrets.token_bytes(32)])
    server.kill()
    gone: Issuance = replace(
        door.issuance,
        cache=Shelf("credentials", KeptCredentials, drawers, sealer),
        flights=Flights(drawers, sealer),
        counters=Counters(drawers, sealer),
    )
    dark = Door(gone, door.clock, door.aws, door.journal, door.steps, door.directory, door.live)
    assert isinstance(_told(dark), StoreUnavailable)
    assert door.aws.orders == []


def _told(door: Door, seconds: int | None = None) -> GatewayError:
    with pytest.raises(GatewayError) as told:
        door.ask(seconds=seconds)
    return told.value


def test_roles_behind_one_device_share_the_few_guesses_at_its_code(door: Door) -> None:
    """Or ten roles would be ten times as many guesses at one code."""
    device = 'method = "assume_role"\nmfa_serial = "arn:aws:iam::999999999999:mfa/phone"'
    path = door.directory.parent / "catalog.toml"
    path.write_text(path.read_text("utf-8").replace('method = "assume_role"', device), "utf-8")
    principal = Principal(door.signed_in(person("alice", "Developers")), "192.0.2.7", "K7Q2-M9XA")
    door.aws.fails = AwsRefused("no", reason="aws.AccessDenied")
    for number in range(5):
        role = RoleArn(UPDATE_APP if number % 2 else f"{UPDATE_APP.rpartition('/')[0]}/Short")
        with pytest.raises(AwsRefused):
            door.issuance.issue(principal, Request(role, Purpose.CLI, mfa_code=f"00000{number}"))
    with pytest.raises(TooManyRequests):
        door.issuance.issue(principal, Request(RoleArn(UPDATE_APP), Purpose.CLI, mfa_code="000009"))
    assert len(door.aws.orders) == 5


def test_a_sign_out_in_the_middle_of_a_flight_lets_nothing_out_and_leaves_nothing_to_find(door: Door) -> None:
    alice = person("alice", "Developers")
    door.signed_in(alice)
    door.aws.meanwhile = lambda: door.live.end(alice.person)
    assert isinstance(_told(door), SignInRequired)
    assert [record["kind"] for record in door.records()][-1] == "credentials.refused"
    door.aws.meanwhile = None
    door.sessions.clear()  # she signs in again
    door.ask(alice)
    assert len(door.aws.orders) == 2
