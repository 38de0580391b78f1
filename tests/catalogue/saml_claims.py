"""Rows 20 to 23 and 27 to 32 of the SAML catalogue: what is signed, and still not meant for this sign-in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from lxml import etree

from tests.catalogue.row import Outcome, Row, goes_in, refused
from tests.catalogue.saml_recipes import allows, assertion_of, claims, refuses
from tests.catalogue.stage import Stage
from tests.catalogue.visits import SamlVisit
from tests.forges.saml import BEARER, PERSISTENT, SAML, TOKEN, TRANSIENT

_MINUTE = timedelta(minutes=1)
_HOLDER = "urn:oasis:names:tc:SAML:2.0:cm:holder-of-key"
_STATUS = "urn:oasis:names:tc:SAML:2.0:status:"
_ELSEWHERE = "https://other.example.com"
_CONFIRMED, _ANSWERS = "saml.subject-confirmation", "saml.in-response-to"
_GROUPS = ("groups", ("aws-dev", "everyone"))


def rows() -> Iterator[Row]:
    yield from _wrong()
    yield from _absent()
    yield from _used_otherwise()
    yield from _times()
    yield from _names()
    yield from _attributes()
    yield from _encodings()


def _wrong() -> Iterator[Row]:
    yield claims("20 wrong Audience", "saml.audience", audience=_ELSEWHERE)
    yield claims("20 wrong Recipient", _CONFIRMED, recipient=f"{_ELSEWHERE}/acs")
    yield claims("20 wrong InResponseTo", _ANSWERS, request_id="_other", confirmed_request_id="_other")
    yield claims("20 wrong InResponseTo of the confirmation", f"{_CONFIRMED} {_ANSWERS}", confirmed_request_id="_other")
    yield claims("20 X9 wrong Issuer of the assertion", "saml.issuer", issuer=_ELSEWHERE)
    yield claims("20 X9 wrong Issuer of the response", "saml.issuer", response_issuer=_ELSEWHERE)
    yield refuses("20 failed Status", "saml.provider-error", lambda v: _failed(v, "NoAvailableIDP"))
    yield refuses("20 Status: the person was not let in", "saml.cancelled", lambda v: _failed(v, "AuthnFailed"))
    yield refuses("20 failed Status around a good assertion", "saml.provider-error", _failed_around)
    yield claims("20 no Conditions", "saml.conditions", conditions=False)
    yield claims("20 no SubjectConfirmationData", _CONFIRMED, confirmation_data=False)
    yield claims("20 holder of key", _CONFIRMED, methods=(_HOLDER,))
    yield claims("20 X5 two confirmations", _CONFIRMED, methods=(BEARER, BEARER))
    yield claims("20 empty subject", "saml.subject saml.unexpected", subject="")


def _failed(visit: SamlVisit, why: str) -> etree._Element:
    return visit.forge.signed(visit.draft(status=_STATUS + "Responder", substatus=_STATUS + why), assertion=None)


def _failed_around(visit: SamlVisit) -> etree._Element:
    root = visit.signed()
    code = root.find(".//{urn:oasis:names:tc:SAML:2.0:protocol}StatusCode")
    assert code is not None
    code.set("Value", _STATUS + "Requester")
    return root


def _absent() -> Iterator[Row]:
    for name, reason, changes in (
        ("Audience", "saml.audience", {"audience": None}),
        ("Issuer of the response", "saml.issuer", {"response_issuer": None}),
        ("Recipient", _CONFIRMED, {"recipient": None}),
        ("X4 Destination", "saml.destination", {"destination": None}),
        ("X6 InResponseTo of the response", _ANSWERS, {"request_id": None}),
        ("X6 InResponseTo of the confirmation", _ANSWERS, {"confirmed_request_id": None}),
        ("X5 end of the confirmation", _CONFIRMED, {"confirmed_until": None}),
        ("X7 NotBefore of the conditions", "saml.conditions", {"not_before": None}),
        ("X7 NotOnOrAfter of the conditions", "saml.conditions", {"not_on_or_after": None}),
    ):
        yield claims(f"21 absent {name}", reason, **changes)
    yield claims(
        "21 X4 Destination that begins with ours", "saml.destination", destination=lambda v: v.acs + "/../evil"
    )
    yield claims("21 X5 Recipient that contains ours", _CONFIRMED, recipient=lambda v: f"https://evil.example/?{v.acs}")
    yield claims("21 X5 NotBefore of the confirmation", _CONFIRMED, confirmed_from=lambda v: v.now - _MINUTE)


def _used_otherwise() -> Iterator[Row]:
    yield refused("1.3-22 replay", "signin.state", _replayed)
    yield refused("1.3-22 X8 replay into a sign-in that is under way", "saml.in-response-to", _replayed_elsewhere)
    yield claims("22 unsolicited, with a state of ours", _ANSWERS, request_id=None, confirmed_request_id=None)
    yield refused("1.3-22 X12 unsolicited, without a state", "saml.unasked", lambda s: _with_state(s, ""))
    yield refused("1.3-22 a state that nobody began", "signin.state", lambda s: _with_state(s, "x" * 43))
    yield refused("1.3-22 another's request", "saml.in-response-to", _anothers_request)
    yield refused("1.3-22 X6 in another browser", "signin.binding", _another_browser)
    yield goes_in("1.3-29 Host says another, the answer names us", lambda stage: _with_host(stage, ""))
    evil = "https://evil.example.com"
    yield refused("1.3-29 Host and the answer say another", "saml.destination", lambda s: _with_host(s, evil))
    yield refused("1.3-22 the ticket twice", "signin.ticket", _ticket_twice)


def _replayed(stage: Stage) -> Outcome:
    visit = SamlVisit.begin(stage)
    document = visit.signed()
    assert visit.post(document).session, "the first time is honest"
    return visit.post(document)


def _replayed_elsewhere(stage: Stage) -> Outcome:
    visit, thief = SamlVisit.begin(stage), SamlVisit.begin(stage)
    document = visit.signed()
    assert visit.post(document).session, "the first time is honest"
    return thief.post(document)


def _with_state(stage: Stage, state: str) -> Outcome:
    visit = SamlVisit.begin(stage)
    unasked = visit.draft(request_id=None, confirmed_request_id=None)
    return visit.post(visit.signed(unasked), RelayState=state)


def _with_host(stage: Stage, evil: str) -> Outcome:
    """The request claims to be for another host; what the answer must name stays what is configured."""
    visit = SamlVisit.begin(stage)
    changes = {"destination": f"{evil}/signin/corp/acs", "recipient": f"{evil}/signin/corp/acs"} if evil else {}
    form = {"SAMLResponse": visit.forge.encode(visit.signed(visit.draft(**changes))), "RelayState": visit.relay_state}
    hosts = {"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com", "X-Forwarded-Proto": "https"}
    return visit.send(form, **hosts)


def _anothers_request(stage: Stage) -> Outcome:
    mallory, alice = SamlVisit.begin(stage), SamlVisit.begin(stage)
    return alice.post(mallory.signed())


def _another_browser(stage: Stage) -> Outcome:
    """Login CSRF: the attacker's own good answer in the victim's browser, which has begun a sign-in itself."""
    visit, victim = SamlVisit.begin(stage), SamlVisit.begin(stage)
    return SamlVisit(stage, "corp", visit.forge, victim.person, visit.request_id, visit.relay_state).post(
        visit.signed()
    )


def _ticket_twice(stage: Stage) -> Outcome:
    visit = SamlVisit.begin(stage)
    location = visit.to_acs(visit.signed()).headers["Location"]
    assert visit.resume(location).session, "the first time is honest"
    return visit.resume(location)


def _times() -> Iterator[Row]:
    years, hour, late = timedelta(days=3650), timedelta(hours=1), 2 * _MINUTE
    long = "saml.validity-too-long"
    yield claims("23 X7 ten years of conditions", long, not_on_or_after=lambda v: v.now + years)
    yield claims("23 X5 ten years of confirmation", long, confirmed_until=lambda v: v.now + years)
    yield claims("23 X7 an hour", long, not_on_or_after=lambda v: v.now + hour)
    yield allows("23 control an hour, by the operator's word", "hour", not_on_or_after=lambda v: v.now + hour)
    yield claims("20 past NotOnOrAfter", "saml.expired", not_on_or_after=lambda v: v.now - late)
    yield claims("20 past NotOnOrAfter by an hour", "saml.expired", not_on_or_after=lambda v: v.now - hour)
    yield claims(
        "20 past NotOnOrAfter of the confirmation", f"saml.expired {_CONFIRMED}", confirmed_until=lambda v: v.now - late
    )
    yield claims("20 past SessionNotOnOrAfter", "saml.session-expired", session_until=lambda v: v.now - late)
    yield claims("23 not yet valid", "saml.too-early", not_before=lambda v: v.now + late)
    yield claims("23 issued in the future", "saml.too-early", issued=lambda v: v.now + late)
    yield claims("23 issued long ago", "saml.expired", issued=lambda v: v.now - 12 * _MINUTE)
    yield claims("23 authenticated in the future", "saml.too-early", authenticated=lambda v: v.now + late)
    half = timedelta(seconds=30)
    yield allows("23 control half a minute ahead", issued=lambda v: v.now + half, not_before=lambda v: v.now + half)
    yield allows("23 control half a minute behind", not_on_or_after=lambda v: v.now - half)
    for stamp in (
        "2026-11-21",
        "2026-11-21T10:00:00+01:00",
        "2026-02-30T10:00:00Z",
        "\u0662\u0660\u0662\u0666-11-21T10:00:00Z",
    ):
        reasons = "saml.authn-statement saml.structure saml.unexpected"
        yield refuses(f"23 a moment written {stamp!a}", reasons, lambda v, s=stamp: _instant(v, s))


def _instant(visit: SamlVisit, stamp: str) -> etree._Element:
    root = visit.signed(assertion=None)
    statement = root.find(f".//{{{SAML}}}AuthnStatement")
    assert statement is not None
    statement.set("AuthnInstant", stamp)
    visit.forge.sign(assertion_of(root))
    return root


def _names() -> Iterator[Row]:
    for name in (
        "alice ",
        " alice",
        "ali\nce",
        "ali\u200bce",
        "ali\u202ece",
        "alice\u0301",
        "ali\u2060ce",
        "a\ufe0f",
        "\u3164",
    ):
        yield claims(f"27 X10 the subject {name!a}", "saml.text", subject=name)
        yield claims(f"27 X10 a group {name!a}", "saml.text", attributes=(("groups", ("aws-dev", name)),))
    yield claims("27 X10 a subject of 257 letters", "saml.text", subject="a" * 257)
    yield claims("27 format switched to transient", "saml.transient-subject", name_format=TRANSIENT)
    yield allows("27 control persistent", name_format=PERSISTENT)
    yield allows("27 case is part of a name", facts={"subject": "Alice"}, subject="Alice")
    yield allows("27 a homograph is somebody else", facts={"subject": "al\u0131ce"}, subject="al\u0131ce")
    yield claims("27 qualified for another service", "saml.subject saml.unexpected", sp_qualifier=_ELSEWHERE)
    yield allows("27 control a second factor", facts={"mfa": 1}, context=TOKEN)
    yield allows("27 a context in other letters is none", facts={"mfa": 0}, context=TOKEN.lower())


def _attributes() -> Iterator[Row]:
    for name in ("groups", "email", "department"):
        twice = (("groups", ("aws-dev",)), (name, ("one",)), (name, ("other",)))
        yield claims(f"28 X11 the attribute {name} twice", "saml.attribute-twice", attributes=twice)
    yield claims("2.4 SAML groups missing", "saml.groups-missing", attributes=(("email", ("alice@example.com",)),))
    yield claims("2.4 SAML no attributes", "saml.groups-missing", attributes=())
    pointer = ("http://schemas.microsoft.com/claims/groups.link", ("http://127.0.0.1:1/groups",))
    yield claims("2.4 SAML overage", "saml.groups-overage", attributes=(pointer,))
    many = tuple(f"g{number}" for number in range(1001))
    yield claims("2.4 SAML 1001 groups", "saml.too-many-groups", attributes=(("groups", many),))
    yield allows("2.4 SAML control 1000 groups", attributes=(("groups", many[:1000]),))
    yield allows("2.4 SAML control no groups", facts={"groups": []}, attributes=(("groups", ()),))


def _encodings() -> Iterator[Row]:
    """X1, and what is no response at all."""
    for name, field in {
        "empty": "",
        "no base64": "!!!!",
        "a blank inside": "PHg+ PC94Pg==",
        "a NUL": "PHg+\x00",
        "the URL alphabet": "PHg_",
        "without padding": "PHg",
        "letters beyond ASCII": "\u00fc",
        "Latin-1": "PGE+/DwvYT4=",
        "UTF-16": "//48AGEALwA+AA==",
        "UTF-7": "PD94bWwgdmVyc2lvbj0iMS4wIiBlbmNvZGluZz0idXRmLTciPz48YS8+",
        "unfinished": "PGE+",
        "something else": "PGEvPg==",
    }.items():
        yield refused(f"X1 {name}", "saml.encoding saml.xml saml.structure", lambda s, f=field: _field(s, f))
    yield refused("X1 a field of more than 256 KiB", "saml.too-large", lambda s: _field(s, "A" * (256 * 1024 + 4)))
    yield refused("X1 a body of more than 600 KiB", "saml.too-large", lambda s: _field(s, "A" * (600 * 1024)))
    yield refused("X1 a field twice", "saml.encoding saml.xml", _field_twice)


def _field(stage: Stage, field: str) -> Outcome:
    visit = SamlVisit.begin(stage)
    return visit.send({"SAMLResponse": field, "RelayState": visit.relay_state})


def _field_twice(stage: Stage) -> Outcome:
    visit = SamlVisit.begin(stage)
    good = visit.forge.encode(visit.signed())
    return visit.send([("SAMLResponse", good), ("SAMLResponse", good), ("RelayState", visit.relay_state)])
