"""X16: Single Logout, both bindings. What proves nothing ends nothing, and no bomb is unpacked."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from lxml import etree

from tests.catalogue.alive import SignedIn
from tests.catalogue.homes import Homes, SamlHome
from tests.catalogue.row import Outcome, Row, Verdict, ends, refused
from tests.catalogue.saml_encrypted import _FILES
from tests.catalogue.stage import Person, Stage
from tests.catalogue.visits import SamlVisit
from tests.forges.saml import DS, MORE, SAML, TRANSIENT, Signing
from tests.forges.saml_logout import LogoutForge, build, deflated

HOMES: Homes = {"slo": SamlHome(LogoutForge, more='key_files = ["gateway-saml.pem"]', files=_FILES)}
_MINUTE = timedelta(minutes=1)
_WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("Issuer of another", {"issuer": "https://evil.example/saml"}, "issuer"),
    ("no Issuer", {"issuer": None}, "issuer"),
    ("no Destination", {"destination": None}, "destination"),
    ("Destination of another", {"destination": "https://evil.example/logout"}, "destination"),
    ("Version 1.1", {"version": "1.1"}, "structure"),
    ("no name", {"name": None}, "subject"),
    ("an empty name", {"name": ""}, "text"),
    ("a name with a blank", {"name": " alice"}, "text"),
    ("a name with a zero-width letter", {"name": "ali\u200bce"}, "text"),
    ("a transient name", {"name_attributes": (("Format", TRANSIENT),)}, "subject"),
    ("a name for another", {"name_attributes": (("SPNameQualifier", "https://other.example"),)}, "subject"),
    ("an empty session index", {"indexes": ("",)}, "text"),
    ("101 session indexes", {"indexes": ("_s1",) * 101}, "too-large"),
)
Ask = Callable[[SignedIn, LogoutForge, Person], requests.Response]


def rows() -> Iterator[Row]:
    for binding in ("redirect", "post"):
        yield ends(f"X16 control by {binding}", lambda stage, b=binding: told(stage, _honest(b)))
        for name, changes, reason in _WRONG:
            expected = "signature-reference" if "id" in changes and binding == "post" else reason
            act = lambda stage, b=binding, c=changes: told(stage, _honest(b, **c))  # noqa: E731 - a row's own
            yield refused(f"X16 {binding}, {name}", f"saml.logout.{expected}", act)
        yield refused(f"X16 {binding}, old", "saml.logout.expired", lambda s, b=binding: told(s, _aged(b, -7)))
        yield refused(f"X16 {binding}, too early", "saml.logout.too-early", lambda s, b=binding: told(s, _aged(b, 2)))
        yield refused(f"X16 {binding}, twice", "saml.logout.replay", lambda s, b=binding: _twice(s, b))
    yield from _by_redirect()
    yield from _by_post()


def told(stage: Stage, ask: Ask, at: str = "slo") -> Outcome:
    """What comes of asking the gateway to end a session that stands."""
    visit = SamlVisit.begin(stage, at)
    assert visit.post(visit.signed()).verdict is Verdict.IN
    person = SignedIn(visit)
    assert isinstance(visit.forge, LogoutForge)
    return person.told(lambda sender: ask(person, visit.forge, sender))


def _honest(binding: str, **changes: Any) -> Ask:
    def ask(person: SignedIn, forge: LogoutForge, sender: Person) -> requests.Response:
        message = build(forge.asks(person.logout, person.visit.now, **changes))
        return sent(binding, person, sender, forge.query(message) if binding == "redirect" else forge.form(message))

    return ask


def _aged(binding: str, minutes: int) -> Ask:
    def ask(person: SignedIn, forge: LogoutForge, sender: Person) -> requests.Response:
        return _honest(binding, issued=person.visit.now + minutes * _MINUTE, ends=None)(person, forge, sender)

    return ask


def sent(binding: str, person: SignedIn, sender: Person, what: Any) -> requests.Response:
    if binding == "redirect":
        return as_written(f"{person.logout}?{what}", sender)
    return sender.http.post(person.logout, data=what, allow_redirects=False, timeout=60)


def as_written(url: str, sender: Person) -> requests.Response:
    """GET without any library's opinion on how an address should be spelled; a signature is over the spelling."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    with closing(connection):
        connection.request("GET", f"{parts.path}?{parts.query}", headers=dict(sender.http.headers))
        read = connection.getresponse()
        answer = requests.Response()
        answer.status_code, answer._content = read.status, read.read()
        answer.headers.update(read.getheaders())
    return answer


def _twice(stage: Stage, binding: str) -> Outcome:
    """Recorded in the person's own browser history, and sent again after she has signed in anew."""
    first = SamlVisit.begin(stage, "slo")
    forge, old = first.forge, SignedIn(first)
    assert isinstance(forge, LogoutForge)
    assert first.post(first.signed()).verdict is Verdict.IN
    message = build(forge.asks(old.logout, first.now))
    what = forge.query(message) if binding == "redirect" else forge.form(message)
    assert sent(binding, old, stage.person(), what).status_code < 400
    return told(stage, lambda person, _forge, sender: sent(binding, person, sender, what))


def _query(make: Callable[[SignedIn, LogoutForge], str]) -> Callable[[Stage], Outcome]:
    return lambda stage: told(stage, lambda p, forge, sender: sent("redirect", p, sender, make(p, forge)))


def posted(make: Callable[[SignedIn, LogoutForge], dict[str, str]]) -> Callable[[Stage], Outcome]:
    """What comes of this form."""
    return lambda stage: told(stage, lambda p, forge, sender: sent("post", p, sender, make(p, forge)))


def message_of(person: SignedIn, forge: LogoutForge, **changes: Any) -> etree._Element:
    return build(forge.asks(person.logout, person.visit.now, **changes))


def _by_redirect() -> Iterator[Row]:
    def good(p: SignedIn, forge: LogoutForge) -> str:
        return forge.query(message_of(p, forge))

    def stranger(p: SignedIn, forge: LogoutForge) -> str:
        return forge.query(message_of(p, forge), key=p.stage.stranger)

    def unsigned(p: SignedIn, forge: LogoutForge) -> str:
        return good(p, forge).partition("&SigAlg=")[0]

    def bomb(p: SignedIn, forge: LogoutForge) -> str:
        return forge.query(b"<a>" + b" " * 3_000_000 + b"</a>", field="SAMLRequest")

    def strangers_bomb(p: SignedIn, forge: LogoutForge) -> str:
        packed = base64.b64encode(deflated(b" " * 3_000_000)).decode()
        return f"SAMLRequest={quote(packed, safe='')}&SigAlg=x&Signature=eA%3D%3D"

    yield refused("X16 redirect, a stranger's signature", "saml.logout.signature", _query(stranger))
    yield refused("X16 redirect, unsigned", "saml.logout.unsigned", _query(unsigned))
    weak = "saml.logout.signature-algorithm"
    for method in (DS + "rsa-sha1", MORE + "hmac-sha256", MORE + "rsa-md5"):
        act = _query(
            lambda p, forge, m=method: good(p, forge).replace(quote(MORE + "rsa-sha256", safe=""), quote(m, safe=""))
        )
        yield refused(f"X16 redirect, {method.rpartition('#')[2]}", weak, act)
    yield refused(
        "X16 redirect, another RelayState",
        "saml.logout.signature",
        _query(lambda p, f: good(p, f).replace("opaque-1", "other")),
    )
    yield refused(
        "X16 redirect, written anew",
        "saml.logout.signature",
        _query(lambda p, f: good(p, f).replace("%2B", "%2b").replace("%3D", "%3d").replace("%2F", "%2f")),
    )
    yield refused(
        "X16 redirect, a bomb of the provider",
        "saml.logout.too-large saml.logout.encoding saml.logout.structure",
        _query(bomb),
    )
    yield refused(
        "X16 redirect, a bomb of a stranger",
        "saml.logout.signature-algorithm saml.logout.signature saml.logout.structure",
        _query(strangers_bomb),
    )
    for junk in ("", "SAMLRequest=", "SAMLRequest=x", "SAMLRequest=%ff", "SAMLRequest=a&SAMLRequest=b"):
        reasons = "saml.logout.structure saml.logout.unsigned saml.logout.encoding saml.logout.binding"
        yield refused(f"X16 redirect, {junk!r}", reasons, _query(lambda _p, _f, j=junk: j))


def _by_post() -> Iterator[Row]:
    def altered(p: SignedIn, forge: LogoutForge) -> dict[str, str]:
        message = message_of(p, forge, name="bob")
        form = forge.form(message)
        text = base64.b64decode(form["SAMLRequest"]).replace(b">bob<", b">alice<")
        return {**form, "SAMLRequest": forge.encode(text)}

    def stranger(p: SignedIn, forge: LogoutForge) -> dict[str, str]:
        return forge.form(message_of(p, forge), signing=Signing(key=p.stage.stranger))

    def doctype(p: SignedIn, forge: LogoutForge) -> dict[str, str]:
        text = b'<!DOCTYPE a [<!ENTITY b "c">]>' + etree.tostring(message_of(p, forge))
        return {"SAMLRequest": forge.encode(text)}

    def two_names(p: SignedIn, forge: LogoutForge) -> dict[str, str]:
        message = message_of(p, forge)
        etree.SubElement(message, f"{{{SAML}}}NameID").text = "bob"
        return forge.form(message)

    yield refused(
        "X16 post, unsigned", "saml.logout.unsigned", posted(lambda p, f: f.form(message_of(p, f), signing=None))
    )
    yield refused("X16 post, altered", "saml.logout.signed-octets saml.logout.signature", posted(altered))
    yield refused("X16 post, a stranger's signature", "saml.logout.signature", posted(stranger))
    yield refused("X16 post, DTD", "saml.logout.doctype", posted(doctype))
    yield refused("X16 post, two names", "saml.logout.subject", posted(two_names))
    xslt = Signing(transforms=(DS + "enveloped-signature", "http://www.w3.org/TR/1999/REC-xslt-19991116"))
    act = posted(lambda p, f: f.form(message_of(p, f), signing=xslt))
    yield refused("X16 post, XSLT", "saml.logout.signature-transform", act)
