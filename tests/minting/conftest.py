"""Signing keys as an operator makes them, and what is minted with them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from app.core.names import opaque_subject, session_name, source_identity
from app.core.roles import ProviderArn, RoleArn
from app.core.session_tags import SessionTags
from app.minting.claims import SessionClaims
from app.minting.keys import SigningKeys, load_keys, new_key
from tests.core.people import NOW, person

ISSUER = "https://id.fedgate.example"
ROLE = RoleArn("arn:aws:iam::999999999999:role/team/UpdateApp")
SAML_PROVIDER = ProviderArn("arn:aws:iam::999999999999:saml-provider/fedgate")


@pytest.fixture(scope="session")
def key_directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two keys: one that is being replaced, and its successor."""
    directory = tmp_path_factory.mktemp("issuer-keys") / "keys"
    new_key(directory, NOW - timedelta(days=90))
    new_key(directory, NOW)
    return directory


@pytest.fixture(scope="session")
def keys(key_directory: Path) -> SigningKeys:
    return load_keys(key_directory)


def claims(role: RoleArn = ROLE, provider: ProviderArn = SAML_PROVIDER, **tags: str) -> SessionClaims:
    alice = person("alice")
    return SessionClaims(
        role,
        provider,
        opaque_subject(alice.person),
        session_name(alice),
        source_identity(alice),
        SessionTags(tags),
        tuple(sorted(tags))[:1],
    )
