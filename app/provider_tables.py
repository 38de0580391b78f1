"""[[provider]] of gateway.toml, as written, and the settings that it becomes. Files named in it lie beside it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator

from app.core.roles import Partition
from app.errors import ConfigurationProblems
from app.providers.settings import OidcSettings, ProviderSettings, SamlSettings
from app.toml_files import Table, read_text


class _Provider(Table):
    id: str
    label: str = Field(min_length=1, max_length=60)
    enabled: bool = True
    email_domains: list[str] = Field(default_factory=list)
    sign_out: Literal["provider", "gateway"] = "provider"
    attributes: list[str] = Field(default_factory=list)
    allow_private_network: bool = False
    passthrough: bool = False

    @field_validator("id")
    @classmethod
    def _in_addresses(cls, text: str) -> str:
        if not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?", text) or text == "resume":
            raise ValueError("expected 1-32 of a-z, 0-9 and dashes (it becomes part of addresses), not `resume`")
        return text

    @field_validator("email_domains")
    @classmethod
    def _domains(cls, domains: list[str]) -> list[str]:
        for domain in domains:
            if not re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", domain):
                raise ValueError("expected domains in lower case, such as example.com, without the @")
        return domains


class SamlTable(_Provider):
    kind: Literal["saml"]
    metadata: str
    metadata_certificate_files: list[str] = Field(default_factory=list)
    groups_attribute: str = Field(default="groups", min_length=1)
    name_attribute: str = Field(default="NameID", min_length=1)
    email_attribute: str = ""
    mfa_contexts: list[str] = Field(default_factory=list)
    response_signed: bool = False
    max_validity_minutes: int = Field(default=10, ge=1, le=120)
    passthrough_partition: Literal["aws", "aws-us-gov", "aws-cn"] = "aws"
    key_files: list[str] = Field(default_factory=list)
    sign_requests: bool = True
    require_encryption: bool = False
    allow_cbc_encryption: bool = False
    idp_initiated: bool = False

    @property
    def second_factors(self) -> list[str]:
        return self.mfa_contexts


class OidcTable(_Provider):
    kind: Literal["oidc"]
    issuer: str
    client_id: str = Field(min_length=1)
    client_secret_file: str
    scopes: list[str] = Field(default=["openid", "profile", "email"])
    groups_claim: str = Field(default="groups", min_length=1)
    name_claim: str = Field(default="preferred_username", min_length=1)
    email_claim: str = "email"
    mfa_amr: list[str] = Field(default_factory=list)
    mfa_acr: list[str] = Field(default_factory=list)
    graph: str = ""

    @property
    def second_factors(self) -> list[str]:
        return self.mfa_amr + self.mfa_acr

    @field_validator("scopes")
    @classmethod
    def _with_openid(cls, scopes: list[str]) -> list[str]:
        if "openid" not in scopes:
            raise ValueError("expected `openid` among the scopes (OpenID Connect Core 1.0, section 3.1.2.1)")
        return scopes


Read = Callable[[Path], str]


@dataclass(frozen=True, slots=True)
class _Files:
    """The files that a table names; what is wrong with them, all of it, each by its key."""

    folder: Path
    read: Read
    problems: list[str] = field(default_factory=list)

    def text(self, key: str, name: str) -> str:
        try:
            return self.read(self.folder / name)
        except ConfigurationProblems as found:
            self.problems.extend(f"{key}: {problem}" for problem in found.problems)
            return ""

    def texts(self, key: str, names: Sequence[str]) -> tuple[str, ...]:
        return tuple(self.text(f"{key}[{number}]", name) for number, name in enumerate(names, start=1))

    def secret(self, key: str, name: str) -> str:
        before = len(self.problems)
        secret = self.text(key, name).strip()
        if len(self.problems) == before and not (secret and secret.isprintable()):
            self.problems.append(f"{key}: {self.folder / name}: expected the client secret on one line")
        return secret


def settings_of(entry: SamlTable | OidcTable, folder: Path, read: Read = read_text) -> ProviderSettings:
    """Raises ConfigurationProblems, about the files that it names, each with its key."""
    files = _Files(folder, read)
    made = _saml(entry, files) if isinstance(entry, SamlTable) else _oidc(entry, files)
    if files.problems:
        raise ConfigurationProblems(files.problems)
    return made


def _saml(entry: SamlTable, files: _Files) -> SamlSettings:
    address = entry.metadata.startswith(("https://", "http://"))
    return SamlSettings(
        id=entry.id,
        label=entry.label,
        enabled=entry.enabled,
        email_domains=tuple(entry.email_domains),
        sign_out_at_provider=entry.sign_out == "provider",
        metadata=entry.metadata if address else files.text("metadata", entry.metadata),
        metadata_certificates=files.texts("metadata_certificate_files", entry.metadata_certificate_files),
        groups_attribute=entry.groups_attribute,
        name_attribute=entry.name_attribute,
        email_attribute=entry.email_attribute,
        attributes=tuple(entry.attributes),
        mfa_contexts=tuple(entry.mfa_contexts),
        response_signed=entry.response_signed,
        max_validity_minutes=entry.max_validity_minutes,
        allow_private_network=entry.allow_private_network,
        passthrough=Partition(entry.passthrough_partition) if entry.passthrough else None,
        keys=files.texts("key_files", entry.key_files),
        sign_requests=entry.sign_requests,
        require_encryption=entry.require_encryption,
        allow_cbc_encryption=entry.allow_cbc_encryption,
        idp_initiated=entry.idp_initiated,
    )


def _oidc(entry: OidcTable, files: _Files) -> OidcSettings:
    return OidcSettings(
        id=entry.id,
        label=entry.label,
        enabled=entry.enabled,
        email_domains=tuple(entry.email_domains),
        sign_out_at_provider=entry.sign_out == "provider",
        issuer=entry.issuer,
        client_id=entry.client_id,
        client_secret=files.secret("client_secret_file", entry.client_secret_file),
        scopes=tuple(entry.scopes),
        groups_claim=entry.groups_claim,
        name_claim=entry.name_claim,
        email_claim=entry.email_claim,
        attributes=tuple(entry.attributes),
        mfa_amr=tuple(entry.mfa_amr),
        mfa_acr=tuple(entry.mfa_acr),
        allow_private_network=entry.allow_private_network,
        passthrough=entry.passthrough,
        graph=entry.graph,
    )
