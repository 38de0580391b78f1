from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.local.aws.server import LocalAws
from tests.forges.saml import SamlForge
from tests.local.aws.bench import ISSUER, Bench, OidcIssuer


@pytest.fixture(scope="session")
def saml_forge() -> SamlForge:
    return SamlForge("https://aws.example.com/issuer/saml")


@pytest.fixture(scope="session")
def oidc_server() -> Iterator[OidcIssuer]:
    issuer = OidcIssuer().start()
    yield issuer
    issuer.stop()


@pytest.fixture
def bench(saml_forge: SamlForge, oidc_server: OidcIssuer) -> Iterator[Bench]:
    """A new AWS for each test: nothing that one test did is there for the next."""
    oidc_server.answers, oidc_server.delay_seconds = {}, 0
    with LocalAws(resolve={ISSUER: oidc_server.url}) as aws:
        found = Bench(aws, saml_forge, oidc_server)
        found.register_saml()
        found.register_oidc()
        yield found
