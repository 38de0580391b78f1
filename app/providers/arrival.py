"""What a sign-in leaves with, and what it comes back with.

Both are plain values. The room that owns the attempt (`app.signin`) stores `Departure.kept` sealed on
the server, bound to the browser, and hands it back once; it never looks inside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.core.identity import Identity
from app.core.needs import Needs
from app.core.proof import Proof


@dataclass(frozen=True, slots=True)
class Asked:
    """What a sign-in asks of the provider beyond "who is it". An answer that lacks what was needed is refused."""

    needs: Needs = field(default_factory=Needs)
    login_hint: str = ""  # what the person typed: unverified, and only ever a hint


WHO_IT_IS = Asked()  # and nothing more


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and what the attempt must remember until it returns.

    `kept` is secret (the PKCE verifier is in it) and therefore silent in `repr`; `url` holds only what
    the browser may see. `form`: the fields that the browser posts there; empty where the address is all.
    """

    url: str
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A verified answer.

    `used_once` names what may arrive only once (a SAML assertion's ID, prefixed with its provider);
    the caller remembers it with SET NX until `used_until` and refuses the sign-in if it was there
    already, or if it cannot ask. It is None for OpenID Connect, where the provider itself takes a code
    only once.
    """

    identity: Identity
    used_once: str | None
    used_until: datetime
    proof: Proof | None = None  # the answer itself, if the provider's settings say `passthrough`
    # What the provider will want to see again when the sign-in is refreshed or ended: its tokens, its name for the
    # session. Kept sealed under a secret that only the person's browser or terminal leads to.
    upstream: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a provider says of a person later on, without the person: today's groups, and its next tokens.

    An identity with an old `verified_at` is the one that was asked about: only the tokens are new.
    """

    identity: Identity
    upstream: Mapping[str, str] = field(repr=False)
    proof: Proof | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """A provider's verified word that sessions of its own are over.

    `sids` empty: all of the person's. `subject` empty: whoever has the `sids`. `used_once` as in `Arrival`.
    """

    subject: str
    sids: tuple[str, ...]
    used_once: str | None
    used_until: datetime
    # What the answer will need (SAML); empty where a status is the whole answer (OpenID Connect).
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)
