"""OpenID Connect, sections 2.2 and 2.3: the way there and back, userinfo, and our own authorization server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from tests.catalogue.homes import Homes
from tests.catalogue.oidc_recipes import Twists, admits, home, nothing, refuses
from tests.catalogue.row import Outcome, Row, goes_in, refused
from tests.catalogue.stage import Stage
from tests.catalogue.visits import OidcVisit, arrived
from tests.forges.oidc import LEAVE_OUT, OidcForge

_ID = "oidcc-client-test"
_ANOTHER = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _signing(op: OidcForge, key: rsa.RSAPrivateKey | None = None) -> None:
    """A provider that signs what userinfo says, and puts the groups there."""
    del op.person["groups"]
    op.signs_userinfo, op.userinfo_key, op.twist.userinfo = True, key, {"groups": ["from-userinfo"]}


HOMES: Homes = {
    "op-signs": home(_signing),
    "op-signs-wrongly": home(lambda op: _signing(op, _ANOTHER)),
    "op-secret": home(),
}


def rows() -> Iterator[Row]:
    yield from _there()
    yield from _back()
    yield from _our_own_server()
    yield from _userinfo()


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


def _our_own_server() -> Iterator[Row]:
    """The terminals' sign-in: a PKCE downgrade there would give a code that anybody can redeem."""
    for name, changes in (
        ("no challenge", {"code_challenge": None, "code_challenge_method": None}),
        ("plain", {"code_challenge_method": "plain"}),
        ("no method", {"code_challenge_method": None}),
        ("an empty challenge", {"code_challenge": ""}),
        ("a redirect address elsewhere", {"redirect_uri": "https://evil.example.com/callback"}),
    ):
        yield refused(f"2.3 PKCE downgrade at our own server, {name}", "pkce", lambda s, c=changes: _authorize(s, c))


def _authorize(stage: Stage, changes: dict[str, str | None]) -> Outcome:
    """Refused means: a page, and no redirect with a code. Nothing is recorded, for nobody was signed in by it."""
    visit = _one(stage)
    assert visit.returns().session
    honest: dict[str, str | None] = {
        "client_id": "fedgate-cli",
        "response_type": "code",
        "redirect_uri": "http://127.0.0.1:9/callback",
        "state": "x" * 22,
        "code_challenge": "x" * 43,
        "code_challenge_method": "S256",
    }
    query = {name: value for name, value in {**honest, **changes}.items() if value is not None}
    answer = visit.person.http.get(f"{stage.url}/oauth/authorize", params=query, allow_redirects=False, timeout=60)
    outcome = stage.outcome(answer, 0.0, visit.person)
    asked = 'action="/oauth/authorize"' in answer.text
    return replace(outcome, reason="pkce", program=True, said="the person is asked all the same" if asked else "")


def _userinfo() -> Iterator[Row]:
    yield goes_in(f"{_ID}-scope-userinfo-claims, -userinfo-bearer-header", _groups_from_userinfo)
    for subject in ("mallory", LEAVE_OUT, ["248289761001"], None, "\ud800"):
        twist = _says({"sub": subject, "groups": ["aws-admins"]})
        yield refuses(f"{_ID}-userinfo-invalid-sub {_said(subject)}", "oidc.userinfo-subject", twist)
    yield admits(f"{_ID}-userinfo-signed", at="op-signs", groups=["from-userinfo"])
    yield refuses("2.1 userinfo signed by a stranger", "oidc.signature", nothing, "op-signs-wrongly")
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


def _said(value: Any) -> str:
    return "absent" if value is LEAVE_OUT else f"{value!a:.24}"
