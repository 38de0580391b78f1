"""Our key pairs: their mistakes are named, our metadata shows them, requests are signed; a command makes one."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from lxml import etree

from app.providers.saml import keys
from app.providers.saml.redirect_binding import Field, verified
from tests.forges.saml import DS, MD, make_certificate
from tests.providers.conftest import SamlSignIn

P256 = bytes.fromhex("06082a8648ce3d030107")  # the curve's name in a certificate
XENC11 = "http://www.w3.org/2009/xmlenc11#"


@pytest.fixture(scope="module")
def pair() -> tuple[str, str]:
    return keys.new(datetime.now(UTC), 2048), keys.new(datetime.now(UTC), 2048)


def pem(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, *, password: bytes = b"") -> str:
    protection = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    return private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection).decode()


def certificate(private: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    der = make_certificate(private)
    return x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM).decode()


def test_key_and_certificate_may_stand_in_either_order(pair: tuple[str, str]) -> None:
    private, _, shown = pair[0].partition("-----BEGIN CERTIFICATE-----")
    assert keys.read(f"-----BEGIN CERTIFICATE-----{shown}{private}").certificate == keys.read(pair[0]).certificate


def test_what_is_no_key_pair_is_named_by_its_number_and_never_shown(pair: tuple[str, str]) -> None:
    small, curve = rsa.generate_private_key(65537, 1024), ec.generate_private_key(ec.SECP256R1())  # noqa: S505 - refused
    good = rsa.generate_private_key(65537, 2048)
    unknown = make_certificate(curve).replace(P256, P256[:-1] + b"\x77")
    found = keys.problems(
        [
            pair[0],
            pem(good),
            certificate(good),
            pem(small) + certificate(small),
            pem(curve) + certificate(curve),
            pem(good) + certificate(rsa.generate_private_key(65537, 2048)),
            pem(good, password=b"secret") + certificate(good),
            "",
            pem(good) + x509.load_der_x509_certificate(unknown).public_bytes(serialization.Encoding.PEM).decode(),
        ]
    )
    assert [problem.partition(":")[0] for problem in found] == [f"key_files[{n}]" for n in range(2, 10)]
    assert "2048 to 8192 bits" in found[2]
    assert "RSA" in found[3]
    assert "not of this key" in found[4]
    assert "password" in found[5]
    assert not any("BEGIN" in problem or "secret" in problem for problem in found)


def test_a_key_is_silent(pair: tuple[str, str], begin_saml: Callable[..., SamlSignIn]) -> None:
    saml = begin_saml(keys=pair[:1])
    secret = pair[0].splitlines()[5]
    for shown in (repr(saml.provider), repr(saml.provider.us), repr(keys.read(pair[0])), repr(saml.provider.settings)):
        assert secret not in shown
        assert "RSAPrivateKey" not in shown


def test_without_a_key_our_metadata_says_so(saml: SamlSignIn) -> None:
    role = etree.fromstring(saml.provider.metadata())[0]
    assert role.get("AuthnRequestsSigned") == "false"
    assert role.find(f"{{{MD}}}KeyDescriptor") is None
    assert role.find(f"{{{MD}}}SingleLogoutService") is None  # nobody could believe our messages
    assert "Signature" not in saml.departure.url


def test_our_metadata_has_every_key_for_both_uses(pair: tuple[str, str], begin_saml: Callable[..., SamlSignIn]) -> None:
    saml = begin_saml(keys=pair)
    role = etree.fromstring(saml.provider.metadata())[0]
    assert role.get("AuthnRequestsSigned") == "true"
    shown = [
        (one.get("use"), one.findtext(f".//{{{DS}}}X509Certificate")) for one in role.findall(f"{{{MD}}}KeyDescriptor")
    ]
    bodies = [keys.read(text).certificate_body for text in pair]
    assert shown == [(use, body) for use in ("signing", "encryption") for body in bodies]
    logout = role.findall(f"{{{MD}}}SingleLogoutService")
    assert {one.get("Location") for one in logout} == {"https://aws.example.com/signin/corp/logout"}


def test_our_metadata_names_the_ciphers_that_are_opened(
    pair: tuple[str, str], begin_saml: Callable[..., SamlSignIn]
) -> None:
    def offered(**changes: bool) -> list[str]:
        root = etree.fromstring(begin_saml(keys=pair[:1], **changes).provider.metadata())
        return [str(one.get("Algorithm")) for one in root.iter(f"{{{MD}}}EncryptionMethod")]

    assert offered()[0] == XENC11 + "aes256-gcm"
    assert not any("cbc" in name or "1_5" in name for name in offered())
    allowed = offered(allow_cbc_encryption=True)
    assert any("cbc" in name for name in allowed)
    assert not any("1_5" in name for name in allowed)


def test_our_metadata_is_what_the_schema_says(pair: tuple[str, str], begin_saml: Callable[..., SamlSignIn]) -> None:
    from onelogin.saml2.xml_utils import OneLogin_Saml2_XML

    for given in ((), pair):
        text = begin_saml(keys=given).provider.metadata()
        judged = OneLogin_Saml2_XML.validate_xml(etree.fromstring(text), "saml-schema-metadata-2.0.xsd")
        assert not isinstance(judged, str), judged


def test_requests_are_signed_with_the_first_key(pair: tuple[str, str], begin_saml: Callable[..., SamlSignIn]) -> None:
    saml = begin_saml(keys=pair)
    query = saml.departure.url.partition("?")[2]
    message = verified(query, [keys.read(pair[0]).certificate_body])
    assert (message.kind, message.relay_state) == (Field.REQUEST, "state-key")
    assert etree.fromstring(message.xml).get("ID") == saml.departure.kept["request_id"]


def test_requests_are_not_signed_where_the_operator_says_so(
    pair: tuple[str, str], begin_saml: Callable[..., SamlSignIn]
) -> None:
    saml = begin_saml(keys=pair, sign_requests=False)
    assert "Signature" not in saml.departure.url
    assert etree.fromstring(saml.provider.metadata())[0].get("AuthnRequestsSigned") == "false"


def test_the_command_makes_a_key_that_only_its_owner_reads_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "saml.pem"
    command = [sys.executable, "-m", "app.providers.saml.keys", "new", str(path)]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stderr
    assert "key_files" in made.stdout
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = keys.read(path.read_text("ascii"))
    assert key.private.key_size == 3072
    assert timedelta(days=3640) < key.certificate.not_valid_after_utc - datetime.now(UTC) < timedelta(days=3651)
    assert key.certificate.not_valid_before_utc < datetime.now(UTC)
    before = path.read_bytes()
    again = subprocess.run(command, capture_output=True, text=True, check=False)
    assert again.returncode == 1
    assert "not written" in again.stderr
    assert path.read_bytes() == before
