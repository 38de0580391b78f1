"""The book as a whole: its shelves, joined."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from app.core.identity import Person
from app.core.proof import Proof
from app.sessions.browsers import Browsers
from app.sessions.live import Alive, LiveSessions, SidOwner
from app.sessions.proofs import Proofs
from app.sessions.session import Lifetimes, Session
from app.sessions.terminals import AccessToken, RefreshToken, Terminals
from app.sessions.upstreams import Renew, Upstream, Upstreams
from app.store.drawers import Drawers
from app.store.flight import Flights
from app.store.sealing import Sealer
from app.store.shelf import Shelf


@dataclass(frozen=True, slots=True)
class SessionBook:
    live: LiveSessions
    browsers: Browsers
    terminals: Terminals
    upstreams: Upstreams
    proofs: Proofs


def open_book(
    drawers: Drawers,
    sealer: Sealer,
    lifetimes: Lifetimes,
    clock: Callable[[], datetime],
    renew: Renew = lambda _kept, _identity, _now: None,
    put_back: Callable[[Person], None] = lambda _person: None,
    admits: Callable[[str], bool] = lambda _provider: True,
) -> SessionBook:
    """`renew`: how a provider is asked for today's groups; `put_back`: hears of a list that somebody rolled back;
    `admits`: do people of this provider still count?"""
    live = LiveSessions(
        Shelf("live", Alive, drawers, sealer),
        Shelf("sid", SidOwner, drawers, sealer),
        lifetimes.longest,
        clock,
        put_back,
        admits,
    )
    proofs = Proofs(Shelf("proof", Proof, drawers, sealer), clock)
    shelf = Shelf("upstream", Upstream, drawers, sealer)
    upstreams = Upstreams(shelf, Flights(drawers, sealer), proofs, renew, clock)
    browsers = Browsers(Shelf("browser", Session, drawers, sealer), live, upstreams, lifetimes, clock)
    terminals = Terminals(
        Shelf("terminal", Session, drawers, sealer),
        Shelf("access", AccessToken, drawers, sealer),
        Shelf("refresh", RefreshToken, drawers, sealer),
        live,
        upstreams,
        lifetimes,
        clock,
    )
    return SessionBook(live, browsers, terminals, upstreams, proofs)
