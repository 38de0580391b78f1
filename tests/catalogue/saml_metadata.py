"""X15 and row 32: whose metadata is believed, and which certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from tests.catalogue.homes import Homes, SamlHome
from tests.catalogue.row import Outcome, Row, Verdict, away, goes_in, refused
from tests.catalogue.saml_recipes import admits, refuses
from tests.catalogue.stage import Stage
from tests.catalogue.visits import SamlVisit
from tests.forges.saml import MD, SamlForge, Signing, make_certificate

_SIGNER, _STRANGER = (rsa.generate_private_key(public_exponent=65537, key_size=2048) for _ in range(2))
_COMING = SamlForge()
_PINNED = 'metadata_certificate_files = ["federation.pem"]\n'
_FILES = {
    "federation.pem": x509.load_der_x509_certificate(make_certificate(_SIGNER))
    .public_bytes(serialization.Encoding.PEM)
    .decode()
}


def _signed(
    key: rsa.RSAPrivateKey, then: Callable[[etree._Element], object] = lambda _root: None
) -> Callable[..., str]:
    """Metadata with a signature of this key over the whole, and what somebody changed afterwards."""

    def make(forge: SamlForge) -> str:
        root = etree.fromstring(forge.metadata())
        root.set("ID", "_metadata")
        forge.sign(root, Signing(key=key, certificate=make_certificate(key)))
        then(root)
        return etree.tostring(root).decode()

    return make


def _elsewhere(root: etree._Element) -> None:
    service = root.find(f".//{{{MD}}}SingleSignOnService")
    assert service is not None
    service.set("Location", "https://evil.example.com/sso")


def _part(forge: SamlForge) -> str:
    """Only the role is signed; the entityID around it is anybody's."""
    root = etree.fromstring(forge.metadata())
    root[0].set("ID", "_role")
    forge.sign(root[0], Signing(key=_SIGNER))
    return etree.tostring(root).decode()


def _two(forge: SamlForge) -> str:
    both = forge.metadata() + SamlForge("https://evil.example.com/saml", key=forge.key).metadata()
    return f'<md:EntitiesDescriptor xmlns:md="{MD}">{both}</md:EntitiesDescriptor>'


_UNUSABLE: dict[str, SamlHome] = {
    "DTD": SamlHome(metadata=lambda forge: f'<!DOCTYPE a [<!ENTITY b "c">]>{forge.metadata()}', served="whole"),
    "larger than 1 MiB": SamlHome(metadata=lambda forge: forge.metadata() + " " * 1_100_000, served="whole"),
    "two providers": SamlHome(metadata=_two, served="whole"),
    "no certificate": SamlHome(metadata=lambda forge: forge.metadata(()), served="whole"),
    "only a certificate for encryption": SamlHome(
        metadata=lambda forge: forge.metadata(use="encryption"), served="whole"
    ),
    "a redirect": SamlHome(served="redirect"),
    "rubbish": SamlHome(served="rubbish"),
    "status 500": SamlHome(served="500"),
    "pinned, unsigned": SamlHome(more=_PINNED, served="whole"),
    "pinned, signed by a stranger": SamlHome(metadata=_signed(_STRANGER), more=_PINNED, served="whole"),
    "pinned, altered": SamlHome(metadata=_signed(_SIGNER, _elsewhere), more=_PINNED, served="whole"),
    "pinned, a part signed": SamlHome(metadata=_part, more=_PINNED, served="whole"),
}


class _Counting(SamlForge):
    """`asked`: how often its metadata was fetched, and once for the operator."""

    asked = 0

    def metadata(self, *args: Any, **kwargs: Any) -> str:
        self.asked += 1
        return super().metadata(*args, **kwargs)

    def changes_its_key(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.certificate = make_certificate(self.key)


HOMES: Homes = {
    "meta-rolls": SamlHome(_Counting, served="whole"),
    "meta-flood": SamlHome(_Counting, served="whole"),
    "meta": SamlHome(served="whole"),
    "meta-pinned": SamlHome(metadata=_signed(_SIGNER), more=_PINNED, files=_FILES, served="whole"),
    "meta-both": SamlHome(metadata=lambda forge: forge.metadata((_COMING.certificate, forge.certificate))),
    "meta-coming": SamlHome(metadata=lambda forge: forge.metadata((_COMING.certificate,))),
    **{f"meta-{number}": home for number, home in enumerate(_UNUSABLE.values())},
}


def rows() -> Iterator[Row]:
    yield admits("X15 control metadata by address", lambda v: v.signed(), "meta")
    yield admits("X15 control metadata by address, signed", lambda v: v.signed(), "meta-pinned")
    for number, name in enumerate(_UNUSABLE):
        yield away(f"X15 {name}", lambda stage, n=number: SamlVisit.begin(stage, f"meta-{n}").post("unreachable"))
    coming = Signing(key=_COMING.key)
    yield admits("32 control rollover, the old certificate", lambda v: v.signed(), "meta-both")
    yield admits("32 control rollover, the new certificate", lambda v: v.signed(assertion=coming), "meta-both")
    yield admits("32 control after the rollover", lambda v: v.signed(assertion=coming), "meta-coming")
    yield goes_in("1.3-32 a key that is changed between two readings of the metadata", _rolled)
    yield refused("1.3-32 unknown keys: one fetch for all of them", "saml.signature", _flood)
    yield refuses("32 a certificate that is not configured", "saml.signature", lambda v: v.signed(), "meta-coming")


def _rolled(stage: Stage) -> Outcome:
    forge = _known(stage, "meta-rolls")
    forge.changes_its_key()
    visit = SamlVisit.begin(stage, "meta-rolls")
    return visit.post(visit.signed())


def _flood(stage: Stage) -> Outcome:
    forge = _known(stage, "meta-flood")
    before = forge.asked
    for _ in range(8):
        visit = SamlVisit.begin(stage, "meta-flood")
        outcome = visit.post(visit.signed(assertion=Signing(key=stage.stranger)))
    asked = forge.asked - before
    # A worker that had no metadata yet fetches its own copy; unknown keys cost one fetch of all workers together.
    return outcome if asked <= len(stage.gateway.workers()) else replace(outcome, said=f"it was fetched {asked} times")


def _known(stage: Stage, at: str) -> _Counting:
    """The provider, after an honest sign-in."""
    visit = SamlVisit.begin(stage, at)
    assert visit.post(visit.signed()).verdict is Verdict.IN
    assert isinstance(visit.forge, _Counting)
    return visit.forge
