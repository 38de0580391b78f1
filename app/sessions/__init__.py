"""Book 1: who is signed in, on which browser or terminal.

    browsers.py    a session cookie  ──► Session
    terminals.py   an access token   ──► Session;  a refresh token ──► new tokens
    proofs.py      a verification    ──► what the provider said, for AWS

Owns: how long a sign-in lives, its tokens, and their end. Does not own: how somebody signed in
(`signin`), or what they may do (`catalog`, `core`). A session never holds entitlements: those are computed
at the moment of use from the groups that the provider stated, and those grow too old with the session
(`Lifetimes.max_group_age`).
"""

from app.sessions.browsers import Browsers
from app.sessions.proofs import Proofs
from app.sessions.session import Lifetimes, Session
from app.sessions.terminals import Terminals, Tokens

__all__ = ["Browsers", "Lifetimes", "Proofs", "Session", "Terminals", "Tokens"]
