"""A gateway of four workers whose configuration is edited while it runs, and the provider that it knows."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from tests.forges.oidc import OidcForge
from tests.forges.saml import SamlForge
from tests.patience import until
from tests.world import UPDATE_APP, Gateway, World

TOKEN = "a-token-for-the-one-that-scrapes"
NORTHWIND = """
[[provider]]
id = "northwind"
kind = "oidc"
label = "Northwind"
issuer = "{issuer}"
client_id = "{client}"
client_secret_file = "northwind.secret"
allow_private_network = true
"""
CORP = """
[[provider]]
id = "corp"
kind = "saml"
label = "Example Corp"
metadata = "corp.xml"
"""
TOP = 'admins = [{ provider = "northwind", groups = ["aws-dev"] }]\n'
RULES = f"""
[[rule]]
id = "all"
provider = "northwind"
groups = ["aws-dev"]
roles = ["{UPDATE_APP}"]
"""


@dataclass
class Running:
    gateway: Gateway
    op: OidcForge
    people: int = 0

    @property
    def url(self) -> str:
        return self.gateway.url

    @property
    def text(self) -> str:
        return self.file.read_text("utf-8")

    @property
    def file(self) -> Path:
        return self.gateway.folder / "gateway.toml"

    def write(self, text: str) -> None:
        """As an operator does; a second later every worker has looked."""
        self.file.write_text(text, "utf-8")
        time.sleep(1.1)

    def arrive(self) -> requests.Session:
        """Somebody new, signed in, from a network address of their own."""
        self.people += 1
        self.op.person |= {"sub": f"sub-{self.people}", "preferred_username": f"person-{self.people}"}
        http = requests.Session()
        http.trust_env = False
        http.headers["X-Forwarded-For"] = f"203.0.113.{self.people % 250 + 1}"
        page = http.get(f"{self.url}/signin/northwind", timeout=60)
        assert page.url == f"{self.url}/", f"came to {page.url.partition('?')[0]}: {page.status_code}"
        return http

    def many(self, path: str, http: requests.Session | None = None) -> set[int]:
        """The statuses of many answers, from every worker with near certainty: each connection is a new one."""
        jar = http.cookies if http is not None else None
        return {
            requests.get(f"{self.url}{path}", cookies=jar, allow_redirects=False, timeout=60).status_code
            for _ in range(40)
        }

    def checks(self) -> Mapping[str, str]:
        found: Mapping[str, str] = requests.get(f"{self.url}/readyz", timeout=60).json()["checks"]
        return found

    def metrics(self) -> dict[str, float]:
        """Each series with its value."""
        headers = {"Authorization": f"Bearer {TOKEN}"}
        answer = requests.get(f"{self.url}/metrics", headers=headers, timeout=60)
        assert answer.status_code == 200
        lines = [line for line in answer.text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.fixture(scope="module")
def running(world: World) -> Iterator[Running]:
    with OidcForge() as op:
        gateway = world.gateway(
            NORTHWIND.format(issuer=op.issuer, client=op.client_id) + CORP,
            RULES,
            files={"northwind.secret": op.client_secret, "corp.xml": SamlForge().metadata((_ends_soon(),))},
            top=TOP,
            environment={"WEB_CONCURRENCY": "4", "FEDGATE_TRUSTED_PROXIES": "1", "FEDGATE_METRICS_TOKEN": TOKEN},
        )
        assert gateway.process is not None
        until(lambda: op.hits["/jwks"] >= 4)  # each worker has made its first round
        try:
            yield Running(gateway, op)
        finally:
            gateway.process.stop()


def _ends_soon() -> bytes:
    """A certificate with five days left, DER."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.example.com")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(days=360))
    certificate = builder.not_valid_after(now + timedelta(days=5, hours=1)).sign(key, hashes.SHA256())
    return certificate.public_bytes(serialization.Encoding.DER)


@pytest.fixture
def edited(running: Running) -> Iterator[Running]:
    """The running gateway; what a test writes into its configuration is taken back."""
    text = running.text
    yield running
    if running.text != text:
        running.write(text)
