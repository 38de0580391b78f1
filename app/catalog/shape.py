"""catalog.toml as it is written."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from app.core.visible import steering
from app.toml_files import Table


def _one_line(text: str) -> str:
    """Names reach terminals, AWS tools' pickers and the journal: none of them is to be steered, nor a line forged."""
    if not text.isprintable():
        raise ValueError("expected one line of text, without control characters")
    return text


def _as_it_reads(text: str) -> str:
    found = steering(text)
    if found:
        raise ValueError(
            f"expected text that reads as it is written: {found} in it steers a terminal or turns the words around it"
        )
    return text


OneLine = Annotated[str, AfterValidator(_one_line)]
Readable = Annotated[str, AfterValidator(_as_it_reads)]


class RoleDefaults(Table):
    """What an account says for all of its roles."""

    method: Literal["saml", "web_identity", "assume_role", "federation_token", "session_token", "cognito"] | None = None
    assertion: Literal["minted", "passthrough"] | None = None
    provider_arn: str | None = None
    max_minutes: int | None = Field(default=None, ge=15, le=720)
    console: bool | None = None
    cli: bool | None = None
    region: str | None = Field(default=None, pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")


class BaseEntry(Table):
    """With which credentials the gateway signs its own calls for the account."""

    profile: OneLine = ""
    role: str | None = None
    provider_arn: str | None = None


class AccountEntry(Table):
    id: str
    name: OneLine = Field(min_length=1, max_length=80)
    partition: Literal["aws", "aws-us-gov", "aws-cn"] = "aws"
    zone: Literal["own", "third-party"] = "own"
    base: BaseEntry = BaseEntry()
    fallback_region: str = Field(default="", pattern=r"^([a-z]{2}(-[a-z]+)+-[0-9])?$")
    defaults: RoleDefaults = RoleDefaults()


class RoleEntry(RoleDefaults):
    arn: str
    label: OneLine = Field(default="", max_length=80)
    require_mfa: bool = False
    fresh: int | None = Field(default=None, ge=1, le=1440)
    tags: dict[str, str] = Field(default_factory=dict)
    transitive_tags: list[str] = Field(default_factory=list)
    shorten: list[str] = Field(default_factory=list)
    policy: Readable = ""
    policy_arns: list[str] = Field(default_factory=list)
    accept_unenforced: Literal["AWS does not enforce this mapping"] | None = None
    mfa_serial: OneLine = ""
    identity_pool: OneLine = ""
    pool_login: OneLine = ""
    sensitive: bool = False
    visible: bool = False


class RuleEntry(Table):
    id: OneLine = Field(min_length=1, max_length=80)
    provider: str
    groups: list[Readable] = Field(default_factory=list)
    group_pattern: Readable | None = None
    attributes: dict[Readable, list[Readable]] = Field(default_factory=dict)
    roles: list[str] = Field(default_factory=list)
    expires: datetime | None = None
    note: Readable = Field(default="", max_length=500)


class CatalogShape(Table):
    """The file as written."""

    account: list[AccountEntry] = Field(default_factory=list)
    role: list[RoleEntry] = Field(default_factory=list)
    rule: list[RuleEntry] = Field(default_factory=list)
