"""oidc-provider, as the tests start it, completes a code flow with PKCE for a foreign client."""

from __future__ import annotations

import pytest
from authlib.integrations.base_client import OAuthError

from tests.servers.applications import OidcApplication
from tests.servers.browser import Browser, Stopped, User
from tests.servers.fixtures import StartOidcProvider
from tests.servers.oidc_provider import OidcProvider
from tests.servers.people import ALICE, BOB, CAROL

APP = "http://127.0.0.1:9"
CALLBACK = f"{APP}/signin/okta/callback"


@pytest.fixture(scope="module")
def provider(start_oidc_provider: StartOidcProvider) -> OidcProvider:
    return start_oidc_provider(redirect_uri=CALLBACK)


@pytest.fixture
def app(provider: OidcProvider) -> OidcApplication:
    return OidcApplication(provider.issuer, provider.client_id, provider.client_secret, CALLBACK)


def sign_in(app: OidcApplication, user: User) -> Stopped:
    browser = Browser(until=APP)
    answer = browser.sign_in(browser.open(app.ask()), user)
    assert isinstance(answer, Stopped), answer.text
    return answer


def test_alice_arrives_with_her_groups(app: OidcApplication) -> None:
    answer = sign_in(app, ALICE.user)
    claims = app.claims(app.tokens(answer))
    assert answer.query["iss"] == app.issuer
    assert claims["auth_time"] <= claims["iat"] < claims["exp"]
    expected = {
        "sub": "alice",
        "preferred_username": "alice",
        "name": "Alice Ops",
        "email": "alice@example.test",
        "department": "Operations",
        "groups": ["aws-admins", "aws-developers"],
        "amr": ["pwd"],
    }
    assert {name: claims[name] for name in expected} == expected


def test_a_second_factor_shows_in_the_methods(app: OidcApplication) -> None:
    claims = app.claims(app.tokens(sign_in(app, User(BOB.name, BOB.password, mfa=True))))
    assert "mfa" in claims["amr"]


def test_nothing_is_said_about_the_groups_of_carol(app: OidcApplication) -> None:
    assert "groups" not in app.claims(app.tokens(sign_in(app, CAROL.user)))


def test_a_code_works_once(app: OidcApplication) -> None:
    answer = sign_in(app, ALICE.user)
    app.tokens(answer)
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.tokens(answer)


def test_a_code_without_its_verifier_is_worth_nothing(app: OidcApplication) -> None:
    with pytest.raises(OAuthError, match="invalid_grant"):
        app.tokens(sign_in(app, ALICE.user), verifier="x" * 43)


def test_a_wrong_password_ends_at_the_provider(app: OidcApplication) -> None:
    with pytest.raises(AssertionError, match="refused alice"):
        sign_in(app, User("alice", "guess"))
