"""How long AWS tools wait: the Rust SDK gives its helper 5 seconds, and a gateway that is at work half a minute."""

from __future__ import annotations

import fcntl
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from app.cli import profile_map, sign_in
from app.cli.deadline import HURRY, PROBE, SILENCE, WORK, Deadline, since
from app.cli.profile_map import Profile
from app.cli.selection import MAX_WAIT
from tests.cli.conftest import keep_sign_in, with_seconds
from tests.cli.fake_answers import UPDATE_APP
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.patience import NEVER, SECONDS, without_waiting

FOR_SILENCE = WORK / 2  # seconds: more than silence is ever given on the busiest machine, and less than work is


@pytest.fixture
def silence() -> Iterator[int]:
    """A port at which everybody is let in and nobody is answered."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=50)) as listening:
        yield listening.getsockname()[1]


@pytest.fixture
def nowhere() -> Iterator[int]:
    """A port that lets nobody in: its queue is full, so that connecting takes for ever."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as listening:
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]
        for one in waiting:
            one.close()


def test_silence_of_every_kind_ends_before_the_rust_sdk_gives_up(
    signed_in: Terminal, gateway: Gateway, silence: int, nowhere: int
) -> None:
    kinds = {
        "nothing says the gateway": f"http://127.0.0.1:{silence}",
        "no end of the TLS handshake": f"https://127.0.0.1:{silence}",
        "nobody lets us in": f"http://127.0.0.1:{nowhere}",
        "no end of the renewal": f"http://localhost:{silence}",
    }
    profiles = []
    for name, address in kinds.items():
        gateway.address = address
        keep_sign_in(gateway)
        profiles.append(Profile(name.replace(" ", "-"), UPDATE_APP, address))
    profile_map.save(profiles)
    spent = sign_in.load(f"http://localhost:{silence}")
    assert spent
    spent.access_expires = 0
    sign_in.save(spent)
    for name, took in ends(signed_in, [one.name for one in profiles]).items():
        assert took < FOR_SILENCE, name


def test_an_answer_that_comes_byte_by_byte_is_no_gateway_at_work(signed_in: Terminal, gateway: Gateway) -> None:
    """On a bad line, and behind a proxy that hangs, `/healthz` comes no faster."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        threading.Thread(target=trickle, args=(listening,), daemon=True).start()
        gateway.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        keep_sign_in(gateway)
        profile_map.save([Profile("drop.by.drop", UPDATE_APP, gateway.address)])
        assert ends(signed_in, ["drop.by.drop"])["drop.by.drop"] < FOR_SILENCE


def trickle(listening: socket.socket) -> None:
    """Begins every answer, and ends none."""
    begun: list[socket.socket] = []
    listening.settimeout(0.3)
    for _ in range(1_000):
        with suppress(OSError):
            begun.append(listening.accept()[0])
            begun[-1].sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{")
        for one in begun:
            with suppress(OSError):
                one.sendall(b" ")


def ends(terminal: Terminal, profiles: list[str]) -> dict[str, float]:
    """Seconds. All at once, since each of them only waits."""
    before = time.monotonic()
    running = {name: terminal.start("credential-process", "--profile", name) for name in profiles}
    took: dict[str, float] = {}
    while len(took) < len(running):
        took |= {name: time.monotonic() - before for name in running if name not in took and over(running[name])}
        time.sleep(0.02)
    for one in running.values():
        out, err = one.communicate()
        assert (one.returncode, out) == (3, "")
        assert "timed out" in err
    return took


def over(one: subprocess.Popen[str]) -> bool:
    return one.poll() is not None


def test_a_gateway_that_is_at_work_is_waited_for_by_all(signed_in: Terminal, gateway: Gateway, tmp_path: Path) -> None:
    """AWS is slow at times. Those who wait for the lock wait on, and none of them asks again. With more seconds than
    people have, between the question whether the gateway lives and the end of everybody's patience."""
    patience = {"MAX_WAIT": 7.0, "SILENCE": 7.5, "PROBE": 5.0}
    signed_in.pyz = with_seconds(tmp_path / "fedgate.pyz", patience)
    gateway.delay = 9.0
    started = [signed_in.start("credential-process", "--profile", "production.UpdateApp") for _ in range(4)]
    answers = {(one.communicate(timeout=60), one.returncode) for one in started}
    [((out, err), code)] = answers
    assert (code, err) == (0, "")
    assert out.startswith('{"Version":1,')
    assert gateway.calls["/api/v1/credentials"] == 1
    assert gateway.calls["/healthz"] == 1


def test_a_lock_that_nobody_lets_go_is_waited_for_no_longer(signed_in: Terminal) -> None:
    signed_in.credentials()
    signed_in.age(4000)
    [path] = signed_in.cached()
    with Path(f"{path}.lock").open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        typed = signed_in.credentials()
    assert (typed.code, typed.out) == (6, "")
    assert f"busy after {MAX_WAIT} s" in typed.err


@pytest.mark.parametrize(
    "said",
    ["", "soon", "0", str(int(time.time()) + 3600), str(int(time.time()) - 5), "9" * 30],
    ids=["empty", "word", "long_ago", "in_an_hour", "just_over", "beyond_all_time"],
)
def test_what_a_lock_says_that_nobody_means_is_not_believed(signed_in: Terminal, said: str) -> None:
    signed_in.credentials()
    signed_in.age(4000)
    [path] = signed_in.cached()
    Path(f"{path}.lock").write_text(said)
    with Path(f"{path}.lock").open("r+b") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert signed_in.type("credential-process", "--profile", "production.UpdateApp", "--max-wait", "0.2").code == 6


def test_waiting_for_the_lock_and_for_the_gateway_together_end_before_the_rust_sdk_gives_up() -> None:
    assert max(MAX_WAIT, HURRY, SILENCE) < 4.5
    now = time.monotonic()
    assert since(now - MAX_WAIT / 2) == now - MAX_WAIT / 2  # whoever waited counts that as well


@pytest.fixture
def never() -> Iterator[Callable[[], bool]]:
    """A call that ends with the test."""
    over = threading.Event()
    yield lambda: over.wait(NEVER)
    over.set()


def clock(*moments: float) -> Callable[[], float]:
    """Each of them in turn, and the last one from then on."""
    left = list(moments)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


def test_a_call_that_never_ends_is_left_behind(never: Callable[[], bool]) -> None:
    """As a look-up of a name may, when the network is gone: nothing in Python bounds it."""
    with without_waiting(), pytest.raises(TimeoutError):
        Deadline(time.monotonic(), silence=0.2, work=0.0).kept(never, lambda: True)


def test_who_is_alive_has_until_the_end_of_work_and_no_longer(never: Callable[[], bool]) -> None:
    heard: list[float] = []
    moments = clock(0, 60 - PROBE, 0, 120 - 0.25)  # begun; asked whether it lives; it does; so much is left
    until = Deadline(0, silence=60, work=120, at_work=heard.append, clock=moments)
    with without_waiting(), pytest.raises(TimeoutError):
        until.kept(never, lambda: True)
    assert heard == [0.25]


@pytest.mark.parametrize("is_alive", [lambda: False, lambda: 1 / 0, None])
def test_who_is_not_alive_has_not(never: Callable[[], bool], is_alive: Callable[[], bool] | None) -> None:
    heard: list[float] = []
    moments = clock(0, 60 - PROBE, 60 - 0.25)
    until = Deadline(0, silence=60, work=NEVER, at_work=heard.append, clock=moments)
    with without_waiting(), pytest.raises(TimeoutError):
        until.kept(never, is_alive or never)
    assert heard == []


def test_what_cannot_end_in_time_is_not_begun() -> None:
    begun: list[int] = []
    until = Deadline(time.monotonic() - 9, silence=5)
    with pytest.raises(TimeoutError):
        until.kept(lambda: begun.append(1), lambda: True)
    assert begun == []


def test_what_the_call_brings_is_handed_on() -> None:
    until = Deadline(time.monotonic(), silence=SECONDS)
    assert until.kept(lambda: 7, lambda: True) == 7
    with pytest.raises(ZeroDivisionError):
        until.kept(lambda: 1 / 0, lambda: True)
