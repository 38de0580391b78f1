"""OpenID Connect, sections 2.2 to 2.4: the way there and back, userinfo, and groups."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tests.catalogue.homes import Homes
from tests.catalogue.oidc_recipes import Twists, admits, home, nothing, refuses
from tests.catalogue.row import Outcome, Row, goes_in, refused
from tests.catalogue.stage import Stage
from tests.catalogue.visits import OidcVisit, arrived
from tests.forges.oidc import LEAVE_OUT, OidcForge

_ID = "oidcc-client-test"
HOMES: Homes = {
    "op-path": home(more='groups_claim = "realm_access.roles"'),
    "op-url": home(more='groups_claim = "https://example.com/claims.groups"'),
    "op-secret": home(),
}


def rows() -> Iterator[Row]:
    yield from _there()
    yield from _back()
    yield from _userinfo()
    yield from _groups()


def _there() -> Iterator[Row]:
    for name, wanted in (
        (f"{_ID}-nonce-unless-code-flow: a nonce is sent", {"nonce": 22}),
        ("2.3 PKCE: S256 is sent", {"code_challenge": 43}),
        ("2.3 a state of 128 bits", {"state": 22}),
    ):
        yield goes_in(name, lambda stage, w=wanted: _asked(stage, w))
    yield goes_in("2.3 each provider has a redirect address of its own", _own_addresses)
    yield goes_in(f"{_ID}-client-secret-basic", _basic)


def _asked(stage: Stage, wanted: dict[str, int]) -> Outcome:
    """What went to the provider: `wanted` are parameters and their least length."""
    visit, again = OidcVisit.begin(stage), OidcVisit.begin(stage)
    asked, other = visit.asked, again.asked
    short = [name for name, length in wanted.items() if len(asked.get(name, "")) < length or asked[name] == other[name]]
    fixed = asked["response_type"] == "code" and asked["code_challenge_method"] == "S256"
    outcome = visit.returns()
    return outcome if fixed and not short else replace(outcome, said=f"asked {sorted(asked)}, too little of {short}")


def _own_addresses(stage: Stage) -> Outcome:
    visit, other = OidcVisit.begin(stage), OidcVisit.begin(stage, "op-other")
    outcome = visit.returns()
    differs = visit.asked["redirect_uri"] != other.asked["redirect_uri"]
    return outcome if differs else replace(outcome, said="two providers share one redirect address")


def _basic(stage: Stage) -> Outcome:
    visit = OidcVisit.begin(stage)
    outcome = visit.returns()
    sent = visit.op.authorizations["/token"] or ""
    return outcome if sent.startswith("Basic ") else replace(outcome, said="the client did not authenticate by Basic")


def _back() -> Iterator[Row]:
    for error, reason in (
        ("access_denied", "oidc.cancelled"),
        ("login_required", "oidc.cancelled"),
        ("server_error", "oidc.provider-error"),
        ("<script>alert(1)</script>", "oidc.provider-error"),
        ("", "oidc.provider-error"),
    ):
        yield refused(f"{_ID}-form-post-error {error}", reason, lambda stage, e=error: _error(stage, e))
    yield refused(
        "2.1 an error without a state", "signin.state", lambda stage: _error(stage, "access_denied", state=None)
    )
    yield refused("2.3 a state that nobody began", "signin.state", lambda stage: _one(stage).returns(state="x" * 43))
    yield refused("2.3 no state", "signin.state", lambda stage: _one(stage).returns(state=None))
    yield refused("2.3 state reuse", "signin.state", _state_twice)
    yield refused("2.3 login CSRF, another browser", "signin.binding", _another_browser)
    yield refused("2.3 login CSRF, a browser that began nothing", "signin.binding", _no_browser)
    yield refused("2.3 code injection, a used code", "oidc.code", lambda stage: _anothers_code(stage, used=True))
    yield refused("2.3 code injection, a fresh code", "oidc.code", lambda stage: _anothers_code(stage, used=False))
    for code in ("", "invented", "x" * 6000, "\u00fc\u202e"):
        yield refuses(f"2.3 a code that is none {code!a:.12}", "oidc.code", nothing, code=code)
    yield refuses(
        "2.3 mix-up, RFC 9207 iss of another", "oidc.callback-issuer", nothing, iss="https://evil.example.com"
    )
    yield admits("2.3 mix-up, control: iss is ours", lambda op, _: op.twist.callback.update(iss=op.issuer))
    yield refused("2.3 mix-up, at another provider's address", "signin.state", _at_the_other)
    yield refused("2.3 mix-up, iss of the other configured provider", "oidc.callback-issuer", _issuer_of_the_other)
    yield refuses("2.1 a secret that the provider does not know", "oidc.client-refused", _forgets_us, "op-secret")


def _one(stage: Stage) -> OidcVisit:
    return OidcVisit.begin(stage)


def _error(stage: Stage, error: str, **query: str | None) -> Outcome:
    words = {"error": error, "error_description": "Call 555-0100 and tell us your password", "code": None, **query}
    outcome = _one(stage).returns(**words)
    shown = [word for word in ("555-0100", "<script>alert") if word in outcome.body]
    return replace(outcome, said=f"the page shows {shown}") if shown else outcome


def _state_twice(stage: Stage) -> Outcome:
    visit = _one(stage)
    said = visit.op.visit(visit.url)
    assert visit.calls_back(said).session, "the first time is honest"
    return visit.calls_back(said)


def _another_browser(stage: Stage) -> Outcome:
    visit, victim = _one(stage), _one(stage)
    return visit.calls_back(visit.op.visit(visit.url), person=victim.person)


def _no_browser(stage: Stage) -> Outcome:
    visit = _one(stage)
    return visit.calls_back(visit.op.visit(visit.url), person=stage.person())


def _anothers_code(stage: Stage, used: bool) -> Outcome:
    """The state is the thief's own; the code is Alice's. PKCE stops a fresh one at the provider."""
    alice, thief = _one(stage), _one(stage)
    hers = alice.op.visit(alice.url)
    if used:
        assert alice.calls_back(hers).session, "the first time is honest"
    return thief.returns(code=hers["code"])


def _at_the_other(stage: Stage) -> Outcome:
    visit = _one(stage)
    return visit.calls_back(visit.op.visit(visit.url), provider="op-other")


def _issuer_of_the_other(stage: Stage) -> Outcome:
    return _one(stage).returns(iss=stage.oidc["op-other"].issuer)


def _forgets_us(op: OidcForge, _visit: OidcVisit) -> None:
    op.client_secret = "tomorrow's"


def _userinfo() -> Iterator[Row]:
    yield goes_in(f"{_ID}-scope-userinfo-claims, -userinfo-bearer-header", _groups_from_userinfo)
    for subject in ("mallory", LEAVE_OUT, ["248289761001"], None, "\ud800"):
        twist = _says({"sub": subject, "groups": ["aws-admins"]})
        yield refuses(f"{_ID}-userinfo-invalid-sub {_said(subject)}", "oidc.userinfo-subject", twist)
    yield admits("2.1 userinfo cannot say how one was authenticated", _says({"groups": [], "amr": ["hwk"]}), mfa=0)


def _groups_from_userinfo(stage: Stage) -> Outcome:
    with stage.twisted("op"):
        visit = _one(stage)
        del visit.op.person["groups"]
        visit.op.userinfo_claims = {"groups": ["from-userinfo"], "preferred_username": "not bob"}
        outcome = arrived(visit, visit.returns(), name="bob", groups=["from-userinfo"])
    sent = visit.op.authorizations["/userinfo"] or ""
    return outcome if sent.startswith("Bearer ") else replace(outcome, said="no bearer token in the header")


def _says(userinfo: dict[str, Any]) -> Twists:
    def twist(op: OidcForge, _visit: OidcVisit) -> None:
        op.person.pop("groups", None)
        op.twist.userinfo = userinfo

    return twist


def _groups() -> Iterator[Row]:
    pointer = {"_claim_names": {"groups": "s"}, "_claim_sources": {"s": {"endpoint": "http://127.0.0.1:1/"}}}
    inside = {"_claim_names": {"groups": "s"}, "_claim_sources": {"s": {"JWT": "e30.e30."}}}
    yield refuses(f"{_ID}-distributed-claims, 2.4 overage", "oidc.groups-overage", _gives(LEAVE_OUT, **pointer))
    yield refuses(f"{_ID}-aggregated-claims", "oidc.groups-overage", _gives(LEAVE_OUT, **inside))
    yield refuses("2.4 overage, hasgroups", "oidc.groups-overage", _gives(LEAVE_OUT, hasgroups=True))
    yield refuses("2.4 groups missing", "oidc.groups-missing", _asks_userinfo({}))
    yield admits("2.4 control no groups", _gives([]), groups=[])
    for groups in ("aws-dev", "aws-dev,aws-admins", {"aws-dev": True}, ["aws-dev", 7], [["aws-dev"]], None, True, [""]):
        yield refuses(f"2.4 groups of another type {_said(groups)}", "oidc.groups-type", _gives(groups))
    for group in ("aws-dev ", "aws\u200b-dev", "aws-\u202edev", "g" * 257, "e\u0301", "a\x00b"):
        yield refuses(f"2.4 a group {group!a:.20}", "oidc.groups-type", _gives([group]))
    yield admits("2.4 a path is one name, not several", _gives(["/a/b"]), groups=["/a/b"])
    yield admits("2.4 control 1000 groups", _gives([f"g{n}" for n in range(1000)]))
    yield refuses("2.4 1001 groups", "oidc.too-many-groups", _gives([f"g{n}" for n in range(1001)]))
    roles = {"realm_access": {"roles": ["aws-dev"]}}
    yield admits("2.4 nested path", _gives(LEAVE_OUT, **roles), "op-path", groups=["aws-dev"])
    claims = {"https://example.com/claims": {"groups": ["aws-dev"]}}
    yield admits("2.4 a path with dots in its keys", _gives(LEAVE_OUT, **claims), "op-url", groups=["aws-dev"])
    flat = _asks_userinfo({"realm_access": ["aws-dev"]})
    yield refuses("2.4 a path that ends early", "oidc.groups-missing oidc.groups-type", flat, "op-path")


def _gives(groups: Any, **claims: Any) -> Twists:
    def twist(op: OidcForge, _visit: OidcVisit) -> None:
        op.twist.claims.update(groups=groups, **claims)

    return twist


def _asks_userinfo(claims: dict[str, Any]) -> Twists:
    """Without groups in the token userinfo is rightly asked, and says no more."""

    def twist(op: OidcForge, visit: OidcVisit) -> None:
        op.person.pop("groups", None)
        op.twist.claims.update(claims)
        op.twist.userinfo = claims

    return twist


def _said(value: Any) -> str:
    return "absent" if value is LEAVE_OUT else f"{value!a:.24}"
