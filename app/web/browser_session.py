"""The session of the browser that asks, and what is told when there is none any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.audit import Audit, record_end
from app.core.events import Event, Kind
from app.sessions import Browsers, Gone, Session, Why
from app.web.cookies import Cookie
from app.web.visit import address, seen, visit

SENTENCES: Mapping[str, str] = MappingProxyType(
    {
        Why.IDLE: "You were signed out because nothing was done here for a while.",
        Why.ENDED: "Your sign-in was ended: by you elsewhere, by your company, or by an administrator.",
        Why.MOVED: "Your sign-in was ended, with its terminals, because its cookie came from another browser. "
        "If that was not you, tell your administrator.",
    }
)


@dataclass(frozen=True, slots=True)
class BrowserSession:
    browsers: Browsers
    cookie: Cookie
    audit: Audit

    def find(self, *, leaving: bool = False) -> Session | Gone | None:
        """A new network, and a cookie from another browser, are on record before anything is shown. `leaving`: what is
        asked for is the end of it, which waits for no journal."""
        cookie, now = self.cookie.read(), seen()
        found = self.browsers.visit(cookie, now)
        match found:
            case Gone(why=Why.MOVED, session=session):
                record_end(self.audit, _moved(session, now.agent, ended=len(found.ended)))
            case Session() as session if not set(now.networks) <= set(session.seen.networks):
                if session.seen.networks:
                    told = _moved(session, now.agent)
                    record_end(self.audit, told) if leaving else self.audit.record(told)
                if not leaving:
                    self.browsers.note(cookie, now)
        return found


def _moved(session: Session, agent: str, **facts: int) -> Event:
    who, before = session.identity, session.seen
    told: dict[str, str | int | list[str]] = {"session": session.handle, "before": before.agent, "now": agent}
    told |= {"from": before.networks[-1], **facts}
    return Event(Kind.SESSION_MOVED, who.provider, who.subject, who.name, address(), visit().reference, told)
