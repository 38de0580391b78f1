"""Our OpenID Connect against oidc-provider, which is certified: step-up, refresh, and both kinds of sign-out.

At the provider object; `tests/real_providers` walks the same through a running gateway."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from app.core.needs import Needs
from app.errors import SignInRefused
from app.providers.arrival import WHO_IT_IS, Arrival, Asked, Departure
from app.providers.oidc.provider import OidcProvider
from app.providers.registry import build_registry
from app.providers.settings import OidcSettings
from tests.servers.browser import Browser, Stopped, User
from tests.servers.fixtures import StartOidcProvider
from tests.servers.people import ALICE

SECOND_FACTOR = "urn:example:second-factor"
BASE_URL = "http://127.0.0.1:9"
MFA = Asked(Needs(mfa=True))


@dataclass
class Us:
    """Our side: the provider object, and what was posted to its logout address."""

    provider: OidcProvider
    logout_tokens: list[str] = field(default_factory=list)

    def come(self, user: User, asked: Asked = WHO_IT_IS, browser: Browser | None = None) -> tuple[Browser, Arrival]:
        browser = browser or Browser(until=BASE_URL)
        departure = self.provider.depart("state-key", datetime.now(UTC), asked)
        answer = browser.sign_in(browser.open(departure.url), user)
        assert isinstance(answer, Stopped), answer.text
        return browser, self._arrived(answer, departure)

    def come_without_typing(self, browser: Browser, asked: Asked = WHO_IT_IS) -> Arrival | None:
        """None if the provider wants to see the person."""
        departure = self.provider.depart("state-key", datetime.now(UTC), asked)
        answer = browser.open(departure.url)
        return self._arrived(answer, departure) if isinstance(answer, Stopped) else None

    def _arrived(self, answer: Stopped, departure: Departure) -> Arrival:
        return self.provider.arrive(answer.query, departure.kept, datetime.now(UTC))

    def leave(self, browser: Browser, arrival: Arrival) -> Stopped:
        """By way of the provider, which asks, and back."""
        now = datetime.now(UTC)
        departure = self.provider.farewell(arrival.upstream, arrival.identity, f"{BASE_URL}/signout", "s-9", now)
        assert departure is not None
        page = browser.open(departure.url)
        assert isinstance(page, requests.Response), "it asks first"
        secret = page.text.partition('name="xsrf" value="')[2].partition('"')[0]
        back = browser.post(f"{self.provider.settings.issuer}/session/end/confirm", {"xsrf": secret, "logout": "yes"})
        assert isinstance(back, Stopped), back.text
        return back


@pytest.fixture(scope="module")
def us(start_oidc_provider: StartOidcProvider, tls: SSLContext) -> Iterator[Us]:
    tokens: list[str] = []

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            tokens.append(parse_qs(body)["logout_token"][0])
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Post)
    threading.Thread(target=listener.serve_forever, args=(0.05,), daemon=True).start()
    op = start_oidc_provider(
        redirect_uri=f"{BASE_URL}/signin/okta/callback",
        post_logout_redirect_uri=f"{BASE_URL}/signout",
        backchannel_logout_uri=f"http://127.0.0.1:{listener.server_port}/",
    )
    settings = OidcSettings(
        id="okta",
        label="oidc-provider",
        issuer=op.issuer,
        client_id=op.client_id,
        client_secret=op.client_secret,
        scopes=("openid", "profile", "email", "groups"),
        mfa_acr=(SECOND_FACTOR,),
        allow_private_network=True,
    )
    provider = build_registry([settings], BASE_URL, tls=tls).get("okta")
    assert isinstance(provider, OidcProvider)
    yield Us(provider, tokens)
    listener.shutdown()
    listener.server_close()


def test_alice_comes_with_what_is_needed_later(us: Us) -> None:
    _, arrival = us.come(ALICE.user)
    assert arrival.identity.sid
    assert {"id_token", "refresh_token", "nonce", "auth_time"} <= arrival.upstream.keys()


def test_her_groups_are_asked_for_again_and_each_refresh_token_is_used_once(us: Us) -> None:
    _, arrival = us.come(ALICE.user)
    later = datetime.now(UTC) + timedelta(seconds=2)
    renewal = us.provider.renew(arrival.upstream, arrival.identity, later)
    assert renewal is not None
    assert renewal.identity.groups == {"aws-admins", "aws-developers"}
    assert renewal.identity.authenticated_at == arrival.identity.authenticated_at
    assert renewal.upstream["refresh_token"] != arrival.upstream["refresh_token"]
    again = us.provider.renew(renewal.upstream, renewal.identity, later)
    assert again is not None
    with pytest.raises(SignInRefused) as caught:  # a used one: and with it, the provider ends the whole family
        us.provider.renew(arrival.upstream, arrival.identity, later)
    assert caught.value.reason == "oidc.refresh-over"
    with pytest.raises(SignInRefused):
        us.provider.renew(again.upstream, arrival.identity, later)


def test_a_second_factor_is_asked_of_one_who_came_without(us: Us) -> None:
    browser, arrival = us.come(ALICE.user)
    assert arrival.identity.mfa is False
    assert us.come_without_typing(browser) is not None
    assert us.come_without_typing(browser, MFA) is None
    _, stepped_up = us.come(User(ALICE.name, ALICE.password, mfa=True), MFA, browser)
    assert stepped_up.identity.mfa is True


def test_one_who_does_not_use_it_is_told(us: Us) -> None:
    with pytest.raises(SignInRefused, match=f"acr {SECOND_FACTOR} was expected") as caught:
        us.come(ALICE.user, MFA)
    assert caught.value.reason == "oidc.step-up-mfa"


def test_a_fresh_sign_in_is_asked_of_one_who_is_signed_in_there(us: Us) -> None:
    fresh = Asked(Needs(max_age=timedelta(minutes=5)))
    browser, arrival = us.come(ALICE.user)
    assert us.come_without_typing(browser, fresh) is None
    _, again = us.come(ALICE.user, fresh, browser)
    assert again.identity.authenticated_at >= arrival.identity.authenticated_at


def test_signing_out_ends_the_session_there_and_the_provider_says_so(us: Us) -> None:
    browser, arrival = us.come(ALICE.user)
    us.logout_tokens.clear()
    back = us.leave(browser, arrival)
    assert (urlsplit(back.url).path, back.query) == ("/signout", {"state": "s-9"})
    assert us.come_without_typing(browser) is None
    ending = us.provider.back_channel(us.logout_tokens[0], datetime.now(UTC))
    assert ending.sids == (arrival.identity.sid,)
    assert ending.used_once is not None
    with pytest.raises(SignInRefused) as caught:
        us.provider.renew(arrival.upstream, arrival.identity, datetime.now(UTC))
    assert caught.value.reason == "oidc.refresh-over"
