"""A whole gateway whose signing keys stay in AWS KMS: from a sign-in to the console, and what it says meanwhile."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from tests.forges.oidc import OidcForge
from tests.local.aws.bench import trust
from tests.local.aws.kms import Kms, running_kms
from tests.ops.conftest import NORTHWIND, Running
from tests.world import PRODUCTION, World

PROVIDER = f"arn:aws:iam::{PRODUCTION}:saml-provider/kms"
LINK = f"/console/{PRODUCTION}/SignedInKms"
RULES = f"""
[[role]]
arn = "arn:aws:iam::{PRODUCTION}:role/SignedInKms"
method = "saml"
provider_arn = "{PROVIDER}"
[[rule]]
id = "all"
provider = "northwind"
groups = ["aws-dev"]
roles = ["arn:aws:iam::{PRODUCTION}:role/SignedInKms"]
"""


@pytest.fixture(scope="module")
def kms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kms]:
    with running_kms(tmp_path_factory.mktemp("ministack")) as found:
        yield found


@pytest.fixture(scope="module")
def signing(world: World, kms: Kms) -> Iterator[Running]:
    """One worker, because each knows of its own signatures only."""
    told = {"FEDGATE_ISSUER_KEYS": ",".join(kms.keys), "AWS_ENDPOINT_URL_KMS": kms.url, "FEDGATE_TRUSTED_PROXIES": "1"}
    with OidcForge() as op:
        gateway = world.gateway(
            NORTHWIND.format(issuer=op.issuer, client=op.client_id),
            RULES,
            files={"northwind.secret": op.client_secret},
            environment={**told, **kms.gateway, "WEB_CONCURRENCY": "1"},
        )
        assert gateway.process is not None
        try:
            yield Running(gateway, op)
        finally:
            gateway.process.stop()


@pytest.fixture(scope="module")
def known_to_aws(world: World, signing: Running) -> Iterator[None]:
    """An administrator gives AWS the gateway's metadata, and a role that trusts it."""
    iam = _administrator(world)
    metadata = requests.get(f"{signing.url}/issuer/saml-metadata.xml", timeout=60).text
    iam.create_saml_provider(Name="kms", SAMLMetadataDocument=metadata)
    actions = ("sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity")
    iam.create_role(
        RoleName="SignedInKms",
        AssumeRolePolicyDocument=trust({"Federated": PROVIDER}, *actions),
        MaxSessionDuration=3600,
    )
    yield
    iam.delete_role(RoleName="SignedInKms")
    iam.delete_saml_provider(SAMLProviderArn=PROVIDER)


def _administrator(world: World) -> Any:
    keys = json.loads((world.stack / "aws-keys.json").read_text("utf-8"))
    key = next(key for key in keys if key["id"] == PRODUCTION)
    session = boto3.Session(key["access_key_id"], key["secret_access_key"], region_name="eu-west-1")
    return session.client("iam", endpoint_url=world.aws, config=Config(proxies={}))


def test_a_role_is_opened_with_what_kms_signed_and_a_key_that_is_switched_off_is_told_to_everybody(
    signing: Running, kms: Kms, known_to_aws: None
) -> None:
    opened = signing.arrive().get(f"{signing.url}{LINK}", allow_redirects=False, timeout=60)
    assert (opened.status_code, "SigninToken=" in opened.headers["Location"]) == (303, True)
    assert signing.checks()["issuer_keys"] == "ok"

    with kms.switched_off(kms.keys[0]):
        refused = signing.arrive().get(f"{signing.url}{LINK}", headers={"Accept": "text/html"}, timeout=60)
    assert refused.status_code == 502
    assert "The gateway&#39;s signing key in AWS KMS is switched off." in refused.text
    last = signing.gateway.events()[-1]
    assert last["kind"] == "credentials.refused"
    assert str(last["facts"]).count("kms.DisabledException ") == 1  # with AWS's request id
    assert signing.checks()["issuer_keys"] == "kms.DisabledException"
    assert requests.get(f"{signing.url}/readyz", timeout=60).status_code == 200  # what needs no signature goes on

    again = signing.arrive().get(f"{signing.url}{LINK}", allow_redirects=False, timeout=60)
    assert again.status_code == 303
    assert signing.checks()["issuer_keys"] == "ok"
