"""getSigninToken and login, with the rules of the custom identity broker page of the IAM User Guide."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.local.aws import arns
from app.local.aws.console.destination import read_destination
from app.local.aws.console.tickets import Ticket, Tickets, Visitor
from app.local.aws.refusals import Refusal
from app.local.aws.session import Kind, Session
from app.local.aws.world import World


def bad_credentials(why: str) -> Refusal:
    """The federation endpoint answers 400 with a page, never with JSON."""
    return Refusal("InvalidRequest", f"Invalid Credentials Parameter: {why}")


@dataclass(frozen=True, slots=True)
class Federation:
    world: World
    tickets: Tickets

    def signin_token(self, form: Mapping[str, str], now: datetime, region: str = "") -> tuple[str, Session]:
        """`region` is that of the address; without one it stands for the global host of every partition.

        Raises `Refusal`, 400.
        """
        session = self._session(form.get("Session", ""), now)
        if region and arns.partition_of(region) != session.partition:
            raise bad_credentials("the credentials are not valid.")
        lasts = self._duration(form.get("SessionDuration"), session)
        return self.tickets.sell(Ticket(session, now, lasts)), session

    def log_in(self, form: Mapping[str, str], now: datetime) -> tuple[str, Visitor]:
        """The cookie and the visitor. Raises `Refusal`, 400."""
        ticket = self.tickets.ticket(form.get("SigninToken", ""), now)
        if ticket is None:
            raise Refusal("InvalidToken", "Token Expired: the sign-in address is unknown or older than 15 minutes.")
        destination = read_destination(form.get("Destination", ""), ticket.session.partition)
        if destination is None:
            raise Refusal("InvalidDestination", "Destination must be an address of the AWS console.")
        ends = ticket.session.expires_at if ticket.lasts is None else now + ticket.lasts
        if now >= ends:
            raise Refusal("InvalidToken", "The credentials behind this sign-in address have expired.")
        visitor = Visitor(ticket.session, ends, web_address(form.get("Issuer", "")), destination)
        return self.tickets.admit(visitor), visitor

    def _session(self, text: str, now: datetime) -> Session:
        given = _credentials(text)
        session = self.world.sessions.get(given["sessionId"])
        if session is None or not _same(session.secret, given["sessionKey"]):
            raise bad_credentials("the credentials are not valid.")
        if not _same(session.token, given["sessionToken"]):
            raise bad_credentials("the credentials are not valid.")
        if now >= session.expires_at:
            raise bad_credentials("the credentials have expired.")
        if session.kind is Kind.USER:
            raise bad_credentials("credentials of GetSessionToken cannot be used to sign in to the console.")
        return session

    def _duration(self, text: str | None, session: Session) -> timedelta | None:
        """Only for role sessions that were not chained, and shorter than the role's MaxSessionDuration."""
        if text is None:
            return None
        if not re.fullmatch("[0-9]{3,5}", text) or not 900 <= int(text) <= 43_200:
            raise Refusal("InvalidRequest", "SessionDuration must be between 900 and 43200 seconds.")
        if session.kind is not Kind.ROLE or session.chained:
            raise Refusal("InvalidRequest", "SessionDuration cannot be used with these credentials.")
        role = self.world.role(session.account, session.owner)
        if role is None or int(text) >= role.max_seconds:
            raise Refusal("InvalidRequest", "SessionDuration must be less than the role's MaxSessionDuration.")
        return timedelta(seconds=int(text))


def web_address(text: str) -> str:
    """The Issuer becomes a link, so `javascript:` and the like must not pass. Empty if it is none."""
    return text if re.fullmatch(r"https?://[\x21-\x7e]{1,2000}", text) else ""


def _credentials(text: str) -> dict[str, str]:
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise bad_credentials("the JSON is syntactically incorrect.") from None
    names = ("sessionId", "sessionKey", "sessionToken")
    if not isinstance(given, dict) or not all(isinstance(given.get(name), str) and given[name] for name in names):
        raise bad_credentials("sessionId, sessionKey and sessionToken are required.")
    return {name: given[name] for name in names}


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))
