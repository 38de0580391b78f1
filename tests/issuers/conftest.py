"""A small server in AWS's place that answers what a test says, and remembers every request, byte for byte."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from app.core.decisions import Grant
from app.core.names import opaque_subject, session_name, source_identity
from app.core.roles import Method, ProviderArn, RoleArn
from app.core.session_tags import SessionTags
from app.issuers.order import Order
from app.local.aws.server import LocalAws
from app.minting.keys import SigningKeys, load_keys, new_key
from tests.core.people import NOW, a_role, person
from tests.forges.saml import SamlForge
from tests.issuers.ways import GATEWAY, Ways, documents, open_ways
from tests.local.aws.bench import ISSUER, Bench, OidcIssuer
from tests.patience import NEVER

SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luEXAMPLETOKEN"
UPDATE_APP = RoleArn("arn:aws:iam::999999999999:role/UpdateApp")


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body, keep_blank_values=True).items()}


@dataclass(slots=True)
class Aws:
    url: str
    status: int = 200
    kind: str = "text/xml"
    answer: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    hangs: threading.Event | None = None
    asked: list[Asked] = field(default_factory=list)
    identified: list[Asked] = field(default_factory=list)  # who the gateway is, asked by itself
    caller: str = "arn:aws:iam::111111111111:user/fedgate"  # of a long-term key; a token makes it a role session

    def identity(self, asked: Asked) -> str:
        session = "arn:aws:sts::111111111111:assumed-role/Gateway/i-0EXAMPLE"
        arn = session if any(name.lower() == "x-amz-security-token" for name in asked.headers) else self.caller
        return (
            '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>'
            f"<Arn>{arn}</Arn><UserId>AIDAEXAMPLE</UserId><Account>111111111111</Account></GetCallerIdentityResult>"
            "</GetCallerIdentityResponse>"
        )

    def gives_credentials(self, action: str) -> None:
        end = (NOW + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.answer = (
            f'<{action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><{action}Result>'
            "<AssumedRoleUser><Arn>arn:aws:sts::999999999999:assumed-role/UpdateApp/alice</Arn>"
            "<AssumedRoleId>AROAEXAMPLE:alice</AssumedRoleId></AssumedRoleUser>"
            f"<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey>"
            f"<SessionToken>{TOKEN}</SessionToken><Expiration>{end}</Expiration></Credentials>"
            f"</{action}Result></{action}Response>"
        )

    def refuses(self, code: str, status: int) -> None:
        self.status = status
        self.answer = (
            '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>'
            f"<Code>{code}</Code><Message>about &lt;script&gt; {SECRET}</Message></Error>"
            "<RequestId>11112222-3333</RequestId></ErrorResponse>"
        )


@pytest.fixture
def aws() -> Iterator[Aws]:
    yield from _serving()


@pytest.fixture
def metadata_service() -> Iterator[Aws]:
    """The address at which an EC2 instance would find its own credentials."""
    yield from _serving()


@pytest.fixture(autouse=True)
def _this_process(aws: Aws, metadata_service: Aws, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No AWS settings but these, whoever runs the tests."""
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", aws.url)
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", metadata_service.url)
    monkeypatch.setenv("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "1")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    directory = tmp_path_factory.mktemp("keys")
    new_key(directory, NOW)
    return load_keys(directory)


@pytest.fixture(scope="session")
def company() -> Iterator[tuple[SamlForge, OidcIssuer, OidcIssuer]]:
    """The company's two providers, and the gateway's published documents."""
    oidc, gateway = OidcIssuer().start(), OidcIssuer().start()
    yield SamlForge("https://aws.example.com/issuer/saml"), oidc, gateway
    oidc.stop()
    gateway.stop()


@pytest.fixture
def ways(
    company: tuple[SamlForge, OidcIssuer, OidcIssuer],
    keys: SigningKeys,
    monkeypatch: pytest.MonkeyPatch,
    _this_process: None,
) -> Iterator[Ways]:
    """A new AWS for each test, in which the gateway is the user `broker` of Production."""
    saml, oidc, gateway = company
    gateway.answers = dict(documents(keys))
    with LocalAws(resolve={ISSUER: oidc.url, GATEWAY: gateway.url}) as aws:
        bench = Bench(aws, saml, oidc)
        bench.register_saml()
        bench.register_oidc()
        found = open_ways(bench, keys)
        for service in ("STS", "COGNITO_IDENTITY"):
            monkeypatch.setenv(f"AWS_ENDPOINT_URL_{service}", aws.url)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", found.key["AccessKeyId"])
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", found.key["SecretAccessKey"])
        yield found


def an_order(method: Method = Method.ASSUME_ROLE, **more: object) -> Order:
    alice = person("alice", "Developers")
    kind = "saml-provider/fedgate" if method is Method.SAML else "oidc-provider/id.fedgate.example"
    given: dict[str, object] = {
        "role": a_role(UPDATE_APP, region="eu-west-1"),
        "method": method,
        "provider_arn": ProviderArn(f"arn:aws:iam::999999999999:{kind}"),
        "max_seconds": 43_200,
        "tags": SessionTags({"Team": "payments", "CostCenter": "4711"}),
        "transitive_tags": ("CostCenter",),
        "policy": "",
        "policy_arns": (),
        "purposes": frozenset(),
    }
    grant = Grant(**(given | more))  # type: ignore[arg-type]
    return Order(grant, session_name(alice), source_identity(alice), opaque_subject(alice.person), 7200)


def _serving() -> Iterator[Aws]:
    aws = Aws("")

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            asked = Asked(self.command, self.path, dict(self.headers), body)
            if asked.form.get("Action") == "GetCallerIdentity":
                aws.identified.append(asked)
                self._send(200, "text/xml", aws.identity(asked), {})
                return
            aws.asked.append(asked)
            if aws.hangs is not None:
                aws.hangs.wait(NEVER)
            self._send(aws.status, aws.kind, aws.answer, aws.headers)

        def _send(self, status: int, kind: str, answer: str, headers: dict[str, str]) -> None:
            data = answer.encode()
            self.send_response(status)
            for name, value in ({"Content-Type": kind, "Content-Length": str(len(data))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _answer  # noqa: N815  the names that http.server looks for

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        aws.url = f"http://127.0.0.1:{server.server_address[1]}"
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        serving.start()
        try:
            yield aws
        finally:
            if aws.hangs is not None:
                aws.hangs.set()
            server.shutdown()
            serving.join()
