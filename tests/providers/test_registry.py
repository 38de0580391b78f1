"""Several providers side by side, each with its own addresses; and what becomes of them when they are edited."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from ssl import SSLContext

import pytest

from app.errors import ConfigurationProblems, NotFound
from app.providers.registry import Registry, build_registry
from app.providers.settings import OidcSettings, ProviderSettings, SamlSettings
from tests.forges.oidc import OidcForge

OKTA = OidcSettings(
    id="okta", label="Okta", issuer="https://example.okta.com", client_id="c", client_secret="canary-secret"
)
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


class Changing:
    """A configuration that is edited while the gateway runs."""

    def __init__(self, *settings: ProviderSettings) -> None:
        self.settings = settings

    def __call__(self) -> tuple[ProviderSettings, ...]:
        return self.settings


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


@pytest.mark.parametrize(
    "graph", ["https://graph.microsoft.com/v1.0", "http://graph.microsoft.com", "https://127.0.0.1"]
)
def test_an_address_of_graph_that_cannot_be_used_is_told(graph: str) -> None:
    with pytest.raises(ConfigurationProblems, match="provider okta: graph must be"):
        build_registry([replace(OKTA, graph=graph)], "https://aws.example.com")


def test_a_file_of_authorities_that_cannot_be_read_is_told_by_the_variable(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for file in (tmp_path / "absent.pem", tmp_path / "empty.pem"):
        with pytest.raises(ConfigurationProblems, match="SSL_CERT_FILE"):
            build_registry([OKTA], "https://aws.example.com", environment={"SSL_CERT_FILE": str(file)})


def test_no_representation_holds_the_client_secret() -> None:
    registry = build_registry([OKTA], "https://aws.example.com")
    assert "canary-secret" not in repr(registry)
    assert "canary-secret" not in repr(list(registry.made()))
    assert "canary-secret" not in repr(OKTA)


def test_a_disabled_provider_does_not_exist_and_its_people_no_longer_count(saml_settings: SamlSettings) -> None:
    configured = Changing(OKTA, saml_settings)
    registry = build_registry(configured, "https://aws.example.com")
    assert registry.admits("okta")
    configured.settings = (replace(OKTA, enabled=False), saml_settings)
    assert not registry.admits("okta")
    assert [provider.id for provider in registry] == ["corp"]
    assert len(registry) == 1
    with pytest.raises(NotFound):
        registry.get("okta")
    assert registry.labels["okta"] == "Okta"  # for what was done in its name


def test_a_provider_that_was_taken_out_is_gone_and_one_that_was_put_in_is_there(saml_settings: SamlSettings) -> None:
    configured = Changing(OKTA)
    registry, labels = (built := build_registry(configured, "https://aws.example.com")), built.labels
    configured.settings = (saml_settings,)
    assert [provider.id for provider in registry] == ["corp"]
    assert not registry.admits("okta")
    assert dict(labels) == {"corp": "Example Corp"}


@pytest.fixture
def fetching(op: OidcForge, tls: SSLContext) -> tuple[Changing, Registry, OidcSettings]:
    here = OidcSettings(
        id="okta", label="Okta", issuer=op.issuer, client_id="c", client_secret="s", allow_private_network=True
    )
    configured = Changing(here)
    return configured, build_registry(configured, "https://aws.example.com", tls=tls), here


def test_an_unchanged_provider_keeps_what_it_fetched(
    fetching: tuple[Changing, Registry, OidcSettings], op: OidcForge
) -> None:
    configured, registry, here = fetching
    registry.refresh(NOW)
    before = registry.get("okta")
    configured.settings = (replace(here), OKTA)
    assert registry.get("okta") is before
    registry.refresh(NOW)
    assert (op.hits["/jwks"], op.hits["/.well-known/openid-configuration"]) == (1, 1)


def test_a_changed_provider_begins_anew(fetching: tuple[Changing, Registry, OidcSettings], op: OidcForge) -> None:
    configured, registry, here = fetching
    registry.refresh(NOW)
    configured.settings = (replace(here, client_id="another"),)
    registry.refresh(NOW)
    assert op.hits["/jwks"] == 2


def test_what_will_soon_be_stale_is_fetched_before_anybody_waits_for_it(
    fetching: tuple[Changing, Registry, OidcSettings], op: OidcForge
) -> None:
    _, registry, _ = fetching
    registry.refresh(NOW)
    registry.refresh(NOW + timedelta(minutes=40))
    assert op.hits["/jwks"] == 1
    registry.refresh(NOW + timedelta(minutes=46))
    registry.refresh(NOW + timedelta(minutes=47))
    assert op.hits["/jwks"] == 2
    op.twist.broken = {"/jwks": "500", "/.well-known/openid-configuration": "500"}
    registry.get("okta").depart("state", NOW + timedelta(minutes=100))
    assert op.hits["/.well-known/openid-configuration"] == 2


def test_a_provider_that_is_away_is_served_by_the_last_good_copy_and_asked_once_a_minute(
    fetching: tuple[Changing, Registry, OidcSettings], op: OidcForge
) -> None:
    _, registry, _ = fetching
    registry.refresh(NOW)
    op.twist.broken = {"/.well-known/openid-configuration": "500"}
    late = NOW + timedelta(hours=3)
    for seconds in range(0, 120, 10):
        registry.refresh(late + timedelta(seconds=seconds))
        registry.get("okta").depart("state", late + timedelta(seconds=seconds))
    assert op.hits["/.well-known/openid-configuration"] == 1 + 2


def test_a_disabled_provider_is_asked_nothing(fetching: tuple[Changing, Registry, OidcSettings], op: OidcForge) -> None:
    configured, registry, here = fetching
    configured.settings = (replace(here, enabled=False),)
    registry.refresh(NOW)
    assert op.hits == {}
