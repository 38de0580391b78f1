"""Several providers side by side, each with its own addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import ConfigurationProblems, NotFound
from app.providers.registry import build_registry
from app.providers.settings import OidcSettings, SamlSettings

OKTA = OidcSettings(
    id="okta", label="Okta", issuer="https://example.okta.com", client_id="c", client_secret="canary-secret"
)


def test_providers_keep_their_order_and_are_found_by_id(saml_settings: SamlSettings) -> None:
    registry = build_registry([OKTA, saml_settings], "https://aws.example.com/")
    assert [(provider.id, provider.kind, provider.label) for provider in registry] == [
        ("okta", "oidc", "Okta"),
        ("corp", "saml", "Example Corp"),
    ]
    assert registry.get("corp").id == "corp"
    assert len(registry) == 2


@pytest.mark.parametrize("name", ["", "CORP", "corp ", "../corp"])
def test_a_provider_that_is_not_configured_does_not_exist(saml_settings: SamlSettings, name: str) -> None:
    with pytest.raises(NotFound):
        build_registry([saml_settings], "https://aws.example.com").get(name)


def test_every_problem_is_told_at_once() -> None:
    bad_address = OidcSettings(id="a", label="A", issuer="http://idp.example.com", client_id="c", client_secret="s")
    private = SamlSettings(id="b", label="B", metadata="https://10.0.0.1/metadata")
    broken = SamlSettings(id="c", label="C", metadata="<a/>")
    with pytest.raises(ConfigurationProblems) as caught:
        build_registry([bad_address, private, broken], "https://aws.example.com")
    assert [problem.split(":")[0] for problem in caught.value.problems] == ["provider a", "provider b", "provider c"]


def test_a_file_of_authorities_that_cannot_be_read_is_told_by_the_variable(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for file in (tmp_path / "absent.pem", tmp_path / "empty.pem"):
        with pytest.raises(ConfigurationProblems, match="SSL_CERT_FILE"):
            build_registry([OKTA], "https://aws.example.com", environment={"SSL_CERT_FILE": str(file)})


def test_no_representation_holds_the_client_secret() -> None:
    registry = build_registry([OKTA], "https://aws.example.com")
    assert "canary-secret" not in repr(registry)
    assert "canary-secret" not in repr(OKTA)
