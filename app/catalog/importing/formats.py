"""The formats by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app.catalog.importing.adfs import read_adfs
from app.catalog.importing.consoleme import read_consoleme
from app.catalog.importing.imported import Imported, Source
from app.catalog.importing.keycloak import read_keycloak
from app.catalog.importing.lists import read_aws_auth, read_csv
from app.core.roles import Method
from app.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Format:
    """`wants`: where its file comes from. `method`: how that tool gets at roles, and so what they trust already."""

    title: str
    wants: str
    read: Callable[[Source], Imported]
    method: Method


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "consoleme": Format(
            "ConsoleMe: role tags or group mapping",
            "The JSON of aws iam get-account-authorization-details --filter Role, ConsoleMe's cache of roles, or the "
            "YAML of its dynamic configuration.",
            read_consoleme,
            Method.ASSUME_ROLE,
        ),
        "adfs": Format(
            "AD FS: claim rules",
            "The issuance rules of AWS's relying party trust (Get-AdfsRelyingPartyTrust, IssuanceTransformRules).",
            read_adfs,
            Method.SAML,
        ),
        "keycloak": Format(
            "Keycloak: realm export",
            "The JSON of Realm settings, Partial export, with groups, roles and clients.",
            read_keycloak,
            Method.SAML,
        ),
        "aws-auth": Format(
            "aws-auth and YAML lists",
            "The ConfigMap aws-auth, or a list of entries with groups and rolearn.",
            read_aws_auth,
            Method.SAML,
        ),
        "csv": Format(
            "CSV: group,account,role",
            "A first line with group,account,role or group,rolearn, then one grant in a line.",
            read_csv,
            Method.SAML,
        ),
    }
)


def read(name: str, source: Source) -> Imported:
    """Raises InvalidRequest for a format that does not exist, and what its reader raises."""
    found = FORMATS.get(name)
    if found is None:
        raise InvalidRequest(f"Expected one of the formats {', '.join(FORMATS)}.", reason="import.format")
    return found.read(source)
