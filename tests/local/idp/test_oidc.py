"""The local provider's OpenID Connect, as a foreign client on Authlib sees it."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from urllib.parse import parse_qs, quote_plus, urlsplit

import pytest
import requests
from authlib.integrations.base_client import OAuthError

from app.local.cast import ALICE
from app.local.idp.picking import MFA_CONTEXT, PASSWORD_CONTEXT
from app.local.idp.server import LocalIdp
from tests.local.idp.conftest import APP, REGISTRATION
from tests.servers.applications import OidcApplication
from tests.servers.browser import Browser, Stopped, User


def sign_in(app: OidcApplication, user: User, **more: str) -> Stopped:
    browser = Browser(until=APP)
    answer = browser.sign_in(browser.open(app.ask(**more)), user)
    assert isinstance(answer, Stopped), answer.text
    return answer


def changed(url: str, **changes: str | None) -> str:
    """The same authorization request with parameters replaced, or left out (None)."""
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()} | changes
    kept = {name: value for name, value in query.items() if value is not None}
    return requests.Request("GET", url.partition("?")[0], params=kept).prepare().url or ""


def test_alice_arrives_with_her_claims(oidc_app: OidcApplication) -> None:
    answer = sign_in(oidc_app, User("alice"))
    tokens = oidc_app.tokens(answer)
    claims = oidc_app.claims(tokens)
    assert answer.query["iss"] == oidc_app.issuer
    expected = {
        "sub": ALICE.subject,
        "preferred_username": "alice@example.test",
        "name": "Alice Adams",
        "email": "alice@example.test",
        "groups": ["Developers", "Staff"],
        "department": "Payments",
        "costCenter": "4711",
        "amr": ["pwd"],
        "acr": PASSWORD_CONTEXT,
    }
    assert {name: claims[name] for name in expected} == expected
    assert claims["exp"] - claims["iat"] == 300
    assert 0 <= claims["iat"] - claims["auth_time"] <= 60


def test_the_access_token_is_tied_to_the_id_token_and_opens_userinfo(oidc_app: OidcApplication) -> None:
    tokens = oidc_app.tokens(sign_in(oidc_app, User("alice")))
    claims = oidc_app.claims(tokens)
    half = hashlib.sha256(tokens["access_token"].encode()).digest()[:16]
    assert claims["at_hash"] == urlsafe_b64encode(half).rstrip(b"=").decode()
    said = oidc_app.session.get(oidc_app.metadata["userinfo_endpoint"]).json()
    assert (said["sub"], said["groups"]) == (ALICE.subject, ["Developers", "Staff"])


def test_no_groups_is_not_the_same_as_no_word_about_groups(oidc_app: OidcApplication) -> None:
    erin = oidc_app.claims(oidc_app.tokens(sign_in(oidc_app, User("erin"))))
    dan = oidc_app.claims(oidc_app.tokens(sign_in(oidc_app, User("dan"))))
    assert erin["groups"] == []
    assert "groups" not in dan


def test_groups_are_told_only_to_those_who_ask_for_them(oidc_app: OidcApplication) -> None:
    claims = oidc_app.claims(oidc_app.tokens(sign_in(oidc_app, User("alice"), scope="openid email")))
    assert "groups" not in claims
    assert "name" not in claims


def test_the_tick_for_mfa_shows_in_amr_and_acr(oidc_app: OidcApplication) -> None:
    claims = oidc_app.claims(oidc_app.tokens(sign_in(oidc_app, User("alice", mfa=True))))
    assert "mfa" in claims["amr"]
    assert claims["acr"] == MFA_CONTEXT


def test_the_secret_may_also_come_in_the_form(oidc_app: OidcApplication, idp: LocalIdp) -> None:
    posting = OidcApplication(
        idp.addresses.issuer,
        oidc_app.client_id,
        oidc_app.secret,
        oidc_app.redirect_uri,
        auth_method="client_secret_post",
    )
    assert posting.claims(posting.tokens(sign_in(posting, User("bob"))))["groups"] == ["Staff"]


def test_id_and_secret_may_come_form_encoded_as_the_rfc_wants_it(oidc_app: OidcApplication) -> None:
    answer = sign_in(oidc_app, User("bob"))
    form = {
        "grant_type": "authorization_code",
        "code": answer.query["code"],
        "redirect_uri": oidc_app.redirect_uri,
        "code_verifier": oidc_app.verifier,
    }
    encoded = (oidc_app.client_id, quote_plus(oidc_app.secret))
    tokens = requests.post(oidc_app.metadata["token_endpoint"], data=form, auth=encoded, timeout=60)
    assert oidc_app.claims(tokens.json())["groups"] == ["Staff"]


def test_a_code_works_once(oidc_app: OidcApplication) -> None:
    answer = sign_in(oidc_app, User("alice"))
    oidc_app.tokens(answer)
    with pytest.raises(OAuthError, match="invalid_grant"):
        oidc_app.tokens(answer)


def test_a_code_without_its_verifier_is_worth_nothing_and_is_gone(oidc_app: OidcApplication) -> None:
    answer = sign_in(oidc_app, User("alice"))
    with pytest.raises(OAuthError, match="invalid_grant"):
        oidc_app.tokens(answer, verifier="x" * 43)
    with pytest.raises(OAuthError, match="invalid_grant"):
        oidc_app.tokens(answer)


def test_a_wrong_secret_is_refused_and_does_not_use_up_the_code(oidc_app: OidcApplication, idp: LocalIdp) -> None:
    answer = sign_in(oidc_app, User("alice"))
    stranger = replace_secret(oidc_app, "guess")
    with pytest.raises(OAuthError, match="invalid_client"):
        stranger.tokens(answer)
    assert oidc_app.claims(oidc_app.tokens(answer))["sub"] == ALICE.subject


def replace_secret(app: OidcApplication, secret: str) -> OidcApplication:
    return OidcApplication(app.issuer, app.client_id, secret, app.redirect_uri, nonce=app.nonce, verifier=app.verifier)


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "stranger"},
        {"redirect_uri": f"{APP}/oidc/callback/"},
        {"redirect_uri": f"{APP}/oidc/callback?x=1"},
        {"redirect_uri": None},
    ],
    ids=str,
)
def test_nobody_is_sent_to_an_address_that_is_not_registered(
    oidc_app: OidcApplication, changes: dict[str, str | None]
) -> None:
    for send in (requests.get, requests.post):
        answer = send(changed(oidc_app.ask(), **changes), timeout=60, allow_redirects=False)
        assert answer.status_code == 400
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"nonce": "n" * 2000}, "invalid_request"),
    ],
    ids=str,
)
def test_the_application_is_told_what_it_asked_wrongly(
    oidc_app: OidcApplication, changes: dict[str, str | None], error: str
) -> None:
    url = changed(oidc_app.ask(), state="s-1", **changes)
    for send in (requests.get, requests.post):
        answer = send(url, timeout=60, allow_redirects=False)
        back = Stopped(answer.headers["location"])
        assert back.url.startswith(REGISTRATION.oidc.redirect_uri)
        assert (back.query["error"], back.query["state"], back.query["iss"]) == (error, "s-1", oidc_app.issuer)


def test_who_picks_nobody_goes_back_with_access_denied(oidc_app: OidcApplication) -> None:
    assert sign_in(oidc_app, User("nobody")).query["error"] == "access_denied"


def test_somebody_who_is_not_of_the_cast_cannot_sign_in(oidc_app: OidcApplication) -> None:
    answer = requests.post(oidc_app.ask(), data={"person": "mallory"}, timeout=60, allow_redirects=False)
    assert answer.status_code == 400


def test_a_made_up_access_token_opens_nothing(oidc_app: OidcApplication) -> None:
    answer = requests.get(
        oidc_app.metadata["userinfo_endpoint"], headers={"Authorization": "Bearer made-up"}, timeout=60
    )
    assert answer.status_code == 401


def test_after_signing_out_one_returns_to_the_application_and_nowhere_else(oidc_app: OidcApplication) -> None:
    leave = oidc_app.metadata["end_session_endpoint"]

    def ask(**query: str) -> requests.Response:
        return requests.get(leave, params=query, timeout=60, allow_redirects=False)

    back = ask(post_logout_redirect_uri=f"{APP}/bye", state="s-2")
    assert back.headers["location"] == f"{APP}/bye?state=s-2"
    assert ask(post_logout_redirect_uri=f"{APP}/").headers["location"] == f"{APP}/"
    assert ask(post_logout_redirect_uri="http://127.0.0.1:10/").status_code == 400
    assert "You are signed out" in ask().text
