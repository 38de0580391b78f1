"""What unmodified AWS tools meet, built and joined; for `server`, which would grow too long."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint

from app.grants.flow import TerminalSignIn
from app.native import views
from app.native.flow import AwsTools
from app.native.portal import Portal
from app.native.sign_in_dpop import Proofs, SeenProof
from app.native.sign_in_flow import AwsLogin, BoundLogin, LoginCode
from app.ops.own_address import OwnAddress
from app.ops.repeating import Repeating
from app.parts import Parts, now
from app.providers.board import Posted

_ASKING = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Heard:
    """Does the header of AWS's tools arrive? `said` is for /readyz."""

    own: OwnAddress
    on: bool

    def said(self) -> str:
        return self.own.said() if self.on else "off"

    def rounds(self) -> tuple[Repeating, ...]:
        asking = Repeating("our own address", self.own.ask, random.random, _ASKING, at_once=True)
        return (asking,) if self.on else ()


def room(parts: Parts, terminals: TerminalSignIn) -> Blueprint:
    if not parts.gateway.aws_tools:
        return views.blueprint(None, None)
    base_url, portal = parts.gateway.base_url, Portal(parts.catalog, now)
    tools = AwsTools(base_url, terminals, portal, parts.issuance, parts.counters, now)
    login = AwsLogin(
        base_url,
        terminals,
        portal,
        parts.issuance,
        parts.shelf("login code", LoginCode),
        parts.shelf("aws login", BoundLogin),
        Proofs(parts.shelf("proof", SeenProof), now),
    )
    return views.blueprint(tools, login)


def heard(parts: Parts) -> Heard:
    def first_today() -> bool:
        return parts.board.add("aws tools", Posted("", now()), timedelta(days=1))

    return Heard(OwnAddress(parts.gateway.base_url, first_today), parts.gateway.aws_tools)
