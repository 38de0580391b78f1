"""A small gateway over real HTTP that keeps the wire contract, and misbehaves when a test tells it to."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.cli.fake_answers import PROBLEMS, usual_roles
from tests.patience import NEVER, SECONDS


class Gateway:
    """Its state and its knobs. Everything that arrives is counted, by path and, for tokens, by grant."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.calls: Counter[str] = Counter()
        self.seen: list[tuple[str, str, dict[str, str], str]] = []  # method, path, headers, body
        self.roles = usual_roles()
        self.person = {"name": "ada", "email": "ada@example.com"}
        self.codes: dict[str, dict[str, str]] = {}
        self.access: dict[str, float] = {}
        self.refresh: dict[str, str] = {}  # live refresh token: family
        self.families: dict[str, str] = {}  # of every token that there was
        self.spent: dict[str, tuple[float, dict[str, Any]]] = {}
        self.access_life = 3600
        self.credentials_life = 3600
        self.grace = 60.0
        self.delay = 0.0
        self.open = threading.Event()  # until then the API answers nobody
        self.open.set()
        self.problem = ""  # code with which the API answers
        self.raw: tuple[int, dict[str, str], bytes] | None = None  # answers everything with this
        self.right_codes: dict[str, str] = {}  # by role, for those that want one
        self.denied = False  # the person declines
        self.issuer = ""
        self.iss_in_answer: str | None = None
        self.console_url = ""
        self.offers_device = True
        self.serves_aws_tools = True
        self.device_asked: dict[str, str] = {}
        self.device_answers: list[str] = []
        self.device_polls: list[float] = []
        self.device_page = ""
        self.device_life = 300
        self.step_up = ""  # of a role that wants a stronger sign-in: its WWW-Authenticate
        self.said_at_the_end = "the sign-in has ended"
        self.ready: tuple[int, dict[str, str]] = (200, {"store": "ok", "audit": "ok"})
        self.clock_off = 0.0  # seconds
        self.server = Server(("127.0.0.1", 0), Handler)
        self.server.gateway = self
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.issuer = self.address

    def end_sign_ins(self) -> None:
        self.access.clear()
        self.refresh.clear()
        self.spent.clear()

    def spend_access_tokens(self) -> None:
        self.access.clear()

    def revoke(self, token: str) -> None:
        """The sign-in that this token belongs to ends, and no other."""
        family = self.families.get(token, "")
        for one in [one for one, of in self.families.items() if of == family]:
            self.access.pop(one, None)
            self.refresh.pop(one, None)

    def new_tokens(self, family: str = "") -> dict[str, Any]:
        access, refresh = "acc-" + secrets.token_urlsafe(32), "ref-" + secrets.token_urlsafe(32)
        family = family or secrets.token_hex(4)
        self.families |= {access: family, refresh: family}
        self.access[access] = time.time() + self.access_life
        self.refresh[refresh] = family
        return {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.access_life,
            "refresh_token": refresh,
            "refresh_expires_in": 43200,
        }

    def redeem(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        with self.lock:
            self.calls["grant:" + form.get("grant_type", "")] += 1
            if form.get("client_id") != "fedgate-cli":
                return 401, {"error": "invalid_client"}
            if form.get("grant_type") == "authorization_code":
                return self.redeem_code(form)
            if form.get("grant_type", "").endswith(":device_code"):
                return self.redeem_device(form)
            return self.rotate(form.get("refresh_token", ""))

    def redeem_code(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked = self.codes.pop(form.get("code", ""), None)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or asked["code_challenge"] != challenge or asked["redirect_uri"] != form.get("redirect_uri"):
            return 400, {"error": "invalid_grant", "error_description": "no such code"}
        return 200, self.new_tokens()

    def begin_device(self, form: dict[str, str]) -> dict[str, Any]:
        self.device_asked = form
        page = f"{self.device_page or self.address}/device"
        return {
            "device_code": "a-device-code",
            "user_code": "BCDFG-HJKLM",
            "verification_uri": page,
            "verification_uri_complete": f"{page}?user_code=BCDFG-HJKLM",
            "expires_in": self.device_life,
            "interval": 1,
        }

    def redeem_device(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """What the test has prepared, one answer for each question; then the tokens."""
        self.device_polls.append(time.monotonic())
        if self.device_answers:
            return 400, {"error": self.device_answers.pop(0)}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if form.get("device_code") != "a-device-code" or challenge != self.device_asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        return 200, self.new_tokens()

    def rotate(self, old: str) -> tuple[int, dict[str, Any]]:
        """A spent token gives the same successor within the grace, and ends everything after it."""
        if old in self.spent and time.time() - self.spent[old][0] <= self.grace:
            return 200, self.spent[old][1]
        if old in self.spent:
            self.end_sign_ins()
        if old not in self.refresh:
            return 400, {"error": "invalid_grant", "error_description": self.said_at_the_end}
        new = self.new_tokens(self.refresh.pop(old))
        self.spent[old] = (time.time(), new)
        return 200, new

    def credentials(self, arn: str) -> dict[str, object]:
        until = datetime.now(UTC) + timedelta(seconds=self.credentials_life)
        return {
            "Version": 1,
            "AccessKeyId": "ASIAIOSFODNN7EXAMPLE",
            "SecretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "SessionToken": f"EXAMPLETOKEN{self.calls['/api/v1/credentials']}",
            "Expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "AccountId": arn.split(":")[4],
        }


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 200
    gateway: Gateway


class Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer("")

    def do_POST(self) -> None:
        self.answer(self.rfile.read(int(self.headers.get("Content-Length", "0"))).decode())

    def answer(self, body: str) -> None:
        gateway, path = self.server.gateway, urlsplit(self.path).path
        delay = gateway.delay  # before the call is counted: a test that has seen it may set another one for the next
        with gateway.lock:
            gateway.calls[path] += 1
            gateway.seen.append((self.command, self.path, dict(self.headers), body))
        if gateway.raw is not None:
            status, headers, content = gateway.raw
            self.send(status, content, headers)
        elif path == "/.well-known/oauth-authorization-server":
            self.json(200, self.metadata())
        elif path == "/readyz":
            self.json(gateway.ready[0], {"checks": gateway.ready[1]})
        elif path == "/oauth/authorize":
            self.authorize()
        elif path == "/oauth/token":
            self.json(*gateway.redeem({name: values[0] for name, values in parse_qs(body).items()}))
        elif path == "/oauth/device_authorization":
            self.json(200, gateway.begin_device({name: values[0] for name, values in parse_qs(body).items()}))
        elif path == "/healthz":
            self.json(200, {"status": "alive"})
        elif path == "/assignment/accounts" and not self.server.gateway.serves_aws_tools:
            self.problem("not_found")
        elif path == "/oauth/revoke":
            gateway.revoke(parse_qs(body)["token"][0])
            self.send(200, b"", {})
        else:
            self.api(path, body, delay)

    def metadata(self) -> dict[str, object]:
        gateway = self.server.gateway
        device = {"device_authorization_endpoint": gateway.address + "/oauth/device_authorization"}
        return (device if gateway.offers_device else {}) | {
            "issuer": gateway.issuer,
            "authorization_endpoint": gateway.address + "/oauth/authorize",
            "token_endpoint": gateway.address + "/oauth/token",
            "revocation_endpoint": gateway.address + "/oauth/revoke",
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def authorize(self) -> None:
        gateway = self.server.gateway
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        issuer = gateway.address if gateway.iss_in_answer is None else gateway.iss_in_answer
        answer = {"state": asked["state"], "iss": issuer}
        if gateway.denied:
            answer["error"] = "access_denied"
        else:
            answer["code"] = secrets.token_urlsafe(32)
            gateway.codes[answer["code"]] = asked
        self.send(303, b"", {"Location": asked["redirect_uri"] + "?" + urlencode(answer)})

    def api(self, path: str, body: str, delay: float) -> None:
        gateway = self.server.gateway
        time.sleep(delay)
        gateway.open.wait(NEVER)
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if gateway.access.get(token, 0) <= time.time():
            self.problem("sign_in_required")
        elif gateway.problem:
            self.problem(gateway.problem)
        elif path == "/api/v1/me":
            end = (datetime.now(UTC) + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
            more = {"provider": {"id": "corp", "label": "Example Corp"}, "groups": ["Developers"]}
            self.json(200, gateway.person | more | {"session": {"expires_at": end}})
        elif path == "/api/v1/roles":
            self.json(200, {"roles": gateway.roles})
        elif path == "/api/v1/credentials" and gateway.step_up:
            self.problem("step_up_required", {"WWW-Authenticate": gateway.step_up})
        elif path == "/api/v1/credentials":
            asked = json.loads(body)
            self.take(asked["role_arn"], asked.get("mfa_code", ""))
        elif path == "/api/v1/console":
            self.console(json.loads(body))
        else:
            self.send(404, b"", {})

    def take(self, arn: str, code: str) -> None:
        gateway = self.server.gateway
        if arn in gateway.right_codes and gateway.right_codes[arn] != code:
            self.problem("aws_refused" if code else "mfa_code_required")
            return
        if arn not in {one["arn"] for one in gateway.roles}:
            self.problem("role_denied")
            return
        with gateway.lock:
            self.json(200, gateway.credentials(arn))

    def console(self, asked: dict[str, str]) -> None:
        account, name = asked["role_arn"].split(":")[4], asked["role_arn"].rsplit("/", 1)[-1]
        query = "?" + urlencode({"destination": asked["destination"]}) if "destination" in asked else ""
        url = self.server.gateway.console_url or f"{self.server.gateway.address}/console/{account}/{name}{query}"
        self.json(200, {"url": url})

    def problem(self, code: str, headers: dict[str, str] | None = None) -> None:
        body = {
            "type": "about:blank",
            "title": "A title",
            "status": PROBLEMS[code],
            "code": code,
            "detail": f"A sentence about {code}.",
            "reference": "R-12345",
        }
        told = {"Content-Type": "application/problem+json"} | (headers or {})
        self.send(PROBLEMS[code], json.dumps(body).encode(), told)

    def json(self, status: int, body: object) -> None:
        self.send(status, json.dumps(body).encode(), {"Content-Type": "application/json"})

    def send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return super().date_time_string((timestamp or time.time()) + self.server.gateway.clock_off)

    def log_message(self, *_: object) -> None:
        """The tests ask `seen`."""


@contextmanager
def running() -> Iterator[Gateway]:
    gateway = Gateway()
    thread = threading.Thread(target=gateway.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        gateway.server.shutdown()
        gateway.server.server_close()
        gateway.open.set()
        thread.join(SECONDS)
