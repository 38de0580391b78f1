"""A disk on which nothing can be written any more: work goes on as long as it can, and no sign-in is lost."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import BY_PROFILE, Terminal, Typed


def full() -> None:
    """No file may grow, which for the program is the same."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def on_a_full_disk(terminal: Terminal, *words: str) -> Typed:
    ran = subprocess.run(
        terminal.command(*(words or BY_PROFILE)),
        env=terminal.env,
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=full,
        check=False,
    )
    return Typed(ran.returncode, ran.stdout, ran.stderr)


def test_what_was_fetched_is_handed_out_although_it_cannot_be_kept(signed_in: Terminal, gateway: Gateway) -> None:
    typed = on_a_full_disk(signed_in)
    assert (typed.code, typed.err) == (0, "")
    assert "EXAMPLETOKEN1" in typed.out
    assert "EXAMPLETOKEN2" in signed_in.credentials().out
    assert gateway.calls["/api/v1/credentials"] == 2


def test_a_refresh_token_is_not_spent_when_its_successor_cannot_be_kept(signed_in: Terminal, gateway: Gateway) -> None:
    """Past the grace, the spent one would end the sign-in."""
    gateway.grace = 0
    gateway.spend_access_tokens()
    typed = on_a_full_disk(signed_in)
    assert (typed.code, typed.out) == (2, "")
    assert "sign-in: File too large" in typed.err
    assert gateway.calls["grant:refresh_token"] == 0
    assert signed_in.credentials().code == 0


def test_what_still_lives_is_handed_out_when_nothing_can_be_renewed(signed_in: Terminal, gateway: Gateway) -> None:
    first = signed_in.credentials()
    signed_in.age(3600 - 120)
    gateway.spend_access_tokens()
    assert on_a_full_disk(signed_in) == first


def test_a_slow_gateway_is_waited_for_although_nobody_can_be_told_so(tmp_path: Path) -> None:
    program = "import sys; from app.cli.locks import Lock\nwith Lock(sys.argv[1], 0) as lock: lock.busy_for(5)"
    command = [sys.executable, "-c", program, str(tmp_path / "kept" / "role")]
    subprocess.run(command, preexec_fn=full, check=True, timeout=60)


def test_a_sync_takes_away_what_will_say_something_else_before_the_map_says_it(
    signed_in: Terminal, gateway: Gateway
) -> None:
    """Here it ends between the two."""
    assert signed_in.type("profiles", "sync").code == 0
    gateway.roles = [
        one | {"arn": f"{one['arn']}2"} if one["profile"] == "production.UpdateApp" else one for one in gateway.roles
    ]
    typed = on_a_full_disk(signed_in, "profiles", "sync")
    assert (typed.code, "File too large" in typed.err) == (2, True)
    entries = signed_in.launcher.parent / "profiles"
    assert "production.UpdateApp" not in {path.name for path in entries.iterdir()}
