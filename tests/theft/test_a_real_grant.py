"""Groups are renewed at oidc-provider, whose refresh tokens work once, and its end of a grant is an end here."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import requests
from bs4 import BeautifulSoup

from tests.office import page_of
from tests.prompt import Tokens, bearer, refresh
from tests.servers.browser import Browser
from tests.servers.fixtures import StartOidcProvider
from tests.servers.oidc_provider import OidcProvider
from tests.servers.people import ALICE
from tests.servers.process import LOOPBACK, free_port
from tests.theft.aging import Opener
from tests.world import READ_ONLY, Gateway, World

pytestmark = pytest.mark.slow
_PROVIDER = """
[[provider]]
id = "okta"
kind = "oidc"
label = "oidc-provider"
issuer = "{issuer}"
client_id = "fedgate"
client_secret_file = "okta.secret"
scopes = ["openid", "profile", "groups"]
allow_private_network = true
"""
_RULE = f'[[rule]]\nid = "all"\nprovider = "okta"\ngroups = ["aws-developers"]\nroles = ["{READ_ONLY}"]\n'


@dataclass(frozen=True, slots=True)
class Company:
    gateway: Gateway
    oidc: OidcProvider
    opener: Opener


@pytest.fixture(scope="module")
def company(world: World, start_oidc_provider: StartOidcProvider) -> Iterator[Company]:
    """Without back-channel logout: the refresh is the only way in which the gateway can hear of an end."""
    port, key = free_port(), secrets.token_bytes(32)
    oidc = start_oidc_provider(redirect_uri=f"http://{LOOPBACK}:{port}/signin/okta/callback")
    told = {"FEDGATE_SEALING_KEYS": base64.b64encode(key).decode()}
    files = {"okta.secret": oidc.client_secret}
    gateway = world.gateway(_PROVIDER.format(issuer=oidc.issuer), _RULE, port=port, files=files, environment=told)
    yield Company(gateway, oidc, Opener(world.redis_url, key))
    assert gateway.process is not None
    gateway.process.stop()


def test_each_refresh_with_old_groups_asks_the_provider_and_keeps_its_next_token(company: Company) -> None:
    browser, tokens = _arrive(company)
    for _ in range(3):
        company.opener.age_groups(tokens)
        answer = refresh(company.gateway.url, browser, tokens)
        assert answer.status_code == 200, answer.text
        tokens = Tokens(answer.json()["access_token"], answer.json()["refresh_token"])
    roles = requests.get(f"{company.gateway.url}/api/v1/roles", headers=tokens.header, timeout=60).json()["roles"]
    assert [role["arn"] for role in roles] == [READ_ONLY]


def test_an_end_at_the_provider_is_heard_at_the_next_refresh_and_ends_everything(company: Company) -> None:
    url = company.gateway.url
    browser, tokens = _arrive(company)
    question = page_of(browser.open(f"{company.oidc.issuer}/session/end"))
    secret = BeautifulSoup(question.text, "html.parser").select_one("input[name=xsrf]")
    assert secret is not None
    done = {"xsrf": str(secret["value"]), "logout": "yes"}
    browser.post(f"{company.oidc.issuer}/session/end/confirm", done, company.oidc.issuer)
    assert refresh(url, browser, tokens).status_code == 200  # the groups are young: nobody has asked yet
    company.opener.age_groups(tokens)
    fresh = refresh(url, browser, tokens).json()  # within its grace: the same successor as before
    ended = refresh(url, browser, Tokens(fresh["access_token"], fresh["refresh_token"]))
    assert (ended.status_code, ended.json()["error"]) == (400, "invalid_grant")
    assert browser.http.get(f"{url}/", allow_redirects=False, timeout=60).status_code == 303
    last = [event for event in company.gateway.events() if event["kind"] == "signin.ended"][-1]
    assert last["subject"] == ALICE.name
    assert "oidc.refresh-over" in str(last["facts"])


def _arrive(company: Company) -> tuple[Browser, Tokens]:
    browser = Browser()
    page = page_of(browser.sign_in(browser.open(f"{company.gateway.url}/signin/okta"), ALICE.user))
    assert page.url == f"{company.gateway.url}/"
    return browser, bearer(company.gateway.url, browser)
