"""Book 1: who is signed in, on which browser or terminal.

    browsers.py    a session cookie  ──► Session
    terminals.py   an access token   ──► Session;  a refresh token ──► new tokens
    live.py        a person          ──► what of theirs is alive; the one place where a session is ended
    upstreams.py   a sign-in         ──► the provider's side of it, and today's groups
    proofs.py      a verification    ──► what the provider said, for AWS
    book.py        all of it, joined

Owns: how long a sign-in lives, its tokens, and their end. Does not own: how somebody signed in
(`signin`), or what they may do (`catalog`, `core`). A session never holds entitlements: those are computed
at the moment of use from the groups that the provider stated, and those grow too old with the session
(`Lifetimes.max_group_age`).

Who steals what is in Redis, what the gateway seals it with, or both, reads this (`store.sealing`):

    Redis alone                 nothing but how many documents of which kind there are, how long, until when
    Redis and the sealing key   not a session, a token or a provider's tokens: their keys are the cookie and the
                                tokens, which are not there. But what is kept under a name that can be guessed: for a
                                known provider and subject, how many browsers and terminals are signed in since when,
                                the terminals' names, the provider's session ids (`live.py`); and, where everything that
                                shaped them can be guessed too, credentials of AWS that are still kept
    a cookie or token alone     nothing; with the gateway, it is that session until it ends
"""

from app.sessions.book import SessionBook, open_book
from app.sessions.browsers import Browsers, Gone, Why
from app.sessions.live import LiveSession, LiveSessions
from app.sessions.proofs import Proofs
from app.sessions.seen import Seen
from app.sessions.session import Lifetimes, Session
from app.sessions.terminals import Terminals, Tokens
from app.sessions.upstreams import Over, Upstream, Upstreams

__all__ = [
    "Browsers",
    "Gone",
    "Lifetimes",
    "LiveSession",
    "LiveSessions",
    "Over",
    "Proofs",
    "Seen",
    "Session",
    "SessionBook",
    "Terminals",
    "Tokens",
    "Upstream",
    "Upstreams",
    "Why",
    "open_book",
]
