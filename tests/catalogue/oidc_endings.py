"""OpenID Connect: back-channel and RP-initiated logout, by the ids of the suite (2.2) and the cases of 2.3."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.catalogue.alive import SignedIn
from tests.catalogue.homes import Homes
from tests.catalogue.oidc_recipes import home
from tests.catalogue.row import Outcome, Row, Verdict, ends, refused
from tests.catalogue.stage import Stage
from tests.catalogue.visits import OidcVisit
from tests.forges.oidc import LEAVE_OUT, LOGOUT_EVENT, OidcForge, b64

_ID = "oidcc-client-test"
_BACK = f"{_ID}-rp-backchannel-rpinitlogout"
_OUT = f"{_ID}-rp-init-logout"
HOMES: Homes = {"op-ends": home(), "op-ends-other": home()}

Token = Callable[[OidcForge, OidcVisit], str]


def rows() -> Iterator[Row]:
    yield ends(_BACK, lambda stage: _told(stage, _honest()))
    yield ends(f"{_BACK} sub alone", lambda stage: _told(stage, _honest(sid=LEAVE_OUT)))
    yield ends(f"{_BACK} sid alone", lambda stage: _told(stage, _honest(sub=LEAVE_OUT)))
    yield from _claims()
    yield from _signatures()
    yield from _otherwise()
    yield from _initiated()


def _signed_in(stage: Stage) -> SignedIn:
    visit = OidcVisit.begin(stage, "op-ends")
    visit.op.person["sid"] = f"sid-{visit.person.address}"
    outcome = visit.returns()
    assert outcome.verdict is Verdict.IN, outcome
    return SignedIn(visit)


def _told(stage: Stage, token: Token, provider: str = "op-ends") -> Outcome:
    with stage.twisted("op-ends"):
        person = _signed_in(stage)
        assert isinstance(person.visit, OidcVisit)
        text = token(person.visit.op, person.visit)
        address = person.logout.replace("/op-ends/", f"/{provider}/")
        return person.told(lambda sender: _posted(address, text, sender.http))


def _posted(address: str, token: str, http: requests.Session) -> requests.Response:
    return http.post(address, data={"logout_token": token}, headers={"Accept": "*/*"}, timeout=60)


def _honest(header: dict[str, Any] | None = None, **claims: Any) -> Token:
    return lambda op, _visit: op.logout_token(header, **claims)


def _claims() -> Iterator[Row]:
    def no(name: str, reason: str, header: dict[str, Any] | None = None, **claims: Any) -> Row:
        return refused(name, f"oidc.logout.{reason}", lambda stage: _told(stage, _honest(header, **claims)))

    for issuer in ("https://evil.example.com", LEAVE_OUT, "", None, ["x"]):
        yield no(f"{_BACK}-wrong-iss {_said(issuer)}", "issuer", iss=issuer)
    for audience in ("another", [], "", LEAVE_OUT, ["another"]):
        yield no(f"{_BACK}-wrong-aud {_said(audience)}", "audience", aud=audience)
    yield no(f"{_BACK}-no-event", "events", events=LEAVE_OUT)
    for number, events in enumerate(_EVENTS):
        yield no(f"{_BACK}-wrong-event {number}", "events", events=events)
    for nonce in ("n", "", None):
        yield no(f"{_BACK}-with-nonce {_said(nonce)}", "nonce", nonce=nonce)
    for identifier in (LEAVE_OUT, "", 7, None, "x" * 300):
        yield no(f"2.3 logout token, jti {_said(identifier)}", "jti", jti=identifier)
    for claim, seconds, reason in (
        ("iat", -121, "expired"),
        ("iat", 120, "too-early"),
        ("nbf", 120, "too-early"),
        ("exp", -90, "expired"),
    ):
        yield refused(
            f"2.3 logout token, {claim} {seconds:+} s",
            f"oidc.logout.{reason}",
            lambda stage, c=claim, s=seconds: _told(stage, _honest(**{c: int(time.time()) + s})),
        )
    yield no("2.3 logout token, no iat", "times", iat=LEAVE_OUT)
    yield no("2.3 logout token, nobody is not everybody", "subject", sub=LEAVE_OUT, sid=LEAVE_OUT)
    for claim, value in (("sub", 7), ("sub", ""), ("sub", ["a"]), ("sid", None), ("sid", {})):
        yield no(f"2.3 logout token, {claim} {_said(value)}", "subject" if claim == "sub" else "sid", **{claim: value})
    for kind in ("at+jwt", "secevent+jwt", 7):
        yield no(f"2.3 logout token, typ {_said(kind)}", "token-header", {"typ": kind})
    yield no("2.3 logout token of 16 KiB", "token-too-large", padding="x" * 16_384)


_EVENTS: tuple[Any, ...] = (
    {},
    {"https://schemas.openid.net/event/backchannel-logout": {}},
    {LOGOUT_EVENT: {}, "http://schemas.openid.net/secevent/risc/event-type/account-disabled": {}},
    {LOGOUT_EVENT: "yes"},
    {LOGOUT_EVENT: None},
    [LOGOUT_EVENT],
    LOGOUT_EVENT,
    None,
)


def _signatures() -> Iterator[Row]:
    for algorithm in ("none", "None", ""):
        act = _twisting(_unsigned, _honest({"alg": algorithm}))
        yield refused(f"{_BACK}-alg-none {algorithm!r}", "oidc.logout.token-algorithm", act)
    yield refused(
        f"{_BACK}-wrong-alg HS256", "oidc.logout.token-algorithm", _twisting(_public, _honest({"alg": "HS256"}))
    )
    yield refused(f"{_BACK}-wrong-alg ES256", "oidc.logout.signature", _twisting(_curve, _honest({"alg": "ES256"})))
    yield refused("2.3 logout token of a stranger", "oidc.logout.signature", _twisting(_stranger, _honest()))
    with_address = _honest({"jku": "https://evil.example.com"})
    yield refused("2.3 logout token with jku", "oidc.logout.token-header", _twisting(_stranger, with_address))


def _twisting(twist: Callable[[OidcForge, OidcVisit], object], token: Token) -> Callable[[Stage], Outcome]:
    def twisted(op: OidcForge, visit: OidcVisit) -> str:
        twist(op, visit)
        return token(op, visit)

    return lambda stage: _told(stage, twisted)


def _unsigned(op: OidcForge, _visit: OidcVisit) -> None:
    op.twist.signature = b""


def _public(op: OidcForge, _visit: OidcVisit) -> None:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    op.twist.signing_key = op.keys["k1"].public_key().public_bytes(serialization.Encoding.PEM, form)


def _curve(op: OidcForge, _visit: OidcVisit) -> None:
    op.twist.signing_key = ec.generate_private_key(ec.SECP256R1())


def _stranger(op: OidcForge, visit: OidcVisit) -> None:
    op.twist.signing_key = visit.stage.stranger


def _otherwise() -> Iterator[Row]:
    rubbish = "oidc.logout.token oidc.logout.token-missing oidc.logout.token-algorithm oidc.logout.signature"
    start = b64(json.dumps({"alg": "RS256"}).encode())
    for token in ("", "a", "a.b.c", "\u2026.\u2026.\u2026", f"{start}.e30.AA"):
        yield refused(f"2.3 logout token {token[:8]!a}", rubbish, lambda stage, t=token: _told(stage, lambda *_: t))
    yield refused("2.3 logout token of 60 KiB", "oidc.logout.too-large", lambda s: _told(s, lambda *_: "a" * 61_440))
    yield refused("2.3 forced logout: an ID token", "oidc.logout.events", _id_token)
    yield refused(
        "2.3 forced logout: another provider's token", "oidc.logout.issuer oidc.logout.signature", _of_another
    )
    yield refused("2.3 logout token twice", "oidc.logout.replay", _twice)
    yield refused("2.3 forced logout: a link", "saml.logout.structure", _link)


def _id_token(stage: Stage) -> Outcome:
    """An ID token is signed by the same key, and everybody has one of their own."""

    def token(op: OidcForge, visit: OidcVisit) -> str:
        return op.id_token(dict(visit.asked), "x", {"nonce": LEAVE_OUT})

    return _told(stage, token)


def _of_another(stage: Stage) -> Outcome:
    return _told(stage, lambda op, _visit: op.logout_token(), provider="op-ends-other")


def _twice(stage: Stage) -> Outcome:
    """Recorded, and posted again after the person has signed in anew."""
    with stage.twisted("op-ends"):
        first = _signed_in(stage)
        assert isinstance(first.visit, OidcVisit)
        token = first.visit.op.logout_token(sid=LEAVE_OUT)
        _posted(first.logout, token, stage.person().http).raise_for_status()
        again = _signed_in(stage)
        return again.told(lambda sender: _posted(again.logout, token, sender.http))


def _link(stage: Stage) -> Outcome:
    """GET changes nothing: a picture on a strange page would sign people out."""
    with stage.twisted("op-ends"):
        person = _signed_in(stage)
        assert isinstance(person.visit, OidcVisit)
        token = person.visit.op.logout_token()
        outcome = person.told(lambda sender: sender.http.get(person.logout, params={"logout_token": token}, timeout=60))
    # There is no GET for an OpenID provider: 404 without a line in the journal, or a refusal with one.
    nothing = outcome.status in (404, 405)
    return replace(outcome, reason="saml.logout.structure", program=True) if nothing else outcome


def _initiated() -> Iterator[Row]:
    yield ends(_OUT, lambda stage: _leaves(stage, lambda query: query))
    yield ends(f"{_OUT}-no-state", lambda stage: _leaves(stage, lambda _query: {}))
    yield ends(f"{_OUT}-other-state", lambda stage: _leaves(stage, lambda _query: {"state": "x" * 43}))


def _leaves(stage: Stage, back: Callable[[dict[str, str]], dict[str, str]]) -> Outcome:
    """Signs out, goes to the provider's end of session, and comes back with what `back` makes of the query."""
    person = _signed_in(stage)
    http, url = person.visit.person.http, stage.url
    page = http.post(f"{url}/signout", data=_tokens(http, url), headers={"Origin": url}, timeout=60)
    assert page.status_code == 200, f"{page.status_code} {page.text[:300]}"
    state = _between(page.text, "/signout/onward?state=", '"')
    onward = http.get(f"{url}/signout/onward", params={"state": state}, allow_redirects=False, timeout=60)
    returned = requests.get(onward.headers["Location"], allow_redirects=False, timeout=60).headers["Location"]
    query = back(dict(parse_qsl(urlsplit(returned).query)))
    answer = http.get(f"{url}/signout", params=query, timeout=60)
    hint = dict(parse_qsl(urlsplit(onward.headers["Location"]).query)).get("id_token_hint", "")
    ended = answer.status_code == 200 and not person.is_in() and hint.count(".") == 2
    return Outcome(Verdict.ENDED if ended else Verdict.MISSING, answer.status_code, body=answer.text)


def _tokens(http: requests.Session, url: str) -> dict[str, str]:
    """The hidden fields of the sign-out form."""
    page = http.get(f"{url}/", timeout=60).text
    form = page[page.index('action="/signout"') :].partition("</form>")[0]
    name, value = _between(form, 'name="', '"'), _between(form, 'value="', '"')
    return {name: value} if name else {}


def _between(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]


def _said(value: Any) -> str:
    return "absent" if value is LEAVE_OUT else f"{value!a:.24}"
