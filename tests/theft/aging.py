"""Time passes for one person only: done to what is stored, by whoever has the gateway's sealing key, Redis and the
person's own tokens. Neither alone could."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

from app.sessions import Session, Upstream
from app.sessions.terminals import AccessToken
from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from tests.prompt import Tokens

Doc = TypeVar("Doc")


@dataclass(frozen=True, slots=True)
class Opener:
    redis_url: str
    key: bytes = field(repr=False)

    def opened(self, shelf: str, kind: type[Doc]) -> Shelf[Doc]:
        return Shelf(shelf, kind, connect(self.redis_url), Sealer([self.key]))

    def age_groups(self, tokens: Tokens, by: timedelta = timedelta(hours=2)) -> None:
        """What is known of the groups of a terminal's owner was heard so much earlier."""
        access = self.opened("access", AccessToken).get(tokens.access)
        assert access is not None

        def aged(doc: Session) -> Session:
            return replace(doc, identity=replace(doc.identity, verified_at=doc.identity.verified_at - by))

        session = self.opened("terminal", Session).change(access.terminal, aged)
        assert session is not None

        def known(doc: Upstream) -> Upstream:
            identity = replace(doc.identity, verified_at=doc.identity.verified_at - by)
            return replace(doc, identity=identity, asked_at=doc.asked_at - by)

        assert self.opened("upstream", Upstream).change(session.upstream, known) is not None
