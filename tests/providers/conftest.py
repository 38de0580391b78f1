"""The forges of these tests, and a sign-in begun at each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from ssl import SSLContext
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from app.core.identity import Identity
from app.errors import GatewayError, SignInRefused
from app.providers.arrival import Arrival, Departure
from app.providers.oidc.provider import OidcProvider
from app.providers.registry import build_registry
from app.providers.saml.provider import SamlProvider
from app.providers.settings import OidcSettings, SamlSettings
from app.providers.wire import trust
from tests.forges.oidc import OidcForge, Twist
from tests.forges.saml import TOKEN, Draft, SamlForge, Signing

BASE_URL = "https://aws.example.com"


@dataclass
class SamlSignIn:
    """Alice has left for her provider; what comes back is up to the test."""

    forge: SamlForge
    provider: SamlProvider
    departure: Departure
    now: datetime

    def draft(self, **changes: Any) -> Draft:
        request_id = self.departure.kept["request_id"]
        us = self.provider.us
        return self.forge.draft(us.acs, us.entity_id, request_id, self.now).but(**changes)

    def signed(self, draft: Draft | None = None, **how: Any) -> etree._Element:
        return self.forge.signed(draft or self.draft(), **how)

    def post(self, document: etree._Element | bytes | str, now: datetime | None = None) -> Arrival:
        return self.provider.arrive(self.forge.encode(document), self.departure.kept, now or self.now)

    def arrives(self, document: etree._Element | None = None, **changes: Any) -> Identity:
        return self.post(self.signed(self.draft(**changes)) if document is None else document).identity

    def refusal(self, document: etree._Element | bytes | str, now: datetime | None = None) -> str:
        """The reason for which this document is refused."""
        with pytest.raises(SignInRefused) as caught:
            self.post(document, now)
        return caught.value.reason

    def refusal_of(self, **changes: Any) -> str:
        """The reason for which an honest answer with these changes, signed by the provider, is refused."""
        return self.refusal(self.signed(self.draft(**changes)))


@pytest.fixture(scope="session")
def tls() -> SSLContext:
    """Reading all public authorities takes a tenth of a second; once is enough."""
    return trust(())


@pytest.fixture(scope="session")
def saml_forge() -> SamlForge:
    return SamlForge()


@pytest.fixture(scope="session")
def strangers_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture
def saml_settings(saml_forge: SamlForge) -> SamlSettings:
    return SamlSettings(
        id="corp",
        label="Example Corp",
        metadata=saml_forge.metadata(),
        email_attribute="email",
        attributes=("department", "costCenter"),
        mfa_contexts=(TOKEN,),
    )


@pytest.fixture
def begin_saml(saml_forge: SamlForge, saml_settings: SamlSettings, tls: SSLContext) -> Callable[..., SamlSignIn]:
    def begin(forge: SamlForge = saml_forge, **changes: Any) -> SamlSignIn:
        settings = replace(saml_settings, metadata=forge.metadata())
        provider = build_registry([replace(settings, **changes)], BASE_URL, tls=tls).get("corp")
        assert isinstance(provider, SamlProvider)
        now = datetime.now(UTC)
        return SamlSignIn(forge, provider, provider.depart("state-key", now), now)

    return begin


@pytest.fixture
def saml(begin_saml: Callable[..., SamlSignIn]) -> SamlSignIn:
    return begin_saml()


@dataclass
class OidcSignIn:
    """Bob has left for his provider, which may be given a twist before he comes back."""

    op: OidcForge
    provider: OidcProvider
    now: datetime
    departure: Departure = field(init=False)

    def __post_init__(self) -> None:
        self.departure = self.provider.depart("state-key", self.now)

    def returns(self, **query: str) -> Arrival:
        return self.provider.arrive({**self.op.visit(self.departure.url), **query}, self.departure.kept, self.now)

    def arrives(self) -> Identity:
        return self.returns().identity

    def refusal(self, **query: str) -> str:
        with pytest.raises(GatewayError) as caught:
            self.returns(**query)
        return caught.value.reason

    def again(self) -> OidcSignIn:
        return OidcSignIn(self.op, self.provider, self.now)


@pytest.fixture(scope="session")
def running_op() -> Iterator[OidcForge]:
    with OidcForge() as op:
        yield op


@pytest.fixture
def op(running_op: OidcForge) -> Iterator[OidcForge]:
    """The provider, honest again after whatever the last test made of it."""
    keys, person = dict(running_op.keys), dict(running_op.person)
    running_op.twist = Twist()
    running_op.hits.clear()
    running_op.offers_refresh, running_op.signs_userinfo, running_op.userinfo_key = False, False, None
    running_op.graph, running_op.farewells = {"groups": [], "asked": []}, []
    yield running_op
    running_op.keys, running_op.person, running_op.userinfo_claims = keys, person, {}


@pytest.fixture
def begin_oidc(op: OidcForge, tls: SSLContext) -> Callable[..., OidcSignIn]:
    def begin(**changes: Any) -> OidcSignIn:
        settings = OidcSettings(
            id="okta",
            label="Okta",
            issuer=op.issuer,
            client_id=op.client_id,
            client_secret=op.client_secret,
            mfa_amr=("mfa", "hwk"),
            allow_private_network=True,
        )
        provider = build_registry([replace(settings, **changes)], BASE_URL, tls=tls).get("okta")
        assert isinstance(provider, OidcProvider)
        return OidcSignIn(op, provider, datetime.now(UTC))

    return begin


@pytest.fixture
def oidc(begin_oidc: Callable[..., OidcSignIn]) -> OidcSignIn:
    return begin_oidc()


__all__ = ["BASE_URL", "OidcSignIn", "SamlSignIn", "Signing"]
