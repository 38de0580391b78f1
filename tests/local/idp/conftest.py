"""A local provider that runs for a test module, with one SAML and one OIDC application that it knows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from app.local.idp.registration import OidcApplication, Registration, SamlApplication, Secret
from app.local.idp.server import LocalIdp
from tests.servers import applications

APP = "http://127.0.0.1:9"  # nothing listens on the discard port; the browser stops before it gets there
REGISTRATION = Registration(
    SamlApplication(f"{APP}/saml/metadata", f"{APP}/saml/acs"),
    OidcApplication("fedgate", Secret("local:test secret"), f"{APP}/oidc/callback", (f"{APP}/bye",)),
)


@pytest.fixture(scope="module")
def idp() -> Iterator[LocalIdp]:
    with LocalIdp(REGISTRATION) as running:
        yield running


@pytest.fixture
def saml_app(idp: LocalIdp) -> applications.SamlApplication:
    metadata = requests.get(idp.addresses.saml_entity_id, timeout=60).content
    return applications.SamlApplication(REGISTRATION.saml.entity_id, REGISTRATION.saml.acs, metadata)


@pytest.fixture
def oidc_app(idp: LocalIdp) -> applications.OidcApplication:
    client = REGISTRATION.oidc
    return applications.OidcApplication(
        idp.addresses.issuer, client.client_id, client.secret.value, client.redirect_uri
    )
