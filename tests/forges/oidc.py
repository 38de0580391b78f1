"""An OpenID provider on a real loopback port, honest until a test gives it a twist.

    with OidcForge() as op:
        op.issuer, op.client_id, op.client_secret     what the operator configures
        op.twist.claims["aud"] = "another"            LEAVE_OUT removes a claim
        query = op.visit(departure.url)               what a browser brings back: code, state, perhaps iss

The token endpoint is strict (client authentication, PKCE, redirect URI, each code once), so that a client
that does less than it should fails here even without a twist. It signs with its own code.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
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
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

LEAVE_OUT = object()


@dataclass
class Twist:
    """What the provider does otherwise than it should. Empty: nothing."""

    discovery: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    token_response: dict[str, Any] = field(default_factory=dict)
    callback: dict[str, Any] = field(default_factory=dict)
    signing_key: Any = None  # not the published one
    signature: bytes | None = None
    id_token: Any = None  # replaces the whole token
    jwks: dict[str, Any] | None = None
    broken: dict[str, str] = field(default_factory=dict)  # path -> status | redirect | slow | drip | large | rubbish


class OidcForge:
    client_id, client_secret = "gateway", "gateway secret/+&"

    def __init__(self, issuer_path: str = "") -> None:
        self.keys: dict[str, Any] = {"k1": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self.twist, self.hits, self.seen = Twist(), Counter[str](), dict[str, dict[str, str]]()
        self.person: dict[str, Any] = {
            "sub": "248289761001",
            "preferred_username": "bob",
            "email": "bob@example.com",
            "groups": ["aws-dev", "everyone"],
            "amr": ["pwd"],
        }
        self.access_tokens: dict[str, str] = {}
        self.authorizations: dict[str, str | None] = {}  # the header of the last request to each path
        self.userinfo_claims: dict[str, Any] = {}
        forge = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                forge.answer(self, "GET")

            def do_POST(self) -> None:
                forge.answer(self, "POST")

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

    def visit(self, url: str) -> dict[str, str]:
        """Go where the gateway sent the browser, sign in at once, and read the callback."""
        answer = requests.get(url, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query, keep_blank_values=True))

    def answer(self, handler: BaseHTTPRequestHandler, method: str) -> None:
        path = urlsplit(handler.path).path.removeprefix(self.issuer.removeprefix(self.base)) or "/"
        self.hits[path] += 1
        self.authorizations[path] = handler.headers.get("Authorization")
        if path in self.twist.broken:
            return self._break(handler, self.twist.broken[path])
        match method, path:
            case "GET", "/.well-known/openid-configuration":
                return _reply(handler, self.discovery())
            case "GET", "/jwks":
                return _reply(handler, self.jwks() if self.twist.jwks is None else self.twist.jwks)
            case "GET", "/authorize":
                return self._authorize(handler)
            case "POST", "/token":
                return self._token(handler)
            case "GET", "/userinfo":
                return self._userinfo(handler)
        return _reply(handler, {"error": "not_found"}, 404)

    def discovery(self) -> dict[str, Any]:
        honest = {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/authorize",
            "token_endpoint": self.issuer + "/token",
            "jwks_uri": self.issuer + "/jwks",
            "userinfo_endpoint": self.issuer + "/userinfo",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
        }
        return _twisted(honest, self.twist.discovery)

    def jwks(self) -> dict[str, Any]:
        return {"keys": [public_jwk(key, kid) for kid, key in self.keys.items()]}

    def _authorize(self, handler: BaseHTTPRequestHandler) -> None:
        asked = {name: values[0] for name, values in parse_qs(urlsplit(handler.path).query).items()}
        if asked.get("client_id") != self.client_id or asked.get("code_challenge_method") != "S256":
            return _reply(handler, {"error": "invalid_request"}, 400)
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
            return _reply(handler, {"error": "invalid_client"}, 401)
        asked = self.seen.pop(form.get("code", ""), None)  # each code once
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or challenge != asked["code_challenge"] or form.get("redirect_uri") != asked["redirect_uri"]:
            return _reply(handler, {"error": "invalid_grant"}, 400)
        access = secrets.token_urlsafe(24)
        self.access_tokens[access] = str(self.person["sub"])
        token = self.id_token(asked.get("nonce", ""), access) if self.twist.id_token is None else self.twist.id_token
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": 300, "id_token": token}
        return _reply(handler, _twisted(answer, self.twist.token_response))

    def _client_is_known(self, handler: BaseHTTPRequestHandler, form: dict[str, str]) -> bool:
        scheme, _, basic = (handler.headers.get("Authorization") or "").partition(" ")
        if scheme == "Basic":
            name, _, secret = base64.b64decode(basic).decode().partition(":")
            return (unquote_plus(name), unquote_plus(secret)) == (self.client_id, self.client_secret)
        return form.get("client_id") == self.client_id and form.get("client_secret") == self.client_secret

    def id_token(self, nonce: str, access_token: str) -> str:
        now = int(time.time())
        honest = {
            **self.person,
            "iss": self.issuer,
            "aud": self.client_id,
            "iat": now,
            "exp": now + 300,
            "auth_time": now - 5,
            "nonce": nonce,
            "at_hash": b64(hashlib.sha256(access_token.encode()).digest()[:16]),
        }
        header = {"alg": "RS256", "typ": "JWT", "kid": next(iter(self.keys))}
        claims, header = _twisted(honest, self.twist.claims), _twisted(header, self.twist.header)
        key = self.twist.signing_key or self.keys.get(header.get("kid", "")) or next(iter(self.keys.values()))
        return compact(header, claims, key, self.twist.signature)

    def _userinfo(self, handler: BaseHTTPRequestHandler) -> None:
        token = (handler.headers.get("Authorization") or "").removeprefix("Bearer ")
        if token not in self.access_tokens:
            return _reply(handler, {"error": "invalid_token"}, 401)
        return _reply(
            handler, _twisted({"sub": self.access_tokens[token], **self.userinfo_claims}, self.twist.userinfo)
        )

    def _break(self, handler: BaseHTTPRequestHandler, how: str) -> None:
        match how:
            case "redirect":
                handler.send_response(302)
                handler.send_header("Location", "http://169.254.169.254/latest/meta-data/")
                handler.send_header("Content-Length", "0")
                handler.end_headers()
            case "slow":
                time.sleep(4)
            case "drip":
                handler.send_response(200)
                handler.send_header("Content-Length", "1000")
                handler.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    for _ in range(30):
                        handler.wfile.write(b" ")
                        time.sleep(0.2)
            case "large":
                _reply(handler, {"padding": "x" * (2 * 1024 * 1024)})
            case "rubbish":
                _send(handler, b"\xff\xfe<html>", 200)
            case status:
                _reply(handler, {"error": "server_error"}, int(status))


def compact(header: dict[str, Any], claims: dict[str, Any], key: Any, signature: bytes | None = None) -> str:
    """A JWS, signed as its header says, whatever it says."""
    signing_input = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    made = _sign(signing_input.encode(), str(header.get("alg")), key) if signature is None else signature
    return f"{signing_input}.{b64(made)}"


def _sign(data: bytes, algorithm: str, key: Any) -> bytes:
    if algorithm == "none":
        return b""
    digest = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}.get(
        algorithm[2:], hashes.SHA256()
    )
    if isinstance(key, bytes):
        return hmac.new(key, data, "sha256").digest()
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(digest)))
        size = (key.key_size + 7) // 8
        return r.to_bytes(size, "big") + s.to_bytes(size, "big")
    if algorithm.startswith("PS"):
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        return bytes(key.sign(data, pss, digest))
    return bytes(key.sign(data, padding.PKCS1v15(), digest))


def public_jwk(key: Any, kid: str | None, **more: Any) -> dict[str, Any]:
    numbers = key.public_key().public_numbers()
    named = {} if kid is None else {"kid": kid}
    if isinstance(key, rsa.RSAPrivateKey):
        return {"kty": "RSA", "use": "sig", "n": _integer(numbers.n), "e": _integer(numbers.e), **named, **more}
    size = (key.key_size + 7) // 8
    curve = {256: "P-256", 384: "P-384", 521: "P-521"}[key.key_size]
    x, y = b64(numbers.x.to_bytes(size, "big")), b64(numbers.y.to_bytes(size, "big"))
    return {"kty": "EC", "use": "sig", "crv": curve, "x": x, "y": y, **named, **more}


def _integer(number: int) -> str:
    return b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def _twisted(honest: dict[str, Any], twist: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in {**honest, **twist}.items() if value is not LEAVE_OUT}


def _reply(handler: BaseHTTPRequestHandler, body: dict[str, Any], status: int = 200) -> None:
    _send(handler, json.dumps(body).encode(), status)


def _send(handler: BaseHTTPRequestHandler, body: bytes, status: int) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the gateway may have read enough
        handler.wfile.write(body)
