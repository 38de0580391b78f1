"""Which metadata is believed, and for how long: its signature, its own end, its wish to be read again (X15)."""

from __future__ import annotations

import base64
import copy
import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from app.errors import ConfigurationProblems, ProviderUnavailable
from app.providers.registry import build_registry
from app.providers.saml.logout_incoming import Incoming
from app.providers.saml.provider import SamlProvider
from app.providers.settings import SamlSettings
from tests.forges.saml import DS, EXC, MD, SamlForge, Signing, make_certificate, stamp
from tests.forges.saml_logout import LogoutForge, build
from tests.providers.conftest import BASE_URL, SamlSignIn

ADDRESS = "https://idp.example.com/metadata"
HOUR = timedelta(hours=1)
P256 = bytes.fromhex("06082a8648ce3d030107")  # the curve's name in a certificate
TLS = ssl.create_default_context()  # never used: nothing is fetched over the network here
Begin = Callable[..., SamlSignIn]


@pytest.fixture(scope="module")
def federation() -> SamlForge:
    """Whoever signs the metadata; another than who signs the assertions."""
    return SamlForge()


def pem(certificate: bytes) -> str:
    return x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()


def document(forge: SamlForge, **attributes: str) -> etree._Element:
    root = etree.fromstring(forge.metadata())
    root.attrib.update({"ID": "_metadata", **attributes})
    return root


def signed(signer: SamlForge, root: etree._Element, how: Signing = Signing()) -> str:  # noqa: B008 - frozen
    signer.sign(root, how)
    return etree.tostring(root).decode()


def problem_with(settings: SamlSettings) -> str:
    with pytest.raises(ConfigurationProblems) as caught:
        build_registry([settings], BASE_URL)
    return "\n".join(caught.value.problems)


@pytest.fixture
def pinned(saml_settings: SamlSettings, federation: SamlForge) -> SamlSettings:
    return replace(saml_settings, metadata_certificates=(pem(federation.certificate),))


def test_metadata_that_the_pinned_certificate_signed_is_believed(
    pinned: SamlSettings, saml_forge: SamlForge, federation: SamlForge
) -> None:
    text = signed(federation, document(saml_forge))
    provider = build_registry([replace(pinned, metadata=text)], BASE_URL, tls=TLS).get("corp")
    assert isinstance(provider, SamlProvider)
    assert provider.trusted(datetime.now(UTC)).entity_id == saml_forge.entity_id


def test_a_list_with_one_provider_may_be_signed_as_a_whole(
    pinned: SamlSettings, saml_forge: SamlForge, federation: SamlForge
) -> None:
    whole = etree.Element(f"{{{MD}}}EntitiesDescriptor", ID="_all", nsmap={"md": MD})
    whole.append(document(saml_forge))
    build_registry([replace(pinned, metadata=signed(federation, whole))], BASE_URL, tls=TLS)


@pytest.mark.parametrize("pins", [0, 1])
def test_each_of_several_pins_will_do(
    saml_settings: SamlSettings, saml_forge: SamlForge, federation: SamlForge, pins: int
) -> None:
    files = [pem(SamlForge().certificate), pem(federation.certificate)]
    settings = replace(saml_settings, metadata_certificates=(files[pins], files[1 - pins]))
    build_registry([replace(settings, metadata=signed(federation, document(saml_forge)))], BASE_URL, tls=TLS)
    both = replace(saml_settings, metadata_certificates=("".join(files),))
    build_registry([replace(both, metadata=signed(federation, document(saml_forge)))], BASE_URL, tls=TLS)


def test_metadata_without_that_signature_is_refused(
    pinned: SamlSettings, saml_forge: SamlForge, federation: SamlForge, strangers_key: rsa.RSAPrivateKey
) -> None:
    def refused(text: str) -> bool:
        return "metadata cannot be used: its signature" in problem_with(replace(pinned, metadata=text))

    assert "not signed as a whole" in problem_with(replace(pinned, metadata=saml_forge.metadata()))
    # KeyInfo brings the stranger's own certificate; the provider's own key is not the pin either.
    forged = Signing(key=strangers_key, certificate=make_certificate(strangers_key))
    assert refused(signed(federation, document(saml_forge), forged))
    assert refused(signed(saml_forge, document(saml_forge)))
    changed = signed(federation, document(saml_forge)).replace(
        "https://idp.example.com/sso", "https://evil.example.com"
    )
    assert refused(changed)
    assert refused(signed(federation, document(saml_forge), Signing(method=DS + "rsa-sha1")))
    assert refused(signed(federation, document(saml_forge), Signing(digest=DS + "sha1")))
    assert refused(signed(federation, document(saml_forge), Signing(transforms=(EXC,))))
    assert refused(signed(federation, document(saml_forge), Signing(uri="")))
    assert refused(signed(federation, document(saml_forge), Signing(references=2)))


def test_a_signature_on_a_part_vouches_for_nothing_around_it(
    pinned: SamlSettings, saml_forge: SamlForge, federation: SamlForge
) -> None:
    inner = document(saml_forge)
    federation.sign(inner)
    whole = etree.Element(f"{{{MD}}}EntitiesDescriptor", ID="_all", nsmap={"md": MD})
    whole.append(inner)
    assert "not signed as a whole" in problem_with(replace(pinned, metadata=etree.tostring(whole).decode()))
    # Wrapped: the signature of a part is moved to a root of the forger's.
    evil = document(SamlForge(entity_id="https://evil.example.com"), ID="_evil")
    original = document(saml_forge)
    signature = copy.deepcopy(federation.sign(original))
    evil.insert(0, signature)
    evil.append(original)
    assert "its signature" in problem_with(replace(pinned, metadata=etree.tostring(evil).decode()))
    evil.set("ID", "_metadata")
    assert "its signature" in problem_with(replace(pinned, metadata=etree.tostring(evil).decode()))


def test_a_pin_that_is_no_certificate_is_named(saml_settings: SamlSettings) -> None:
    weak = pem(make_certificate(rsa.generate_private_key(65537, 1024)))  # noqa: S505 - refused
    of_a_curve = make_certificate(ec.generate_private_key(ec.SECP256R1()))
    unknown = pem(of_a_curve.replace(P256, P256[:-1] + b"\x77"))
    said = problem_with(replace(saml_settings, metadata_certificates=("nothing", weak, unknown)))
    assert "metadata_certificate_files[1]: expected one or more certificates" in said
    assert "metadata_certificate_files[2]: the key must be" in said
    assert "metadata_certificate_files[3]: the key must be" in said


class Address:
    def __init__(self, text: str) -> None:
        self.text, self.asked = text, 0

    def __call__(self, _url: str) -> bytes:
        self.asked += 1
        return self.text.encode()


def at(address: Address, settings: SamlSettings) -> SamlProvider:
    provider = build_registry([replace(settings, metadata=ADDRESS)], BASE_URL, fetch=address, tls=TLS).get("corp")
    assert isinstance(provider, SamlProvider)
    return provider


def refusal(provider: SamlProvider, now: datetime) -> str:
    with pytest.raises(ProviderUnavailable) as caught:
        provider.trusted(now)
    return caught.value.reason


def test_unsigned_metadata_at_the_address_leaves_the_signed_copy_in_force(
    pinned: SamlSettings, saml_forge: SamlForge, federation: SamlForge
) -> None:
    now = datetime.now(UTC)
    address = Address(signed(federation, document(saml_forge)))
    provider = at(address, pinned)
    provider.trusted(now)
    address.text = SamlForge(entity_id="https://evil.example.com").metadata()
    assert provider.trusted(now + 2 * HOUR).entity_id == saml_forge.entity_id
    assert address.asked == 2
    assert refusal(at(address, pinned), now) == "saml.metadata-signature"


@pytest.mark.parametrize("place", ["root", "role"])
def test_metadata_ends_when_it_says_so(saml_settings: SamlSettings, saml_forge: SamlForge, place: str) -> None:
    now = datetime.now(UTC)
    root = document(saml_forge)
    (root if place == "root" else root[0]).set("validUntil", stamp(now + HOUR))
    root.set("validUntil", root.get("validUntil") or stamp(now + 24 * HOUR))
    text = etree.tostring(root).decode()
    from_file = build_registry([replace(saml_settings, metadata=text)], BASE_URL, tls=TLS).get("corp")
    assert isinstance(from_file, SamlProvider)
    for provider in (from_file, at(Address(text), saml_settings)):
        assert provider.trusted(now + HOUR / 2).entity_id == saml_forge.entity_id
        assert refusal(provider, now + HOUR) == "saml.metadata-expired"


def test_expired_metadata_does_not_replace_a_copy_that_has_not(
    saml_settings: SamlSettings, saml_forge: SamlForge
) -> None:
    now = datetime.now(UTC)
    address = Address(saml_forge.metadata())
    provider = at(address, saml_settings)
    provider.trusted(now)
    other = SamlForge(entity_id="https://old.example.com")
    address.text = etree.tostring(document(other, validUntil=stamp(now - HOUR))).decode()
    assert provider.trusted(now + 2 * HOUR).entity_id == saml_forge.entity_id
    assert refusal(at(address, saml_settings), now) == "saml.metadata-expired"


def test_an_end_that_cannot_be_read_is_no_end_that_can_be_ignored(
    saml_settings: SamlSettings, saml_forge: SamlForge
) -> None:
    for written in ("soon", "2026-13-01T00:00:00Z", "2036-01-01T00:00:00"):
        text = etree.tostring(document(saml_forge, validUntil=written)).decode()
        assert "metadata cannot be used" in problem_with(replace(saml_settings, metadata=text))


@pytest.mark.parametrize(
    ("duration", "minutes_until_asked"),
    [("PT10M", 10), ("PT600S", 10), ("PT0S", 1), ("P1D", 60), ("PT6H", 60), ("P1M", 60), ("rubbish", 60), ("P", 60)],
)
def test_metadata_is_read_again_sooner_if_it_wants_that_and_never_later(
    saml_settings: SamlSettings, saml_forge: SamlForge, duration: str, minutes_until_asked: int
) -> None:
    now, minute = datetime.now(UTC), timedelta(minutes=1)
    address = Address(etree.tostring(document(saml_forge, cacheDuration=duration)).decode())
    provider = at(address, saml_settings)
    provider.trusted(now)
    provider.trusted(now + minutes_until_asked * minute - minute / 2)
    assert address.asked == 1
    provider.trusted(now + minutes_until_asked * minute)
    assert address.asked == 2
    provider.trusted(now + minutes_until_asked * minute + minute / 2)
    assert address.asked == 2


def test_32_during_a_rollover_both_certificates_are_believed_and_a_removed_one_at_once_no_more(
    begin_saml: Begin, saml_forge: SamlForge
) -> None:
    successor = SamlForge()
    both = (saml_forge.certificate, successor.certificate)
    saml = begin_saml(metadata=saml_forge.metadata(both))
    assert saml.arrives().subject == "alice"
    assert saml.arrives(saml.signed(assertion=Signing(key=successor.key))).subject == "alice"
    saml = begin_saml(metadata=saml_forge.metadata((successor.certificate,)))
    assert saml.refusal(saml.signed()) == "saml.signature"


def test_32_removal_at_an_address_holds_from_the_next_reading(
    begin_saml: Begin, saml_settings: SamlSettings, saml_forge: SamlForge
) -> None:
    saml, address = begin_saml(), Address(saml_forge.metadata((saml_forge.certificate, SamlForge().certificate)))
    saml.provider = at(address, saml_settings)
    saml.provider.trusted(saml.now - HOUR)
    address.text = saml_forge.metadata((SamlForge().certificate,))
    assert saml.refusal(saml.signed()) == "saml.signature"
    assert address.asked == 2


def test_32_a_new_key_is_known_at_its_first_message(
    begin_saml: Begin, saml_settings: SamlSettings, saml_forge: SamlForge
) -> None:
    saml, address, successor = begin_saml(), Address(saml_forge.metadata()), SamlForge()
    saml.provider = at(address, saml_settings)
    saml.provider.trusted(saml.now - HOUR / 2)
    address.text = saml_forge.metadata((successor.certificate,))
    assert saml.arrives(saml.signed(assertion=Signing(key=successor.key))).subject == "alice"
    assert saml.refusal(saml.signed()) == "saml.signature", "the old key has gone with the old metadata"
    assert address.asked == 2


def test_32_a_flood_of_unknown_keys_fetches_once_a_minute(
    begin_saml: Begin, saml_settings: SamlSettings, saml_forge: SamlForge, strangers_key: rsa.RSAPrivateKey
) -> None:
    saml, address = begin_saml(), Address(saml_forge.metadata())
    saml.provider = at(address, saml_settings)
    saml.provider.trusted(saml.now - HOUR / 2)
    forged = saml.signed(assertion=Signing(key=strangers_key))
    for second in range(0, 60, 5):
        assert saml.refusal(forged, saml.now + timedelta(seconds=second)) == "saml.signature"
    assert address.asked == 2
    saml.refusal(forged, saml.now + timedelta(seconds=60))
    assert address.asked == 3
    assert saml.arrives().subject == "alice"


def test_32_a_new_key_is_known_at_a_sign_out_too(saml_settings: SamlSettings) -> None:
    forge, successor, now = LogoutForge(), LogoutForge(), datetime.now(UTC)
    address = Address(forge.metadata())
    provider = at(address, saml_settings)
    provider.trusted(now - HOUR / 2)
    address.text = forge.metadata((successor.certificate,))
    form = successor.form(build(forge.asks(provider.us.slo, now)))
    assert provider.told_to_end(Incoming("post", form=form), now).subject == "alice"
    assert address.asked == 2


def test_32_what_is_fetched_early_is_trusted_no_more_than_what_is_fetched_in_time(
    begin_saml: Begin, pinned: SamlSettings, saml_forge: SamlForge, federation: SamlForge
) -> None:
    saml, address = begin_saml(), Address(signed(federation, document(saml_forge)))
    saml.provider, evil = at(address, pinned), SamlForge()
    saml.provider.trusted(saml.now - HOUR / 2)
    address.text = saml_forge.metadata((evil.certificate,))
    assert saml.refusal(saml.signed(assertion=Signing(key=evil.key))) == "saml.signature"
    assert address.asked == 2
    assert saml.arrives().subject == "alice", "the signed copy is in force"


def test_32_only_a_key_that_is_not_in_it_is_a_reason_to_fetch(
    begin_saml: Begin, saml_settings: SamlSettings, saml_forge: SamlForge
) -> None:
    saml, address = begin_saml(), Address(saml_forge.metadata())
    saml.provider = at(address, saml_settings)
    saml.provider.trusted(saml.now - HOUR / 2)
    assert saml.refusal_of(audience="https://evil.example.com") == "saml.audience"
    assert saml.refusal(saml.signed(assertion=None)) == "saml.unsigned"
    assert address.asked == 1


def test_32_a_certificate_that_has_ended_still_verifies(begin_saml: Begin) -> None:
    """SAML trusts keys (metadata 2.6.1.1): an ended certificate is a warning, not a morning without sign-ins."""
    forge = SamlForge()
    forge.certificate = ended(forge)
    saml = begin_saml(forge)
    assert saml.arrives().subject == "alice"
    (shown,) = saml.provider.trusted(saml.now).certificates
    assert x509.load_der_x509_certificate(base64.b64decode(shown)).not_valid_after_utc < saml.now


def ended(forge: SamlForge) -> bytes:
    from cryptography.hazmat.primitives import hashes

    name, now = x509.Name([]), datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(forge.key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - 48 * HOUR).not_valid_after(now - 24 * HOUR)
    return builder.sign(forge.key, hashes.SHA256()).public_bytes(Encoding.DER)


@pytest.mark.parametrize(
    ("services", "expected"),
    [
        ("", ("", "", "")),
        ("redirect", ("https://idp.example.com/slo", "https://idp.example.com/slo", "redirect")),
        ("post", ("https://idp.example.com/slo", "https://idp.example.com/slo", "post")),
        ("answers", ("https://idp.example.com/slo", "https://idp.example.com/answers", "redirect")),
        ("http", ("", "", "")),
    ],
)
def test_where_logout_goes_is_read_if_a_browser_may_be_sent_there(
    begin_saml: Begin, saml_forge: SamlForge, services: str, expected: tuple[str, str, str]
) -> None:
    root = document(saml_forge)
    binding = f"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{'POST' if services == 'post' else 'Redirect'}"
    more: dict[str, Any] = {"ResponseLocation": "https://idp.example.com/answers"} if services == "answers" else {}
    scheme = "http" if services == "http" else "https"
    if services:
        where = {"Binding": binding, "Location": f"{scheme}://idp.example.com/slo", **more}
        root[0].insert(len(root[0]) - 1, etree.Element(f"{{{MD}}}SingleLogoutService", where))
    saml = begin_saml(metadata=etree.tostring(root).decode())
    them = saml.provider.trusted(saml.now)
    assert (them.slo_url, them.slo_response_url, them.slo_binding) == expected
