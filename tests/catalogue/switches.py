"""Rows 31 and 32, while the gateway runs: a provider that was switched off, a certificate that was taken out."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.catalogue.alive import SignedIn
from tests.catalogue.homes import Homes, OidcHome, SamlHome
from tests.catalogue.row import NOTHING_SAID, Outcome, Row, Verdict, ends, goes_in, refused
from tests.catalogue.stage import Stage
from tests.catalogue.visits import OidcVisit, SamlVisit
from tests.forges.saml import SamlForge, Signing
from tests.patience import SECONDS

_COMING = SamlForge()
HOMES: Homes = {
    "leaves": SamlHome(),
    "op-leaves": OidcHome(),
    "rolls": SamlHome(metadata=lambda forge: forge.metadata((_COMING.certificate, forge.certificate))),
}


def rows() -> Iterator[Row]:
    yield refused("1.3-31 disabled: no departure", NOTHING_SAID, lambda stage: SamlVisit.begin(stage, "off").post("x"))
    yield refused("1.3-31 disabled: its good assertion", NOTHING_SAID, lambda stage: _at(stage, "off"))
    yield refused("1.3-31 unknown provider", NOTHING_SAID, lambda stage: _at(stage, "nobody"))
    yield refused("1.3-31 disabled OpenID provider", NOTHING_SAID, lambda s: OidcVisit.begin(s, "op-off").returns())
    yield refused("1.3-31 X9 another provider's assertion", "saml.issuer saml.signature", _of_another)
    yield refused("1.3-31 at another provider's address", "signin.state", _at_another)
    yield goes_in("1.3-32 control: both certificates, live", lambda stage: _roll(stage, out=False))
    yield refused("1.3-32 removed while the gateway runs", "saml.signature", lambda stage: _roll(stage, out=True))
    yield ends("1.3-31 switched off while the gateway runs: sessions end", _switched_off)
    yield refused("1.3-31 switched off: an answer under way", NOTHING_SAID, lambda stage: _under_way(stage, "leaves"))
    yield refused("1.3-31 switched off: an OpenID answer under way", NOTHING_SAID, _op_under_way)


def _at(stage: Stage, provider: str) -> Outcome:
    """A good answer of the provider for that address, with the state of a sign-in at another."""
    begun = SamlVisit.begin(stage)
    forge = stage.saml.get(provider, begun.forge)
    visit = replace(begun, provider=provider, forge=forge)
    return visit.post(visit.signed())


def _of_another(stage: Stage) -> Outcome:
    visit = SamlVisit.begin(stage)
    other = replace(visit, forge=stage.saml["other"])
    return visit.post(other.signed())


def _at_another(stage: Stage) -> Outcome:
    """Mix-up: a good answer of the other provider, at its own address, for a sign-in that began at the first."""
    visit = SamlVisit.begin(stage)
    other = replace(visit, provider="other", forge=stage.saml["other"])
    return other.post(other.signed())


def _roll(stage: Stage, out: bool) -> Outcome:
    path, forge = stage.gateway.folder / "rolls.xml", stage.saml["rolls"]
    before = path.read_text("utf-8")
    visit = SamlVisit.begin(stage, "rolls")
    if not out:
        new = visit.post(visit.signed(assertion=Signing(key=_COMING.key)))
        old = SamlVisit.begin(stage, "rolls")
        return old.post(old.signed()) if new.verdict is Verdict.IN else new
    path.write_text(forge.metadata((_COMING.certificate,)), "utf-8")
    try:
        return _until(Verdict.REFUSED, lambda: _once_more(stage))
    finally:
        path.write_text(before, "utf-8")


def _once_more(stage: Stage) -> Outcome:
    visit = SamlVisit.begin(stage, "rolls")
    return visit.post(visit.signed())


def _until(wanted: Verdict, act: Callable[[], Outcome]) -> Outcome:
    """Each worker looks at its files once a second. What is wanted must then be the answer of both, several times."""
    end, in_a_row, outcome = time.monotonic() + SECONDS, 0, act()
    while in_a_row < 6 and time.monotonic() < end:
        in_a_row = in_a_row + 1 if outcome.verdict is wanted else 0
        time.sleep(0.1 if in_a_row else 0.3)
        outcome = act()
    return outcome


def _off(stage: Stage, provider: str) -> None:
    """Each worker looks at its files at most once a second, when it is asked something."""
    stage.write(provider, "enabled = false\n")
    time.sleep(1.2)


def _switched_off(stage: Stage) -> Outcome:
    visit = SamlVisit.begin(stage, "leaves")
    assert visit.post(visit.signed()).verdict is Verdict.IN
    person = SignedIn(visit)
    assert person.is_in()
    _off(stage, "leaves")
    try:
        return Outcome(Verdict.MISSING if person.is_in() else Verdict.ENDED, 303)
    finally:
        stage.write("leaves", "")


def _under_way(stage: Stage, provider: str) -> Outcome:
    visit = _begun(lambda: SamlVisit.begin(stage, provider))
    _off(stage, provider)
    try:
        return visit.post(visit.signed())
    finally:
        stage.write(provider, "")


def _op_under_way(stage: Stage) -> Outcome:
    visit = OidcVisit.begin(stage, "op-leaves")
    said = visit.op.visit(visit.url)
    _off(stage, "op-leaves")
    try:
        return visit.calls_back(said)
    finally:
        stage.write("op-leaves", "")


def _begun(begin: Callable[[], SamlVisit]) -> SamlVisit:
    """A provider that was switched on again a moment ago."""
    from tests.catalogue.visits import NoDeparture

    for _ in range(300):
        try:
            return begin()
        except NoDeparture:
            time.sleep(0.2)
    return begin()
