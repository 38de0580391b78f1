"""SimpleSAMLphp as a real SAML provider: Debian's package on PHP's own web server, no Apache, nothing in /etc.

Its configuration files are PHP that reads JSON, so that no value of ours is ever pasted into PHP source.

    with SimpleSamlPhp(directory, entity_id=..., acs=...) as idp:
        idp.metadata_url, idp.metadata(), idp.entity_id
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import requests

from app.local.idp import keys
from tests.servers.people import PEOPLE, Account
from tests.servers.process import LOOPBACK, Process, answers, free_port

HOME = Path("/usr/share/simplesamlphp")
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
REDIRECT, POST = (f"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-{binding}" for binding in ("Redirect", "POST"))
BASIC = "urn:oasis:names:tc:SAML:2.0:attrname-format:basic"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
AES256_GCM = "http://www.w3.org/2009/xmlenc11#aes256-gcm"
LOG_INFO = 6  # syslog(3)


class SimpleSamlPhp:
    """One provider that knows one application. Responses and assertions are signed, NameIDs are persistent.

    `remote`: what else it knows of the application, in its own words (saml20-sp-remote), as `with_logout` and
    `with_key` say it. `others`: more applications, by entity id, in the same words and with their own
    AssertionConsumerService.
    """

    def __init__(
        self,
        directory: Path,
        *,
        entity_id: str,
        acs: str,
        port: int = 0,
        remote: Mapping[str, Any] | None = None,
        others: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        self._directory = directory
        self._port = port or free_port()
        self.base_url = f"http://{LOOPBACK}:{self._port}"
        self.metadata_url = f"{self.base_url}/saml2/idp/metadata.php"
        self.entity_id = self.metadata_url
        known = {entity_id: {"AssertionConsumerService": acs, **(remote or {})}, **(others or {})}
        self._applications = {name: {**REMOTE, **application} for name, application in known.items()}
        self.process = self._process()

    def metadata(self) -> bytes:
        """The provider's metadata, for a file beside gateway.toml."""
        with requests.Session() as http:
            http.trust_env = False
            return http.get(self.metadata_url, timeout=60).content

    def start(self) -> Self:
        self._write()
        self.process.start()
        return self

    def stop(self) -> None:
        self.process.stop()

    def _process(self) -> Process:
        settings = ["-d", "error_reporting=E_ALL & ~E_DEPRECATED", "-d", "display_errors=0"]
        return Process(
            ["php", *settings, "-S", f"{LOOPBACK}:{self._port}", "-t", HOME / "www"],
            log=self._directory / "php.log",
            is_ready=lambda: answers(self.metadata_url),
            env={"SIMPLESAMLPHP_CONFIG_DIR": str(self._directory / "config"), "PHP_CLI_SERVER_WORKERS": "2"},
        )

    def _write(self) -> None:
        for name in ("config", "metadata", "cert", "log", "data", "tmp", "sessions"):
            (self._directory / name).mkdir(parents=True, exist_ok=True)
        key = keys.make("SimpleSAMLphp", lambda: datetime.now(UTC))
        (self._directory / "cert" / "idp.key").write_bytes(key.private_pem)
        (self._directory / "cert" / "idp.crt").write_bytes(key.certificate_pem)
        self._php("config/config", "config", self._config())
        self._php("config/authsources", "config", {"people": {"0": "exampleauth:UserPass"} | _accounts()})
        self._php("metadata/saml20-idp-hosted", "metadata", {self.entity_id: HOSTED})
        self._php("metadata/saml20-sp-remote", "metadata", self._applications)

    def _php(self, name: str, variable: str, value: dict[str, Any]) -> None:
        path = self._directory / name
        path.with_suffix(".json").write_text(json.dumps(value))
        path.with_suffix(".php").write_text(
            f"<?php ${variable} = json_decode(file_get_contents(__DIR__ . '/{path.name}.json'), true);\n"
        )

    def _config(self) -> dict[str, Any]:
        here = self._directory
        return {
            "baseurlpath": f"{self.base_url}/",
            "certdir": f"{here}/cert/",
            "loggingdir": f"{here}/log/",
            "datadir": f"{here}/data/",
            "tempdir": f"{here}/tmp",
            "metadatadir": f"{here}/metadata",
            "metadata.sources": [{"type": "flatfile", "directory": f"{here}/metadata"}],
            "session.phpsession.savepath": f"{here}/sessions",
            **CONFIG,
        }

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


HOSTED: dict[str, Any] = {
    "host": "__DEFAULT__",
    "privatekey": "idp.key",
    "certificate": "idp.crt",
    "auth": "people",
    "SingleLogoutServiceBinding": [REDIRECT, POST],
    "signature.algorithm": RSA_SHA256,
    "NameIDFormat": PERSISTENT,
    "attributes.NameFormat": BASIC,
    "authproc": {"10": {"class": "saml:PersistentNameID", "attribute": "uid"}},
}
REMOTE: dict[str, Any] = {
    "NameIDFormat": PERSISTENT,
    "attributes.NameFormat": BASIC,
    "saml20.sign.response": True,
    "saml20.sign.assertion": True,
}
CONFIG: dict[str, Any] = {
    "enable.saml20-idp": True,
    "module.enable": {"exampleauth": True, "core": True, "saml": True},
    "secretsalt": "only-for-tests-and-the-same-in-every-run",  # so that persistent NameIDs are
    "auth.adminpassword": "nobody-signs-in-with-this",
    "technicalcontact_name": "tests",
    "technicalcontact_email": "tests@example.test",
    "timezone": "UTC",
    "logging.level": LOG_INFO,
    "logging.handler": "file",
    "store.type": "phpsession",
    "session.cookie.secure": False,  # loopback speaks plain http
    "session.cookie.name": "SspSession",
    "session.phpsession.cookiename": "SspPhpSession",
    "session.authtoken.cookiename": "SspAuthToken",
    "language.available": ["en"],
    "language.default": "en",
}


def with_logout(slo: str, certificate_pem: str, binding: str = REDIRECT) -> dict[str, Any]:
    """Single Logout at this address of the application: we sign what we send there, and believe what it signed."""
    return {
        "SingleLogoutService": [{"Binding": binding, "Location": slo}],
        "certData": _body(certificate_pem),
        "validate.logout": True,
        "sign.logout": True,
    }


def with_key(certificate_pem: str, *, encrypt: bool) -> dict[str, Any]:
    """Only requests that this key signed are answered; and assertions are encrypted to it.

    It is asked for AES-256-GCM, as its documentation has it, and always takes AES-128-CBC: in 1.19 that setting is
    for keys that both sides have agreed on (`SAML2\\EncryptedAssertion::setAssertion`).
    """
    wishes = {"sharedkey_algorithm": AES256_GCM, "assertion.encryption": True} if encrypt else {}
    return {"certData": _body(certificate_pem), "validate.authnrequest": True, **wishes}


def _body(certificate_pem: str) -> str:
    return "".join(certificate_pem.partition("-----BEGIN CERTIFICATE-----")[2].partition("-----END")[0].split())


def _accounts() -> dict[str, Any]:
    return {f"{account.name}:{account.password}": _attributes(account) for account in PEOPLE}


def _attributes(account: Account) -> dict[str, list[str]]:
    said = {
        "uid": [account.name],
        "mail": [account.mail],
        "displayName": [account.display_name],
        "department": [account.department],
    }
    return said if account.groups is None else {**said, "groups": list(account.groups)}
