from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from app.issuers.every import build_issuers, connect_aws
from app.local.aws.founding import new_keys
from app.local.aws.server import LocalAws
from app.local.aws.things import Account
from tests.awsside.conftest import published, signer
from tests.awsside.story import DEVELOPMENT, FEDGATE, ISSUER, PARTNER, PRODUCTION, Administrator, Signer
from tests.doctor.hospital import Hospital, now
from tests.local.aws.bench import OidcIssuer

__all__ = ["published", "signer"]


@pytest.fixture(scope="module")
def hospital(published: OidcIssuer, signer: Signer) -> Iterator[Hospital]:
    """One AWS for all tests of a file: each gives the role that it needs a trust policy of its own."""
    accounts = [Account(DEVELOPMENT, "Development"), Account(PRODUCTION, "Production"), Account(PARTNER, "Partner Ltd")]
    maker = LocalAws()
    keys = new_keys(accounts, maker.desk.key_id, maker.desk.secret)
    with LocalAws(resolve={ISSUER: published.url}, keys=keys) as aws, pytest.MonkeyPatch.context() as patch:
        admin = Administrator(
            aws.url, {account: aws.operator(account) for account in (DEVELOPMENT, PRODUCTION, PARTNER)}
        )
        for name, value in {
            **{name.upper(): text for name, text in admin.user(FEDGATE).items()},
            "AWS_ENDPOINT_URL_STS": aws.url,
            "AWS_ENDPOINT_URL_IAM": aws.url,
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }.items():
            patch.setenv(name, value)
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            patch.delenv(name, raising=False)
        connected = connect_aws(ISSUER, signer.keys, now)
        found = Hospital(admin, signer.described(), build_issuers(connected, ISSUER, signer.keys, now))
        found.open()
        yield found
