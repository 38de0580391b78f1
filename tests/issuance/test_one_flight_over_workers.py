"""200 requests for the same credentials at the same moment, over two workers: one call to STS."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.issuance.conftest import NOWHERE
from tests.issuance.crowd import all_at_once, crowd, once
from tests.office import Office
from tests.patience import until
from tests.prompt import ask
from tests.world import DEVELOPER, READ_ONLY, UPDATE_APP, World

MANY = 200
pytestmark = pytest.mark.slow


def test_two_hundred_at_once_make_one_call(world: World, office: Office) -> None:
    _, alice = office.terminal("alice")
    world.turn(latency_ms={"AssumeRoleWithSAML": 1500})
    before = _journal(office)
    outcomes = all_at_once(office.url, [(alice, UPDATE_APP)] * MANY)
    assert Counter(outcome.status for outcome in outcomes) == {200: MANY}
    assert len({tuple(sorted(outcome.body.items())) for outcome in outcomes}) == 1
    assert len(world.calls("AssumeRoleWithSAML")) == 1
    assert _journal(office) - before == {
        "credentials.intended": 1,
        "credentials.issued": 1,
        "credentials.reused": MANY - 1,
    }


@pytest.mark.parametrize(
    ("role", "action"), [(DEVELOPER, "AssumeRoleWithWebIdentity"), (READ_ONLY, "AssumeRole")], ids=["token", "own key"]
)
def test_so_do_the_other_methods(world: World, office: Office, role: str, action: str) -> None:
    _, alice = office.terminal("alice")
    world.turn(latency_ms={action: 800})
    outcomes = all_at_once(office.url, [(alice, role)] * 60)
    assert {outcome.status for outcome in outcomes} == {200}
    assert len({outcome.key for outcome in outcomes}) == len(world.calls(action)) == 1


def test_killing_the_worker_that_leads_loses_nobody_else(world: World, fresh_office: Office) -> None:
    _, alice = fresh_office.terminal("alice")
    world.turn(latency_ms={"AssumeRoleWithSAML": 8000})
    before = fresh_office.gateway.workers()
    with crowd(fresh_office.url, [(alice, UPDATE_APP)] * MANY) as coming:
        leader = _who_speaks_with(world.aws, before)
        time.sleep(1.2)  # one renewal of the lease
        assert world.calls("AssumeRoleWithSAML") == [], "the call was to be in flight"
        os.kill(leader, signal.SIGKILL)
        world.turn(latency_ms={"AssumeRoleWithSAML": 500})
        outcomes = [future.result() for future in coming]
    dropped = [outcome for outcome in outcomes if outcome.status == 0]
    assert Counter(outcome.status for outcome in outcomes if outcome.status) == {200: MANY - len(dropped)}
    assert 0 < len(dropped) < MANY, "one worker of two was killed while both were waiting"
    again = [once(fresh_office.url, alice, UPDATE_APP) for _ in dropped]
    assert len({outcome.key for outcome in [*outcomes, *again] if outcome.status}) == 1
    assert {outcome.status for outcome in again} == {200}
    # The killed leader's call, which AWS answered to nobody, and its successor's.
    until(lambda: len(world.calls("AssumeRoleWithSAML")) == 2)
    assert leader not in fresh_office.gateway.workers()
    until(lambda: len(fresh_office.gateway.workers()) == 2)


def test_two_people_never_share(world: World, office: Office) -> None:
    _, alice = office.terminal("alice")
    _, bob = office.terminal("bob")
    _, carla = office.terminal("carla")
    world.turn(latency_ms={"AssumeRole": 800})
    outcomes = all_at_once(office.url, [(alice, READ_ONLY), (bob, READ_ONLY), (carla, READ_ONLY)] * 40, minutes=45)
    assert {outcome.status for outcome in outcomes} == {200}
    by_person = {who.access: {o.key for o in outcomes if o.asked == who} for who in (alice, bob, carla)}
    assert [len(keys) for keys in by_person.values()] == [1, 1, 1]
    assert len(set.union(*by_person.values())) == 3
    calls = world.calls("AssumeRole")
    assert sorted(str(call["session_name"]).partition("@")[0] for call in calls) == ["alice", "bob", "carla"]
    names = {str(call["access_key_id"]): str(call["session_name"]).partition("@")[0] for call in calls}
    assert [names[str(*by_person[who.access])] for who in (alice, bob, carla)] == ["alice", "bob", "carla"]


def test_when_aws_says_no_two_hundred_hear_it_and_aws_is_asked_about_once(world: World, office: Office) -> None:
    _, alice = office.terminal("alice")
    world.turn(latency_ms={"AssumeRoleWithSAML": 1000})
    outcomes = all_at_once(office.url, [(alice, NOWHERE)] * MANY)
    assert Counter(outcome.status for outcome in outcomes) == {502: MANY}
    assert {outcome.body["code"] for outcome in outcomes} == {"aws_refused"}
    assert len({outcome.body["detail"] for outcome in outcomes}) == 1
    assert "trust policy" in str(outcomes[0].body["detail"])
    # The refusal is shared for two seconds; who comes later on a slow machine asks anew.
    assert 1 <= len(world.calls("AssumeRoleWithSAML")) <= MANY // 10


def test_throttling_is_an_answer_that_says_when_to_come_back(world: World, office: Office) -> None:
    _, alice = office.terminal("alice")
    world.turn(throttle_every=1)
    outcomes = all_at_once(office.url, [(alice, UPDATE_APP)] * 60, minutes=45)
    assert {(outcome.status, outcome.body["code"]) for outcome in outcomes} == {(503, "aws_unavailable")}
    assert {int(outcome.retry_after) for outcome in outcomes} == {5}
    assert len(world.calls("AssumeRoleWithSAML")) <= 3 * 6, "three tries of one flight, and few flights"
    world.turn(throttle_every=0)
    time.sleep(2.1)  # until the shared failure has gone
    browser, bob = office.terminal("bob")
    assert ask(office.url, browser, bob, READ_ONLY).status_code == 200
    assert once(office.url, alice, UPDATE_APP, minutes=45).status == 200


def _journal(office: Office) -> Counter[str]:
    kinds = (str(event["kind"]) for event in office.gateway.events())
    return Counter(kind for kind in kinds if kind.startswith("credentials."))


def _who_speaks_with(address: str, workers: list[int]) -> int:
    """The one worker that has a connection to this loopback address."""
    port = urlsplit(address).port
    found: list[int] = []

    def speaks() -> bool:
        sockets = set(_sockets_to(int(port or 0)))
        found.extend(pid for pid in workers if sockets & set(_sockets_of(pid)))
        return bool(found)

    until(speaks, "no worker called AWS")
    [leader] = found  # nobody else speaks with AWS
    return leader


def _sockets_to(port: int) -> Iterator[str]:
    """Inodes of established connections (proc_pid_net(5): state 01) whose other end is this port."""
    for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]:
        fields = line.split()
        if fields[3] == "01" and fields[2].endswith(f":{port:04X}"):
            yield f"socket:[{fields[9]}]"


def _sockets_of(pid: int) -> Iterator[str]:
    for path in Path(f"/proc/{pid}/fd").iterdir():
        try:
            yield str(path.readlink())
        except OSError:
            continue  # closed meanwhile
