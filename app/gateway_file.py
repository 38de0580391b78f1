"""gateway.toml, the operator's file: the gateway's addresses, who administers it, sessions, providers.

Files named in it (metadata, client secrets) lie beside it. The shape is described in the README and in
config/gateway.example.toml.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field

from app.core.identity import People
from app.core.proof import Passing
from app.core.roles import Method, Partition, RoleArn, entry_arn
from app.errors import ConfigurationProblems
from app.provider_tables import OidcTable, SamlTable, settings_of
from app.providers.settings import OidcSettings, ProviderSettings, SamlSettings
from app.sessions.session import Lifetimes
from app.toml_files import Fitting, Table, parse_what_fits, read_text


class _Session(Table):
    browser_hours: float = Field(default=8, gt=0, le=24)
    terminal_hours: float = Field(default=12, gt=0, le=24)
    max_group_age_minutes: int = Field(default=480, ge=15, le=1440)
    browser_idle_minutes: int = Field(default=120, ge=5, le=1440)
    terminal_idle_minutes: int = Field(default=720, ge=15, le=1440)
    group_refresh_minutes: int = Field(default=60, ge=5, le=1440)
    device_sign_in: bool = False
    remember_people_days: int = Field(default=30, ge=0, le=400)


class _People(Table):
    """Who may administer or audit: people of one provider with any of these groups."""

    provider: str
    groups: list[str] = Field(min_length=1)
    require_mfa: bool = False


class GatewayShape(Table):
    """The file as written."""

    base_url: str
    issuer_url: str = ""
    aws_principal: str = ""
    contact: str = Field(default="", max_length=200)
    admins: list[_People] = Field(default_factory=list)
    auditors: list[_People] = Field(default_factory=list)
    activity_days: int = Field(default=400, ge=1, le=4000)
    aws_tools: bool = True
    session: _Session = _Session()
    provider: list[Annotated[SamlTable | OidcTable, Field(discriminator="kind")]] = Field(min_length=1)


Check = Callable[[Sequence[ProviderSettings]], list[str]]


@dataclass(frozen=True, slots=True)
class Gateway:
    """The file as used. Addresses have no path and no slash at the end."""

    base_url: str
    issuer_url: str
    lifetimes: Lifetimes
    providers: tuple[ProviderSettings, ...]
    admins: tuple[People, ...] = ()
    aws_principal: RoleArn | None = None  # who signs the gateway's own calls, for the documents that AWS is given
    device_sign_in: bool = False  # RFC 8628; off, because a stranger can begin it
    auditors: tuple[People, ...] = ()
    activity_days: int = 400  # how long the journal can be searched; the journal itself is never shortened
    remember_people: timedelta = timedelta(days=30)  # without a sign-in; zero: nobody is
    aws_tools: bool = True  # AWS's own protocols, for tools with nothing of ours installed
    contact: str = ""  # whom people ask for a role: an address, a page, a channel

    @property
    def activity_kept(self) -> timedelta:
        return timedelta(days=self.activity_days)

    @property
    def clients(self) -> Mapping[str, str]:
        """The gateway's client ids at the company's OIDC issuers, by issuer."""
        return {known.issuer: known.client_id for known in self.providers if isinstance(known, OidcSettings)}

    @property
    def passing(self) -> Mapping[str, Passing]:
        """The providers whose statements are kept for AWS."""
        found: dict[str, Passing] = {}
        for provider in self.providers:
            match provider:
                case SamlSettings(id=name, passthrough=Partition() as partition):
                    found[name] = Passing(Method.SAML, partition)
                case OidcSettings(id=name, passthrough=True):
                    found[name] = Passing(Method.WEB_IDENTITY)
        return MappingProxyType(found)

    @property
    def secure(self) -> bool:
        """Whether people reach us over TLS; if not, this is a gateway on a loopback address."""
        return self.base_url.startswith("https://")


def load_gateway(path: Path, read: Callable[[Path], str] = read_text, check: Check = lambda _providers: []) -> Gateway:
    """Raises ConfigurationProblems with everything that is wrong in the file and the files it names.

    `read` sees every file that is read on the way. `check` says what is wrong with providers beyond their shape.
    """
    fitting = parse_what_fits(read(path), str(path), GatewayShape)
    shape = fitting.tables
    problems = fitting.problems + [f"{path}: {problem}" for problem in _problems(fitting)]
    providers: list[ProviderSettings] = []
    for number, entry in fitting.numbered("provider", shape.provider):
        here = f"{path}: provider[{number}]"
        try:
            made = settings_of(entry, path.parent, read)
        except ConfigurationProblems as found:
            problems += [f"{here}.{problem}" for problem in found.problems]
            continue
        if not any(problem.startswith(here) for problem in fitting.problems):  # what does not fit was taken out of it
            providers.append(made)
    problems += [f"{path}: {problem}" for problem in check(providers)]
    if problems:
        raise ConfigurationProblems(problems)
    hours = shape.session
    return Gateway(
        shape.base_url,
        shape.issuer_url or shape.base_url,
        Lifetimes(
            timedelta(hours=hours.browser_hours),
            timedelta(hours=hours.terminal_hours),
            timedelta(minutes=hours.max_group_age_minutes),
            timedelta(minutes=hours.browser_idle_minutes),
            timedelta(minutes=hours.terminal_idle_minutes),
            timedelta(minutes=hours.group_refresh_minutes),
        ),
        tuple(providers),
        _people(shape.admins),
        entry_arn(shape.aws_principal) if shape.aws_principal else None,
        hours.device_sign_in,
        _people(shape.auditors),
        shape.activity_days,
        remember_people=timedelta(days=hours.remember_people_days),
        contact=shape.contact,
        aws_tools=shape.aws_tools,
    )


def _people(entries: Sequence[_People]) -> tuple[People, ...]:
    return tuple(People(entry.provider, frozenset(entry.groups), entry.require_mfa) for entry in entries)


def _problems(fitting: Fitting[GatewayShape]) -> list[str]:
    shape = fitting.tables
    problems = [f"base_url: {p}" for p in _address_problems(shape.base_url)]
    problems += [f"issuer_url: {p}" for p in _address_problems(shape.issuer_url) if shape.issuer_url]
    problems += [f"aws_principal: {p}" for p in _principal_problems(shape.aws_principal)]
    ids = [provider.id for provider in shape.provider]
    if any(table == "provider" for table, _ in fitting.left_out):
        return problems  # who is missing from `ids` may well be among those
    problems += [f"provider: two have the id {twice}" for twice in sorted({i for i in ids if ids.count(i) > 1})]
    without_factor = {provider.id for provider in shape.provider if not provider.second_factors}
    for key, people in (("admins", shape.admins), ("auditors", shape.auditors)):
        problems += [
            f"{key}[{n}].provider: there is no provider {entry.provider}"
            for n, entry in enumerate(people, start=1)
            if entry.provider not in ids
        ]
        problems += [
            f"{key}[{n}].require_mfa: {entry.provider} names nothing that counts as a second factor (mfa_...)"
            for n, entry in enumerate(people, start=1)
            if entry.require_mfa and entry.provider in without_factor
        ]
    return problems


# As browsers write it in `Origin`, with which every form is compared: another spelling would refuse all of them.
_HOST = re.compile(r"(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*|\[[0-9a-f:]+\])(?::[0-9]+)?", re.ASCII)
_DEFAULT_PORTS = {"https": 443, "http": 80}


def _principal_problems(arn: str) -> list[str]:
    try:
        entry_arn(arn or "arn:aws:iam::111122223333:user/none")
    except ValueError:
        return ["expected the ARN of an IAM user or role, such as arn:aws:iam::111122223333:user/fedgate"]
    return []


def _address_problems(address: str) -> list[str]:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return ["is not an address"]
    # Put together again it must be the same: a parser drops line breaks, an empty query, and the like.
    if f"{parts.scheme}://{parts.netloc}" != address or "@" in parts.netloc or not parts.hostname:
        return ["expected only scheme and host, such as https://aws.example.com, without a path or slash at the end"]
    if not _HOST.fullmatch(parts.netloc) or parts.port == _DEFAULT_PORTS.get(parts.scheme):
        return ["expected the host as browsers write it: lower case, `xn--...` for other letters, no default port"]
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
        return []
    return ["expected https (plain http only for a gateway on 127.0.0.1)"]
