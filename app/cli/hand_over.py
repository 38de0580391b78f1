"""`credential-process`: one line of JSON for AWS tools, and silence.

    which role ── cached and 15 minutes left ────────────────────────────────► print
         └─ lock of the role ── cached by whoever held it ───────────────────► print
                  └─ ask the gateway ── keep ────────────────────────────────► print
                         └─ the gateway failed, 60 s left on the cached ones ► print those

Never prompts, never opens a browser, never reads standard input: nobody is watching. Writes nothing to standard
error when it succeeds, because the C++ SDK parses both streams as one. How long it waits says `deadline`.
(AWS SDKs and Tools Reference Guide, "Process credential provider".)
"""

from __future__ import annotations

import os
import sys
import time

from . import cached, sign_in
from .cached import Cached
from .failures import BUSY, SIGN_IN, UNEXPECTED, UNREACHABLE, USAGE, Failure
from .selection import Selection, select
from .sign_in import SignIn

ENOUGH = cached.ENOUGH
LAST_RESORT = 60  # seconds; below this a request could outlive its credentials
GUARD = "FEDGATE_CREDENTIAL_PROCESS"
NOT_AN_ANSWER = (UNEXPECTED, UNREACHABLE, BUSY)  # a refusal, on the other hand, is obeyed


def run(words: list[str]) -> int:
    if GUARD in os.environ:
        raise Failure(USAGE, "credential-process was started by credential-process; look at ~/.aws/config")
    chosen = select(words)
    leave_the_environment()
    began = time.time()
    print_line(credentials(chosen, began, ENOUGH + cached.jitter()).line)
    return 0


def leave_the_environment() -> None:
    """Whatever runs below us must not find our caller's AWS settings and call us again."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ[GUARD] = "1"


def credentials(chosen: Selection, began: float, enough: float) -> Cached:
    """`began` is the time of the start, `enough` what shall be left, both in seconds."""
    who = sign_in.load(chosen.gateway)
    if who is None:
        raise Failure(SIGN_IN, f"not signed in at {chosen.gateway}", run=chosen.login)
    kept = cached.load(chosen.gateway, chosen.role, who.id)
    if kept is not None and kept.left(began) >= enough:
        return kept
    try:
        return fetched_once(chosen, who, kept, began, enough)
    except Failure as failure:
        # A code to type, a stronger sign-in or a full disk is no refusal: what there is is used to its end.
        if not (failure.code in NOT_AN_ANSWER or failure.goes_on):
            raise
        kept = cached.load(chosen.gateway, chosen.role, who.id)  # again: somebody else may have had an answer
        if kept is None or kept.left(time.time()) <= LAST_RESORT:
            raise
        return kept


def fetched_once(chosen: Selection, who: SignIn, seen: Cached | None, began: float, enough: float) -> Cached:
    """However many tools start at once, one of them asks; the others find its answer. `seen`: what there was before
    we waited."""
    start = time.monotonic()
    with cached.lock(chosen.gateway, chosen.role, chosen.max_wait) as lock:
        kept = cached.load(chosen.gateway, chosen.role, who.id)
        if kept is not None and is_news(kept, seen, began, enough):
            return kept
        from . import deadline, fetch

        spare = kept is not None and kept.left(time.time()) > LAST_RESORT
        began_to_wait = deadline.since(start)
        until = deadline.hurried(began_to_wait) if spare else deadline.Deadline(began_to_wait, at_work=lock.busy_for)
        new = fetch.credentials(chosen, who, until)
        keep(chosen, new)
        refuse_if_signed_out(chosen, who)
        return new


def keep(chosen: Selection, new: Cached) -> None:
    """A full disk is no reason to stop somebody's work: the next start asks again."""
    try:
        cached.save(chosen.gateway, new)
    except Failure as failure:
        if not failure.goes_on:
            raise


def refuse_if_signed_out(chosen: Selection, who: SignIn) -> None:
    """Whoever signed out while we were asking must not find credentials on the disk afterwards. They forget the
    sign-in first and the credentials second, we keep first and look second, so one of us removes them."""
    now = sign_in.load(chosen.gateway)
    if now is None or now.id != who.id:
        cached.forget(chosen.gateway, chosen.role)
        raise Failure(SIGN_IN, f"signed out at {chosen.gateway}", run=chosen.login)


def is_news(kept: Cached, seen: Cached | None, began: float, enough: float) -> bool:
    """What came while we waited counts even when it is short: a role of 15 minutes has nothing longer to give. That it
    was asked for before we began says nothing against it: whoever would ask now would get the same."""
    left = kept.left(time.time())
    came = kept.fetched >= began or seen is None or kept.fetched != seen.fetched
    return left >= enough or (came and left > LAST_RESORT)


def print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
