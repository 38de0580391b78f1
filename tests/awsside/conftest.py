from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.local.aws.founding import new_keys
from app.local.aws.server import LocalAws
from app.local.aws.things import Account
from tests.awsside.story import DEVELOPMENT, FEDGATE, ISSUER, PARTNER, PRODUCTION, Administrator, GatewayCalls, Signer
from tests.local.aws.bench import OidcIssuer


@pytest.fixture(scope="session")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    return Signer.new(tmp_path_factory.mktemp("signer"))


@pytest.fixture(scope="session")
def published(signer: Signer) -> Iterator[OidcIssuer]:
    """The gateway's two documents, where AWS finds them."""
    server = OidcIssuer(answers={"/issuer/jwks.json": signer.keys.jwks()}).start()
    yield server
    server.stop()


@pytest.fixture
def aws(published: OidcIssuer) -> Iterator[LocalAws]:
    """Three accounts on their first day."""
    accounts = [Account(DEVELOPMENT, "Development"), Account(PRODUCTION, "Production"), Account(PARTNER, "Partner Ltd")]
    maker = LocalAws()
    keys = new_keys(accounts, maker.desk.key_id, maker.desk.secret)
    with LocalAws(resolve={ISSUER: published.url}, keys=keys) as found:
        yield found


@pytest.fixture
def admin(aws: LocalAws, tmp_path: Path) -> Administrator:
    return Administrator(aws.url, {account: aws.operator(account) for account in (DEVELOPMENT, PRODUCTION, PARTNER)})


@pytest.fixture
def gateway(admin: Administrator, signer: Signer) -> GatewayCalls:
    return GatewayCalls(admin, signer, admin.user(FEDGATE))
