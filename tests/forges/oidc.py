"""An OpenID provider on a real loopback port, honest until a test gives it a twist.

    with OidcForge() as op:
        op.issuer, op.client_id, op.client_secret     what the operator configures
        op.twist.claims["aud"] = "another"            LEAVE_OUT removes a claim
        query = op.visit(departure.url)               what a browser brings back: code, state, perhaps iss
    op.offers_refresh = True                      refresh tokens too, a new one at each use
    op.logout_token(sub=..., events={...})        what it would post to the gateway
    op.graph["groups"] = [...]                    Microsoft Graph at the same address, for people with too many groups
    another = OidcForge("/another", beside=op)    a provider with an issuer and a twist of its own at the same port

The token endpoint is strict (client authentication, PKCE, redirect URI, each code once), so that a client
that does less than it should fails here even without a twist. It signs with its own code.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, parse_qsl, unquote_plus, urlencode, urlsplit

import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.forges.jose import b64, compact, public_jwk
from tests.forges.replies import fail, reply, send

__all__ = ["LEAVE_OUT", "LOGOUT_EVENT", "OidcForge", "Twist", "b64", "compact", "public_jwk"]

LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEAVE_OUT = object()


@dataclass
class Twist:
    """What the provider does otherwise than it should. Empty: nothing."""

    discovery: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    token_response: dict[str, Any] = field(default_factory=dict)
    refresh_claims: dict[str, Any] = field(default_factory=dict)  # of the ID token of a refresh only
    refresh_response: dict[str, Any] = field(default_factory=dict)
    graph_response: dict[str, Any] = field(default_factory=dict)
    callback: dict[str, Any] = field(default_factory=dict)
    signing_key: Any = None  # not the published one
    signature: bytes | None = None
    id_token: Any = None  # replaces the whole token
    jwks: dict[str, Any] | None = None
    broken: dict[str, str] = field(default_factory=dict)  # path -> status | redirect | slow | drip | large | rubbish


class OidcForge:
    client_id, client_secret = "gateway", "gateway secret/+&"

    def __init__(self, issuer_path: str = "", beside: OidcForge | None = None) -> None:
        """`beside`: share the port (and, to begin with, the key) of a forge that has no path."""
        made = None if beside else rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.keys: dict[str, Any] = dict(beside.keys) if beside else {"k1": made}
        self.tenants: dict[str, OidcForge] = {}
        self.server: ThreadingHTTPServer
        self.base: str
        self.twist, self.hits, self.seen = Twist(), Counter[str](), dict[str, dict[str, str]]()
        self.person: dict[str, Any] = {
            "sub": "248289761001",
            "preferred_username": "bob",
            "email": "bob@example.com",
            "groups": ["aws-dev", "everyone"],
            "amr": ["pwd"],
            "sid": "provider-session-1",
        }
        self.access_tokens: dict[str, str] = {}
        self.authorizations: dict[str, str | None] = {}  # the header of the last request to each path
        self.userinfo_claims: dict[str, Any] = {}
        self.offers_refresh, self.signs_userinfo = False, False
        self.userinfo_key: Any = None  # not the published one
        self.refresh_tokens: dict[str, dict[str, str]] = {}  # each once; what its sign-in asked
        self.graph: dict[str, Any] = {"groups": [], "asked": []}  # asked: path, scope of the token, body
        self.farewells: list[dict[str, str]] = []
        if beside is not None:
            beside.tenants[issuer_path] = self
            self.server, self.base, self.issuer = beside.server, beside.base, beside.base + issuer_path
            return
        forge = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                forge.at(self.path).answer(self, "GET")

            def do_POST(self) -> None:
                forge.at(self.path).answer(self, "POST")

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.base = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.issuer = self.base + issuer_path

    def __enter__(self) -> OidcForge:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.server.shutdown()
        self.server.server_close()

    def at(self, path: str) -> OidcForge:
        """Whose address this is: a tenant's, or ours."""
        return next((one for prefix, one in self.tenants.items() if path.startswith(f"{prefix}/")), self)

    def visit(self, url: str) -> dict[str, str]:
        """Go where the gateway sent the browser, sign in at once, and read the callback."""
        answer = requests.get(url, allow_redirects=False, timeout=60)
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query, keep_blank_values=True))

    def answer(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        path = urlsplit(handler.path).path.removeprefix(self.issuer.removeprefix(self.base)) or "/"
        self.hits[path] += 1
        self.authorizations[path] = handler.headers.get("Authorization")
        if path in self.twist.broken:
            return fail(handler, self.twist.broken[path])
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                return reply(handler, self.discovery())
            case "GET", "/jwks":
                return reply(handler, self.jwks() if self.twist.jwks is None else self.twist.jwks)
            case "GET", "/authorize":
                return self._authorize(handler)
            case "POST", "/token":
                return self._token(handler)
            case "GET", "/userinfo":
                return self._userinfo(handler)
            case "GET", "/end":
                return self._end(handler)
            case "POST", _ if path.startswith("/v1.0/users/"):
                return self._member_groups(handler, path)
        return reply(handler, {"error": "not_found"}, 404)

    def discovery(self) -> dict[str, Any]:
        honest = {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/jwks",
            "userinfo_endpoint": self.issuer + "/userinfo",
            "end_session_endpoint": self.issuer + "/end",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
        }
        return _twisted(honest, self.twist.discovery)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [public_jwk(key, kid) for kid, key in self.keys.items()]}

    def _authorize(self, handler: BaseHTTPRequestHandler) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        if asked.get("client_id") != self.client_id or asked.get("code_challenge_method") != "S256":
            return reply(handler, {"error": "invalid_request"}, 400)
        code = secrets.token_urlsafe(16)
        self.seen[code] = asked
        query = _twisted({"code": code, "state": asked["state"]}, self.twist.callback)
        handler.send_response(302)
        handler.send_header("Location", f"{asked['redirect_uri']}?{urlencode(query)}")
        handler.send_header("Content-Length", "0")
        return handler.end_headers()

    def _token(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0)).decode()
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if not self._client_is_known(handler, form):
            return reply(handler, {"error": "invalid_client"}, 401)
        match form.get("grant_type"):
            case "refresh_token":
                return self._refresh(handler, form)
            case "client_credentials":
                token = self._access_token(f"app {form.get('scope')}")
                return reply(handler, {"access_token": token, "token_type": "Bearer", "expires_in": 3600})
        asked = self.seen.pop(form.get("code", ""), None)  # each code once
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return reply(handler, {"error": "invalid_grant"}, 400)
        return reply(handler, _twisted(self._tokens(asked), self.twist.token_response))

    def _refresh(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> None:
        asked = self.refresh_tokens.pop(form.get("refresh_token", ""), None)
        if asked is None:
            return reply(handler, {"error": "invalid_grant"}, 400)
        return reply(handler, _twisted(self._tokens(asked, self.twist.refresh_claims), self.twist.refresh_response))

    def _tokens(self, asked: dict[str, str], twist: dict[str, Any] | None = None) -> dict[str, Any]:
        access = self._access_token(str(self.person["sub"]))
        token = self.id_token(asked, access, twist or {}) if self.twist.id_token is None else self.twist.id_token
        answer: dict[str, Any] = {"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": token}
        if self.offers_refresh:
            answer["refresh_token"] = secrets.token_urlsafe(24)
            self.refresh_tokens[answer["refresh_token"]] = asked
        return answer

    def _access_token(self, owner: str) -> str:
        access = secrets.token_urlsafe(24)
        self.access_tokens[access] = owner
        return access

    def _client_is_known(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> bool:
        scheme, _, basic = (handler.headers.get("Authorization") or "").partition(" ")
        if scheme == "Basic":
            name, _, secret = base64.b64decode(basic).decode().partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (self.client_id, self.client_secret)
        return form.get("client_id") == self.client_id and form.get("client_secret") == self.client_secret

    def id_token(self, asked: dict[str, str], access_token: str, twist: dict[str, Any]) -> str:
        now = int(time.time())
        asked.setdefault("seen_at", str(now - 5))
        acr = asked.get("acr_values", "").split()
        honest = {
            **({"acr": acr[0]} if acr else {}),
            **self.person,
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "auth_time": int(asked["seen_at"]),
            "nonce": asked.get("nonce", ""),
            "at_hash": b64(hashlib.sha256(access_token.encode()).digest()[:16]),
        }
        header = {"alg": "RS256", "typ": "JWT", "kid": next(iter(self.keys))}
        return self._signed(header, _twisted(_twisted(honest, self.twist.claims), twist))

    def logout_token(self, header: dict[str, Any] | None = None, **claims: Any) -> str:
        """Back-Channel Logout 1.0, 2.4; honest but for what is given."""
        now = int(time.time())
        honest = {
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 120,
            "jti": secrets.token_urlsafe(12),
            "events": {LOGOUT_EVENT: {}},
            "sub": self.person["sub"],
            "sid": self.person["sid"],
        }
        kind = {"alg": "RS256", "typ": "logout+jwt", "kid": next(iter(self.keys)), **(header or {})}
        return self._signed(kind, _twisted(honest, claims))

    def _signed(self, header: dict[str, Any], claims: dict[str, Any]) -> str:
        header = _twisted(header, self.twist.header)
        key = self.twist.signing_key or self.keys.get(header.get("kid", "")) or next(iter(self.keys.values()))
        return compact(header, claims, key, self.twist.signature)

    def _userinfo(self, handler: BaseHTTPRequestHandler) -> None:
        token = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token not in self.access_tokens:
            return reply(handler, {"error": "invalid_token"}, 401)
        claims = {"sub": self.access_tokens[token], **self.userinfo_claims}
        if not self.signs_userinfo:
            return reply(handler, _twisted(claims, self.twist.userinfo))
        claims |= {"iss": self.issuer, "aud": self.client_id}
        kind = {"alg": "RS256", "kid": next(iter(self.keys))}
        key = self.userinfo_key or next(iter(self.keys.values()))
        return send(handler, compact(kind, _twisted(claims, self.twist.userinfo), key).encode(), 200)

    def _end(self, handler: BaseHTTPRequestHandler) -> None:
        asked = dict(parse_qsl(urlsplit(handler.path).query))
        self.farewells.append(asked)
        handler.send_response(302)
        handler.send_header("Location", f"{asked['post_logout_redirect_uri']}?{urlencode({'state': asked['state']})}")
        handler.send_header("Content-Length", "0")
        return handler.end_headers()

    def _member_groups(self, handler: BaseHTTPRequestHandler, path: str) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers.get("Content-Length") or 0)))
        owner = self.access_tokens.get((handler.headers.get("Authorization") or "").removeprefix("Bearer "), "")
        if not owner.startswith("app "):
            return reply(handler, {"error": {"code": "InvalidAuthenticationToken"}}, 401)
        self.graph["asked"].append((path, owner.removeprefix("app "), body))
        return reply(handler, _twisted({"value": self.graph["groups"]}, self.twist.graph_response))


def _twisted(honest: dict[str, Any], twist: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**honest, **twist}.items() if value is not LEAVE_OUT}
