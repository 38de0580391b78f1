"""Metadata: theirs is read with suspicion, ours is the same for everybody."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, rsa
from lxml import etree

from app.errors import ConfigurationProblems, ProviderUnavailable
from app.providers.registry import build_registry
from app.providers.saml.provider import SamlProvider
from app.providers.settings import SamlSettings
from app.providers.wire import WireFailure
from tests.forges.saml import MD, SamlForge, make_certificate
from tests.providers.conftest import BASE_URL, SamlSignIn

ADDRESS = "https://idp.example.com/metadata"


def problem_with(settings: SamlSettings, metadata: str) -> str:
    with pytest.raises(ConfigurationProblems) as caught:
        build_registry([replace(settings, metadata=metadata)], BASE_URL)
    return "\n".join(caught.value.problems)


def test_ours_has_the_addresses_of_this_provider_and_no_other(saml: SamlSignIn) -> None:
    root = etree.fromstring(saml.provider.metadata())
    assert root.get("entityID") == "https://aws.example.com/signin/corp/metadata"
    service = root.find(f".//{{{MD}}}AssertionConsumerService")
    assert service is not None
    assert service.get("Location") == "https://aws.example.com/signin/corp/acs"
    assert saml.provider.metadata() == saml.provider.metadata()


def test_the_request_says_where_the_answer_should_go(saml: SamlSignIn) -> None:
    query = parse_qs(urlsplit(saml.departure.url).query)
    assert query["RelayState"] == ["state-key"]
    request = etree.fromstring(zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15))
    assert request.get("ID") == saml.departure.kept["request_id"]
    assert request.get("AssertionConsumerServiceURL") == saml.provider.us.acs
    assert request.get("Destination") == saml.forge.sso_url


def test_an_address_with_a_query_of_its_own_keeps_it(begin_saml: Callable[..., SamlSignIn]) -> None:
    forge = SamlForge(sso_url="https://idp.example.com/sso?app=1&env=a<b")
    url = begin_saml(forge).departure.url
    assert url.startswith("https://idp.example.com/sso?app=1&env=a<b&SAMLRequest=")


def test_metadata_that_cannot_be_used_stops_the_start_and_says_why(
    saml_settings: SamlSettings, saml_forge: SamlForge
) -> None:
    good = saml_forge.metadata()
    assert "exactly one identity provider" in problem_with(saml_settings, "<a/>")
    assert "exactly one identity provider" in problem_with(
        saml_settings, f'<md:EntitiesDescriptor xmlns:md="{MD}">{good}{good}</md:EntitiesDescriptor>'
    )
    assert "saml.doctype" in problem_with(saml_settings, "<!DOCTYPE a>" + good)
    assert "saml.xml" in problem_with(saml_settings, "not xml")
    assert "1 MiB" in problem_with(saml_settings, good + " " * 1024 * 1024)
    assert "HTTP-Redirect" in problem_with(saml_settings, good.replace("HTTP-Redirect", "HTTP-POST"))
    assert "https address" in problem_with(saml_settings, good.replace("https://idp.example.com/sso", "javascript:x"))
    assert "https address" in problem_with(
        saml_settings, good.replace("https://idp.example.com/sso", "http://idp.example.com/")
    )
    assert "quotation mark" in problem_with(saml_settings, good.replace('saml"', "saml']|//*['\""))


def test_only_a_certificate_for_signing_is_believed(saml_settings: SamlSettings, saml_forge: SamlForge) -> None:
    """python3-saml would fall back to the encryption certificate."""
    assert "no certificate for signing" in problem_with(saml_settings, saml_forge.metadata(use="encryption"))
    assert "no certificate for signing" in problem_with(saml_settings, saml_forge.metadata(()))
    build_registry([replace(saml_settings, metadata=saml_forge.metadata(use=None))], BASE_URL)


def test_a_weak_or_strange_key_is_not_believed(saml_settings: SamlSettings, saml_forge: SamlForge) -> None:
    for key in (rsa.generate_private_key(65537, 1024), dsa.generate_private_key(2048)):  # noqa: S505 - must be refused
        metadata = saml_forge.metadata((make_certificate(key),))
        assert "2048 bits" in problem_with(saml_settings, metadata)


def test_several_signing_certificates_are_all_read(
    begin_saml: Callable[..., SamlSignIn], saml_forge: SamlForge
) -> None:
    other = SamlForge()
    saml = begin_saml(metadata=saml_forge.metadata((saml_forge.certificate, other.certificate)))
    assert len(saml.provider.trusted(saml.now).certificates) == 2


class Address:
    """A metadata address that a test can change or take away."""

    def __init__(self, text: str) -> None:
        self.text, self.asked, self.away = text, 0, False

    def __call__(self, url: str) -> bytes:
        assert url == ADDRESS
        self.asked += 1
        if self.away:
            raise WireFailure("away")
        return self.text.encode()


def at_address(settings: SamlSettings, address: Address) -> SamlProvider:
    provider = build_registry([replace(settings, metadata=ADDRESS)], BASE_URL, fetch=address).get("corp")
    assert isinstance(provider, SamlProvider)
    return provider


def test_metadata_at_an_address_is_fetched_once_an_hour(saml_settings: SamlSettings, saml_forge: SamlForge) -> None:
    address, now = Address(saml_forge.metadata()), datetime.now(UTC)
    provider = at_address(saml_settings, address)
    assert address.asked == 0  # starting asks nobody
    provider.depart("s", now)
    provider.depart("s", now + timedelta(minutes=59))
    assert address.asked == 1
    address.text = SamlForge(entity_id="https://new.example.com").metadata()
    assert provider.trusted(now + timedelta(minutes=61)).entity_id == "https://new.example.com"


@pytest.mark.parametrize("trouble", ["away", "rubbish"])
def test_the_last_good_copy_serves_for_a_day_while_the_address_is_in_trouble(
    saml_settings: SamlSettings, saml_forge: SamlForge, trouble: str
) -> None:
    address, now = Address(saml_forge.metadata()), datetime.now(UTC)
    provider = at_address(saml_settings, address)
    provider.depart("s", now)
    address.away, address.text = trouble == "away", "<html>maintenance</html>"
    for minutes in (61, 61.5, 120):
        assert provider.trusted(now + timedelta(minutes=minutes)).entity_id == saml_forge.entity_id
    assert address.asked == 3  # not asked again within a minute
    with pytest.raises(ProviderUnavailable):
        provider.trusted(now + timedelta(hours=25))


def test_without_any_copy_the_sign_in_cannot_begin(saml_settings: SamlSettings) -> None:
    address = Address("")
    address.away = True
    with pytest.raises(ProviderUnavailable, match="Example Corp") as caught:
        at_address(saml_settings, address).depart("s", datetime.now(UTC))
    assert caught.value.reason == "saml.unreachable"
