"""OpenID Connect: the refresh ids of the suite, at a terminal whose groups have grown old; and step-up at arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import requests

from tests.catalogue.alive import SignedIn
from tests.catalogue.homes import Homes
from tests.catalogue.oidc_recipes import home
from tests.catalogue.row import Outcome, Row, Verdict, goes_in, refused
from tests.catalogue.stage import Stage, timed
from tests.catalogue.visits import OidcVisit, SamlVisit
from tests.forges.oidc import LEAVE_OUT, OidcForge
from tests.forges.saml import TOKEN
from tests.prompt import Tokens
from tests.servers.browser import Browser
from tests.terminals import sign_in_terminal

_ID = "oidcc-client-test-refresh-token"
HOMES: Homes = {"op-renews": home(lambda op: setattr(op, "offers_refresh", True))}
Twist = Callable[[OidcForge], object]


def rows() -> Iterator[Row]:
    yield goes_in(_ID, lambda stage: _refreshed(stage, lambda _op: None))
    for name, value in (("evil", "https://evil.example.com"), ("absent", LEAVE_OUT)):
        yield refused(f"{_ID}-invalid-issuer {name}", "oidc.issuer", lambda s, v=value: _refreshed(s, _claims(iss=v)))
    for name, value in (("mallory", "mallory"), ("list", ["248289761001"])):
        reasons = "oidc.refresh-subject oidc.subject upstream.subject"
        yield refused(f"{_ID}-invalid-sub {name}", reasons, lambda s, v=value: _refreshed(s, _claims(sub=v)))
    yield refused(f"{_ID} another audience", "oidc.audience", lambda s: _refreshed(s, _claims(aud="another")))
    yield refused(f"{_ID} groups missing", "oidc.groups-missing", lambda s: _refreshed(s, _without_groups))
    yield refused(f"{_ID} the grant is over", "oidc.refresh-over", lambda s: _refreshed(s, _over))
    for kind in ("saml", "oidc"):
        act = _stronger_saml if kind == "saml" else _stronger_oidc
        yield refused(f"step-up {kind}: no second factor", f"{kind}.step-up-mfa", lambda s, a=act: a(s, "mfa=1"))
        yield refused(
            f"step-up {kind}: an old sign-in", f"{kind}.step-up-age", lambda s, a=act: a(s, "max_age=60", age=600)
        )
        yield goes_in(f"step-up {kind}: control", lambda s, a=act: a(s, "mfa=1&max_age=60", mfa=True))


def _claims(**claims: Any) -> Twist:
    return lambda op: op.twist.refresh_claims.update(claims)


def _without_groups(op: OidcForge) -> None:
    op.person.pop("groups")


def _over(op: OidcForge) -> None:
    op.refresh_tokens.clear()


def _refreshed(stage: Stage, twist: Twist) -> Outcome:
    """The terminal's refresh, two hours after its sign-in. A refusal ends the sign-in, browser and all."""
    with stage.twisted("op-renews"):
        visit = OidcVisit.begin(stage, "op-renews")
        assert visit.returns().verdict is Verdict.IN
        browser = Browser()
        browser.http = visit.person.http
        made = sign_in_terminal(stage.url, browser)
        tokens = Tokens(made["access_token"], made["refresh_token"])
        stage.opener.age_groups(tokens)
        twist(visit.op)
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh, "client_id": "fedgate-cli"}
        headers = {"X-Forwarded-For": visit.person.address}
        answer, milliseconds = timed(
            lambda: requests.post(f"{stage.url}/oauth/token", form, headers=headers, timeout=60)
        )
        still = SignedIn(visit).is_in()
    if answer.status_code == 200:
        return Outcome(Verdict.IN if still else Verdict.MISSING, 200, milliseconds=milliseconds)
    found = [one for one in stage.journal.events(address=visit.person.address) if "reason" in one["facts"]]
    reason = str(found[-1]["facts"]["reason"]) if found else NOTHING
    said = "the browser's session goes on" if still else ""
    return Outcome(Verdict.REFUSED, answer.status_code, reason, answer.text, milliseconds, program=True, said=said)


NOTHING = "none"


def _stronger_oidc(stage: Stage, query: str, age: int = 0, mfa: bool = False) -> Outcome:
    with stage.twisted("op"):
        person = stage.person()
        visit = OidcVisit.begin(stage, "op", person, query=query)
        visit.op.person["amr"] = ["pwd", "mfa"] if mfa else ["pwd"]
        if age:
            visit.op.twist.claims["auth_time"] = int(visit.now.timestamp()) - age
        asked = visit.asked
        outcome = visit.returns()
    told = ("max_age" in asked) is ("max_age" in query)
    return outcome if told else replace(outcome, said=f"the provider was asked {sorted(asked)}")


def _stronger_saml(stage: Stage, query: str, age: int = 0, mfa: bool = False) -> Outcome:
    from datetime import timedelta

    visit = SamlVisit.begin(stage, query=query)
    changes: dict[str, Any] = {"context": TOKEN} if mfa else {}
    if age:
        changes["authenticated"] = visit.now - timedelta(seconds=age)
    return visit.post(visit.signed(visit.draft(**changes)))
