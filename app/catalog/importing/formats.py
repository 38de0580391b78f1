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
    """`method`: how that tool gets at roles, and so what they most likely trust already."""

    title: str
    read: Callable[[Source], Imported]
    method: Method


FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        "consoleme": Format("ConsoleMe: role tags or group mapping", read_consoleme, Method.ASSUME_ROLE),
        "adfs": Format("AD FS: claim rules", read_adfs, Method.SAML),
        "keycloak": Format("Keycloak: realm export", read_keycloak, Method.SAML),
        "aws-auth": Format("aws-auth and YAML lists", read_aws_auth, Method.SAML),
        "csv": Format("CSV: group,account,role", read_csv, Method.SAML),
    }
)


def read(name: str, source: Source) -> Imported:
    """Raises InvalidRequest for a format that does not exist, and what its reader raises."""
    found = FORMATS.get(name)
    if found is None:
        raise InvalidRequest(f"Expected one of the formats {', '.join(FORMATS)}.", reason="import.format")
    return found.read(source)
