"""How a row about OpenID Connect is written: what the provider does otherwise, and what should become of it.

A row that needs a provider whose discovery or keys nobody has fetched yet brings a home of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.catalogue.homes import OidcHome
from tests.catalogue.row import Outcome, Row, away, goes_in, refused
from tests.catalogue.stage import Stage
from tests.catalogue.visits import OidcVisit, arrived
from tests.forges.oidc import OidcForge

Twists = Callable[[OidcForge, OidcVisit], object]
DAY = 86_400
# Refused before anything that the token says is used for a further request.
_OF_THE_TOKEN = {
    f"oidc.{word}"
    for word in (
        "issuer subject audience authorized-party times expired validity-too-long signature nonce at-hash token "
        "token-algorithm token-header token-missing token-too-large token-type token-response callback-issuer code"
    ).split()
}


def nothing(_op: OidcForge, _visit: OidcVisit) -> None:
    """An honest provider."""


def refuses(name: str, reasons: str, twists: Twists, at: str = "op", **query: str | None) -> Row:
    """The provider is twisted while somebody is there; they come back, and nothing further is sent for them."""
    return refused(name, reasons, lambda stage: came_back(stage, twists, at, query))


def admits(row: str, twists: Twists = nothing, at: str = "op", **facts: object) -> Row:
    def act(stage: Stage) -> Outcome:
        with stage.twisted(at):
            visit = OidcVisit.begin(stage, at)
            twists(visit.op, visit)
            return arrived(visit, visit.returns(), **{"subject": "248289761001", **facts})

    return goes_in(row, act)


def no_departure(name: str, at: str) -> Row:
    """The gateway cannot use this provider, says so, and sends nobody there."""
    return away(name, lambda stage: OidcVisit.begin(stage, at).returns())


def came_back(stage: Stage, twists: Twists, at: str, query: dict[str, str | None]) -> Outcome:
    with stage.twisted(at):
        visit = OidcVisit.begin(stage, at)
        twists(visit.op, visit)
        before = visit.op.hits["/userinfo"]
        outcome = visit.returns(**query)
        asked = visit.op.hits["/userinfo"] - before
    believed = asked and outcome.reason in _OF_THE_TOKEN and not visit.op.signs_userinfo  # or it is userinfo's
    return replace(outcome, said="userinfo was asked all the same") if believed else outcome


def claim(name: str, value: Any) -> Twists:
    """`{issuer}` and `{nonce}` in it stand for this provider's and this sign-in's."""

    def twist(op: OidcForge, visit: OidcVisit) -> None:
        op.person.pop("groups", None)  # userinfo would be asked, if the token were believed
        op.twist.claims[name] = _filled(value, {"{issuer}": op.issuer, "{nonce}": visit.asked.get("nonce", "")})

    return twist


def header(name: str, value: Any, signature: bytes | None = None) -> Twists:
    def twist(op: OidcForge, _visit: OidcVisit) -> None:
        op.twist.header[name], op.twist.signature = value, signature

    return twist


def _filled(value: Any, words: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_filled(one, words) for one in value]
    if isinstance(value, str):
        for word, text in words.items():
            value = value.replace(word, text)
    return value


def home(before: Callable[[OidcForge], object] = lambda _op: None, more: str = "") -> OidcHome:
    return OidcHome(before, more)
