"""Sessions of the local provider's OpenID Connect: refreshed, ended by the application, ended by the provider."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
import requests
from authlib.integrations.base_client import OAuthError
from joserfc import jwt
from joserfc.jwk import KeySet

from app.local.cast import ALICE
from app.local.idp.picking import MFA_CONTEXT
from app.local.idp.registration import OidcApplication, Registration
from app.local.idp.server import LocalIdp
from tests.local.idp.conftest import APP, REGISTRATION
from tests.servers import applications
from tests.servers.browser import Browser, Stopped, User


@dataclass
class Listener:
    """The application's address for logout tokens; it answers with `status`."""

    tokens: list[str] = field(default_factory=list)
    status: int = 200
    address: str = ""


@pytest.fixture(scope="module")
def listening() -> Iterator[Listener]:
    listener = Listener()

    class Post(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            listener.tokens.append(parse_qs(body)["logout_token"][0])
            self.send_response(listener.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Post)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    listener.address = f"http://127.0.0.1:{server.server_port}/logout"
    yield listener
    server.shutdown()
    server.server_close()


@pytest.fixture
def listener(listening: Listener) -> Listener:
    listening.tokens.clear()
    listening.status = 200
    return listening


@pytest.fixture(scope="module")
def idp(listening: Listener) -> Iterator[LocalIdp]:
    known = REGISTRATION.oidc
    client = OidcApplication(known.client_id, known.secret, known.redirect_uri, (f"{APP}/bye",), listening.address)
    with LocalIdp(Registration(REGISTRATION.saml, client)) as running:
        yield running


def sign_in(app: applications.OidcApplication, scope: str = "openid profile groups offline_access") -> dict[str, Any]:
    app.session.scope = scope
    browser = Browser(until=APP)
    answer = browser.sign_in(browser.open(app.ask()), User("alice"))
    assert isinstance(answer, Stopped)
    return app.tokens(answer)


def refresh(app: applications.OidcApplication, token: str, **more: Any) -> dict[str, Any]:
    answered: dict[str, Any] = app.session.fetch_token(
        app.metadata["token_endpoint"], grant_type="refresh_token", refresh_token=token, **{"scope": None, **more}
    )
    return answered


def leave(app: applications.OidcApplication, **query: str) -> requests.Response:
    return requests.get(app.metadata["end_session_endpoint"], params=query, timeout=60, allow_redirects=False)


def claims_of(app: applications.OidcApplication, token: str) -> dict[str, Any]:
    keys = KeySet.import_key_set(requests.get(app.metadata["jwks_uri"], timeout=60).json())
    return dict(jwt.decode(token, keys, algorithms=["RS256"]).claims)


def test_a_refresh_speaks_of_the_same_sign_in(oidc_app: applications.OidcApplication) -> None:
    first = sign_in(oidc_app)
    second = refresh(oidc_app, first["refresh_token"])
    before, after = oidc_app.claims(first), oidc_app.claims(second)
    for claim in ("sub", "sid", "nonce", "auth_time", "groups", "aud", "iss"):
        assert after[claim] == before[claim]
    assert second["id_token"] != first["id_token"]
    assert second["refresh_token"] != first["refresh_token"]


def test_a_refresh_token_works_once(oidc_app: applications.OidcApplication) -> None:
    first = sign_in(oidc_app)
    refresh(oidc_app, first["refresh_token"])
    with pytest.raises(OAuthError, match="invalid_grant"):
        refresh(oidc_app, first["refresh_token"])


def test_nothing_is_renewed_that_was_not_asked_for(oidc_app: applications.OidcApplication) -> None:
    assert "refresh_token" not in sign_in(oidc_app, "openid profile")
    with pytest.raises(OAuthError, match="invalid_scope"):
        refresh(oidc_app, sign_in(oidc_app)["refresh_token"], scope="openid email")


def test_the_application_signs_alice_out(oidc_app: applications.OidcApplication, listener: Listener) -> None:
    tokens = sign_in(oidc_app)
    back = leave(oidc_app, id_token_hint=tokens["id_token"], post_logout_redirect_uri=f"{APP}/bye", state="s")
    assert back.headers["location"] == f"{APP}/bye?state=s"
    with pytest.raises(OAuthError, match="invalid_grant"):
        refresh(oidc_app, tokens["refresh_token"])
    told = claims_of(oidc_app, listener.tokens[0])
    assert told["events"] == {"http://schemas.openid.net/event/backchannel-logout": {}}
    assert (told["sub"], told["sid"]) == (ALICE.subject, oidc_app.claims(tokens)["sid"])
    assert "nonce" not in told
    leave(oidc_app, id_token_hint=tokens["id_token"])
    assert len(listener.tokens) == 1  # it was over already


def test_an_invented_hint_ends_nothing(oidc_app: applications.OidcApplication, listener: Listener) -> None:
    tokens = sign_in(oidc_app)
    head, body, _ = tokens["id_token"].split(".")
    for hint in ("x", f"{head}.{body}.AAAA", f"{head}.{body}."):
        assert leave(oidc_app, id_token_hint=hint).status_code == 400
    bad = leave(oidc_app, id_token_hint=tokens["id_token"], post_logout_redirect_uri="http://127.0.0.1:10/")
    assert bad.status_code == 400
    assert listener.tokens == []
    assert refresh(oidc_app, tokens["refresh_token"])["id_token"]


def test_a_logout_token_is_no_hint(oidc_app: applications.OidcApplication, listener: Listener) -> None:
    leave(oidc_app, id_token_hint=sign_in(oidc_app)["id_token"])
    assert leave(oidc_app, id_token_hint=listener.tokens[0]).status_code == 400


@pytest.mark.parametrize(("status", "said"), [(200, "sessions are over"), (400, "could not end all")])
def test_the_provider_signs_alice_out(
    idp: LocalIdp, oidc_app: applications.OidcApplication, listener: Listener, status: int, said: str
) -> None:
    tokens, listener.status = sign_in(oidc_app), status
    sid = oidc_app.claims(tokens)["sid"]
    sessions = idp.addresses.oidc("sessions")
    assert sid in requests.get(sessions, timeout=60).text
    assert said in requests.post(sessions, data={"session": sid}, timeout=60).text
    assert claims_of(oidc_app, listener.tokens[0])["sid"] == sid
    assert sid not in requests.get(sessions, timeout=60).text
    assert requests.post(sessions, data={"session": sid}, timeout=60).status_code == 400


def test_an_age_that_is_no_number_is_refused(oidc_app: applications.OidcApplication) -> None:
    browser = Browser(until=APP)
    answer = browser.open(oidc_app.ask(max_age="soon"))
    assert isinstance(answer, Stopped)
    assert answer.query["error"] == "invalid_request"
    page = Browser(until=APP).open(oidc_app.ask(max_age="0", prompt="login", acr_values=MFA_CONTEXT))
    assert isinstance(page, requests.Response)
    assert "the application asks for it" in page.text
