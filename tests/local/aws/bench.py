"""A bench to try the local AWS on: accounts, roles by plain boto3, and issuers whose keys we hold.

Nothing here shares code with what is tested: assertions come from `tests.forges.saml`, ID tokens are put
together below, requests are signed by boto3 (or by hand, in `test_signatures.py`).
"""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from app.local.aws.server import LocalAws
from tests.forges.saml import Draft, SamlForge, Signing

DEVELOPMENT, PRODUCTION = "111111111111", "999999999999"
ACS = "https://signin.aws.amazon.com/saml"
ATTRIBUTES = "https://aws.amazon.com/SAML/Attributes/"
ISSUER = "https://id.example.test"
SAML_PROVIDER = f"arn:aws:iam::{PRODUCTION}:saml-provider/fedgate"
OIDC_PROVIDER = f"arn:aws:iam::{PRODUCTION}:oidc-provider/id.example.test"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
_PLAIN: dict[str, Any] = {"parameter_validation": False, "retries": {"max_attempts": 0}, "proxies": {}}


def role_arn(name: str, account: str = PRODUCTION) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def document(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal: Mapping[str, Any], *actions: str, **condition: Mapping[str, Any]) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": list(actions)}
    return document(statement | ({"Condition": condition} if condition else {}))


HONEST = Signing()


@dataclass(frozen=True)
class Refused:
    code: str
    status: int
    message: str


def refusal(call: Any, **parameters: Any) -> Refused:
    """What AWS said when it refused. The call must be refused."""
    with pytest.raises(ClientError) as caught:
        call(**parameters)
    response = caught.value.response
    error = response["Error"]
    return Refused(error["Code"], response["ResponseMetadata"]["HTTPStatusCode"], error["Message"])


@dataclass
class Bench:
    aws: LocalAws
    saml: SamlForge
    oidc: OidcIssuer

    def client(
        self, service: str, credentials: Mapping[str, Any] | None = None, region: str = "eu-west-1", url: str = ""
    ) -> Any:
        """As the operator of Production, or with credentials that STS gave."""
        keys = keys_of(credentials) if credentials else self.aws.operator(PRODUCTION)
        return self._client(service, region, url, **keys)

    def operator(self, account: str, service: str, region: str = "eu-west-1") -> Any:
        return self._client(service, region, "", **self.aws.operator(account))

    def unsigned(self, service: str = "sts", url: str = "") -> Any:
        config = Config(signature_version=UNSIGNED, **_PLAIN)
        session: Any = boto3
        return session.client(service, endpoint_url=url or self.aws.url, region_name="eu-west-1", config=config)

    def _client(self, service: str, region: str, url: str, **keys: str) -> Any:
        style: dict[str, Any] = (
            {"signature_version": "s3v4", "s3": {"addressing_style": "path"}} if service == "s3" else {}
        )
        config = Config(**_PLAIN, **style)
        session: Any = boto3  # the stubs list four hundred services and take no variable
        return session.client(service, endpoint_url=url or self.aws.url, region_name=region, config=config, **keys)

    def role(
        self, name: str, trust_policy: str, *may: Mapping[str, Any], account: str = PRODUCTION, **more: Any
    ) -> str:
        iam = self.operator(account, "iam")
        made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust_policy, **more)["Role"]
        if may:
            iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=document(*may))
        return str(made["Arn"])

    def user(self, name: str, *may: Mapping[str, Any], account: str = DEVELOPMENT) -> dict[str, str]:
        """A new IAM user; returns its key in the shape of STS credentials."""
        iam = self.operator(account, "iam")
        iam.create_user(UserName=name)
        if may:
            iam.put_user_policy(UserName=name, PolicyName="may", PolicyDocument=document(*may))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"AccessKeyId": key["AccessKeyId"], "SecretAccessKey": key["SecretAccessKey"]}

    def saml_role(
        self, name: str = "UpdateApp", *may: Mapping[str, Any], seconds: int = 43_200, **condition: Any
    ) -> str:
        """Trusts our SAML provider for everything that the minted mode needs."""
        actions = ("sts:AssumeRoleWithSAML", "sts:TagSession", "sts:SetSourceIdentity")
        wanted = condition or {"StringEquals": {"saml:aud": ACS}}
        policy = trust({"Federated": SAML_PROVIDER}, *actions, **wanted)
        return self.role(name, policy, *may, MaxSessionDuration=seconds)

    def register_saml(self) -> None:
        metadata = self.saml.metadata()
        self.client("iam").create_saml_provider(Name="fedgate", SAMLMetadataDocument=metadata)

    def oidc_role(self, name: str = "ReadOnly", seconds: int = 43_200, **condition: Any) -> str:
        actions = ("sts:AssumeRoleWithWebIdentity", "sts:TagSession", "sts:SetSourceIdentity")
        wanted = condition or {"StringEquals": {"id.example.test:aud": "sts.amazonaws.com"}}
        return self.role(name, trust({"Federated": OIDC_PROVIDER}, *actions, **wanted), MaxSessionDuration=seconds)

    def register_oidc(self) -> None:
        self.client("iam").create_open_id_connect_provider(Url=ISSUER, ClientIDList=["sts.amazonaws.com", "gateway"])

    def assertion(self, role: str, how: Signing | None = HONEST, /, **changes: Any) -> str:
        """An honest assertion for one role, changed as told. `aws` replaces or adds AWS attributes; None removes."""
        offered: dict[str, Sequence[str] | None] = {
            "Role": [f"{role},{SAML_PROVIDER}"],
            "RoleSessionName": ["alice"],
            **changes.pop("aws", {}),
        }
        attributes = tuple((ATTRIBUTES + name, tuple(v)) for name, v in offered.items() if v is not None)
        return self.saml.encode(self.saml.signed(self.draft(attributes=attributes, **changes), how))

    def draft(self, **changes: Any) -> Draft:
        return self.saml.draft(ACS, "urn:amazon:webservices", "_request", self.now(), **changes)

    def with_saml(self, role: str, assertion: str | None = None, **parameters: Any) -> Any:
        given = self.assertion(role) if assertion is None else assertion
        return self.unsigned().assume_role_with_saml(
            RoleArn=role, PrincipalArn=SAML_PROVIDER, SAMLAssertion=given, **parameters
        )

    def with_token(self, role: str, token: str, **parameters: Any) -> Any:
        given = {"RoleArn": role, "RoleSessionName": "alice", "WebIdentityToken": token} | parameters
        return self.unsigned().assume_role_with_web_identity(**given)

    def now(self) -> datetime:
        return self.aws.desk.now()


def keys_of(credentials: Mapping[str, Any]) -> dict[str, str]:
    if "aws_access_key_id" in credentials:
        return dict(credentials)
    found = {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
    }
    return found | ({"aws_session_token": credentials["SessionToken"]} if "SessionToken" in credentials else {})


@dataclass
class OidcIssuer:
    """Signs ID tokens with its own code and serves discovery and keys over HTTP; `answers` overrides a path."""

    rsa_key: Any = field(default_factory=lambda: rsa.generate_private_key(public_exponent=65537, key_size=2048))
    ec_key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    answers: dict[str, Any] = field(default_factory=dict)
    delay_seconds: float = 0
    _server: ThreadingHTTPServer | None = None

    def start(self) -> OidcIssuer:
        issuer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = issuer.answer(self.path)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def stop(self) -> None:
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, path: str) -> tuple[int, bytes]:
        time.sleep(self.delay_seconds)
        if path in self.answers:
            value = self.answers[path]
            return (value, b"") if isinstance(value, int) else (200, json.dumps(value).encode())
        if path == "/.well-known/openid-configuration":
            return 200, json.dumps({"issuer": ISSUER, "jwks_uri": f"{ISSUER}/issuer/jwks.json"}).encode()
        return (200, json.dumps(self.jwks()).encode()) if path == "/issuer/jwks.json" else (404, b"")

    def jwks(self) -> dict[str, Any]:
        numbers = self.rsa_key.public_key().public_numbers()
        point = self.ec_key.public_key().public_numbers()
        first = {"kty": "RSA", "kid": "r1", "use": "sig", "n": _number(numbers.n), "e": _number(numbers.e)}
        second = {"kty": "EC", "kid": "e1", "use": "sig", "crv": "P-256", "x": _number(point.x, 32)}
        return {"keys": [first, second | {"y": _number(point.y, 32)}]}

    def token(self, now: datetime, /, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """An honest token, changed as told; None leaves a claim out."""
        today = int(now.timestamp())
        claims = {"iss": ISSUER, "aud": "sts.amazonaws.com", "sub": "alice-0001", "iat": today, "exp": today + 300}
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        head = {"alg": "RS256", "kid": "r1", "typ": "JWT"} | dict(header or {})
        text = f"{_json(head)}.{_json(claims)}"
        return f"{text}.{_text(self._signature(head['alg'], text.encode()))}"

    def _signature(self, algorithm: str, octets: bytes) -> bytes:
        public = json.dumps(self.jwks()).encode()
        match algorithm:
            case "none":
                return b""
            case "HS256":
                return hmac.new(public, octets, "sha256").digest()
            case "PS256":
                mask = padding.PSS(padding.MGF1(hashes.SHA256()), 32)
                return bytes(self.rsa_key.sign(octets, mask, hashes.SHA256()))
            case "ES256":
                r, s = decode_dss_signature(self.ec_key.sign(octets, ec.ECDSA(hashes.SHA256())))
                return r.to_bytes(32, "big") + s.to_bytes(32, "big")
            case _:
                sizes: dict[str, Any] = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
                return bytes(self.rsa_key.sign(octets, padding.PKCS1v15(), sizes[algorithm[-3:]]))


def _number(value: int, size: int = 0) -> str:
    return _text(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


def _json(value: Mapping[str, Any]) -> str:
    return _text(json.dumps(value).encode())


def _text(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def remaining(credentials: Mapping[str, Any], now: datetime | None = None) -> timedelta:
    expires: datetime = credentials["Expiration"]
    return expires - (now or datetime.now(UTC))
