"""Signing keys that stay in AWS KMS: MiniStack's, with signatures and policies enforced; and the strict local AWS
that believes what they signed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificate
from joserfc.jws import extract_compact

from app.core.roles import Method
from app.errors import AwsRefused, AwsUnavailable, ConfigurationProblems
from app.issuers.aws import Aws as AskedAws
from app.issuers.kms import KmsSigner
from app.issuers.signing_keys import load_signing_keys, try_to_sign
from app.minting.keys import SigningKeys, new_key
from app.minting.oidc_tokens import mint_token
from app.minting.places import KmsKeyArn
from app.minting.saml_assertions import metadata
from app.server import check_configuration
from tests.core.people import NOW
from tests.issuers.conftest import Aws
from tests.issuers.ways import Ways, a_way
from tests.local.aws.bench import DEVELOPMENT
from tests.local.aws.kms import Kms, running_kms
from tests.minting.conftest import claims
from tests.servers.process import LOOPBACK, free_port

NOWHERE = KmsKeyArn(f"arn:aws:kms:eu-west-1:{DEVELOPMENT}:key/1234abcd-12ab-34cd-56ef-1234567890ab")
ISSUER = "https://id.fedgate.example"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kms]:
    with running_kms(tmp_path_factory.mktemp("ministack")) as kms:
        yield kms


@pytest.fixture
def kms(running: Kms, monkeypatch: pytest.MonkeyPatch, _this_process: None) -> Kms:
    """As the gateway's process sees it."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", running.url)
    for name, value in running.gateway.items():
        monkeypatch.setenv(name, value)
    return running


@pytest.fixture
def keys(kms: Kms) -> SigningKeys:
    """Instead of those of files, also for `ways`."""
    return load_signing_keys(kms.keys)


def problems(keys: Sequence[KmsKeyArn | Path]) -> ConfigurationProblems:
    with pytest.raises(ConfigurationProblems) as found:
        load_signing_keys(keys)
    return found.value


@pytest.mark.parametrize("method", [Method.SAML, Method.WEB_IDENTITY])
def test_aws_believes_what_kms_signed_and_the_person_reads_it_when_the_key_is_switched_off(
    kms: Kms, ways: Ways, method: Method
) -> None:
    role = a_way(method, ways.role(method, "App"), tags={"Team": "Zürich 東京"})
    assert ":assumed-role/App/alice" in ways.caller(ways.issue(role))
    signer = ways.keys.newest.signer
    with kms.switched_off(kms.keys[0]):
        with pytest.raises(AwsRefused, match="signing key in AWS KMS is switched off") as told:
            ways.issue(role)
        assert told.value.reason.startswith("kms.DisabledException ")
        assert signer.problem() == "kms.DisabledException"
    try_to_sign(ways.keys)
    assert signer.problem() == ""
    assert ways.issue(role)


def test_all_keys_are_published_and_the_first_one_signs_whoever_starts_and_whenever(
    kms: Kms, keys: SigningKeys, tmp_path: Path
) -> None:
    new_key(tmp_path, NOW)
    again = load_signing_keys((kms.keys[1], kms.keys[0], tmp_path))
    assert [key.name for key in again.keys[:2]] == [kms.keys[1].key_id, kms.keys[0].key_id]
    assert again.keys[0].certificate_pem == keys.keys[1].certificate_pem
    assert [key["kid"] for key in again.jwks()["keys"]] == [key.jwk.kid for key in again.keys]
    assert all(key.certificate_base64 in metadata(ISSUER, again, ISSUER).decode() for key in again.keys)
    for key in keys.keys:
        certificate = load_pem_x509_certificate(key.certificate_pem)
        certificate.verify_directly_issued_by(certificate)
    for order in (keys, again):
        token = extract_compact(mint_token(claims(), ISSUER, order, NOW).encode())
        assert token.headers()["kid"] == order.keys[0].jwk.kid


def test_every_key_that_cannot_sign_is_told_at_once_with_what_to_do(kms: Kms, tmp_path: Path) -> None:
    symmetric, sealing = kms.new("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"), kms.new("RSA_2048", "ENCRYPT_DECRYPT")
    elliptic, off, going, strange = kms.new("ECC_NIST_P256"), kms.new(), kms.new(), kms.new()
    kms.may_use(*kms.keys, NOWHERE, symmetric, sealing, elliptic, off, going)
    kms.client.disable_key(KeyId=off)
    kms.client.schedule_key_deletion(KeyId=going, PendingWindowInDays=7)
    found = problems((*kms.keys, NOWHERE, symmetric, sealing, elliptic, off, going, strange, tmp_path))
    wanted = {
        NOWHERE: "no such key",
        symmetric: "expected an asymmetric RSA key",
        sealing: "is RSA_2048 for ENCRYPT_DECRYPT; expected an asymmetric RSA key",
        elliptic: "is ECC_NIST_P256 for SIGN_VERIFY; expected an asymmetric RSA key",
        off: "aws kms enable-key",
        going: "cancel-key-deletion",
        strange: "allow the gateway's own user or role kms:GetPublicKey and kms:Sign",
        tmp_path: "python -m app.minting.keys new",
    }
    assert len(found.problems) == len(wanted)
    for said, (key, words) in zip(found.problems, wanted.items(), strict=True):
        assert said.startswith(f"{key}: ")
        assert words in said
    assert not found.passing


def test_a_kms_that_is_away_at_the_start_is_told_as_something_that_passes(
    kms: Kms, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://{LOOPBACK}:{free_port()}")
    found = problems(kms.keys[:1])
    assert found.passing
    assert "AWS KMS does not answer" in found.problems[0]
    assert "(EndpointConnectionError)" in found.problems[0]
    assert not problems((kms.keys[0], tmp_path)).passing


GATEWAY_TOML = """base_url = "https://aws.example.com"
[[provider]]
id = "northwind"
kind = "oidc"
label = "Northwind"
issuer = "https://id.northwind.example"
client_id = "fedgate"
client_secret_file = "northwind.secret"
"""


def test_before_there_are_workers_all_is_told_at_once_and_a_kms_that_is_away_stops_nobody_who_works(
    kms: Kms, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "northwind.secret").write_text("not a real one")
    (tmp_path / "gateway.toml").write_text(GATEWAY_TOML + 'colour = "blue"\n')
    monkeypatch.setenv("FEDGATE_CONFIG", str(tmp_path / "gateway.toml"))
    monkeypatch.setenv("FEDGATE_SEALING_KEYS", "A" * 43 + "=")
    monkeypatch.setenv("FEDGATE_DATABASE_URL", f"sqlite:///{tmp_path}/fedgate.db")
    monkeypatch.setenv("FEDGATE_AUDIT_JOURNAL", str(tmp_path / "gateway.toml"))
    monkeypatch.setenv("FEDGATE_ISSUER_KEYS", NOWHERE)
    with pytest.raises(SystemExit) as ended:
        check_configuration()
    said = capsys.readouterr().err.splitlines()
    assert ended.value.code == 3
    assert len(said) == 4
    assert "colour" in said[1]
    assert said[2].startswith(f"  FEDGATE_ISSUER_KEYS: {NOWHERE}: AWS KMS ")
    assert said[3].startswith("  FEDGATE_AUDIT_JOURNAL: ")

    (tmp_path / "gateway.toml").write_text(GATEWAY_TOML)
    monkeypatch.setenv("FEDGATE_AUDIT_JOURNAL", str(tmp_path / "audit"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", f"http://{LOOPBACK}:{free_port()}")
    with pytest.raises(SystemExit) as ended:
        check_configuration()
    assert ended.value.code == 1  # with 3, gunicorn would end all workers for one that cannot be replaced now


def test_a_gateway_without_credentials_of_its_own_is_told_so(kms: Kms, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in kms.gateway:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    assert "has no AWS credentials of its own" in problems(kms.keys[:1]).problems[0]


@pytest.mark.parametrize(("pause", "tries"), [(0.0, 4), (1.0, 1)])
def test_a_kms_that_has_no_time_is_asked_again_but_not_for_long(
    kms: Kms, aws: Aws, monkeypatch: pytest.MonkeyPatch, pause: float, tries: int
) -> None:
    """`pause`: seconds by which the clock moves on whenever somebody looks at it."""
    clock = iter(pause * number for number in range(1_000))
    monkeypatch.setenv("AWS_ENDPOINT_URL_KMS", aws.url)
    aws.status, aws.kind, aws.headers = 400, "application/x-amz-json-1.1", {"x-amzn-RequestId": "11112222-3333"}
    aws.answer = json.dumps({"__type": "ThrottlingException", "message": "about <script>"})
    asked = AskedAws(clock=lambda: next(clock), sleep=lambda _: None)
    signer = KmsSigner(asked, kms.keys[0])
    with pytest.raises(AwsUnavailable, match="Try again in a minute") as told:
        signer.sign(bytes(32))
    assert told.value.reason == "kms.ThrottlingException 11112222-3333"
    assert signer.problem() == "kms.ThrottlingException"
    assert len(aws.asked) == tries
