"""Book 2: accounts, roles and rules. The catalog is the file `catalog.toml`; its shape is in the README.

Owned: reading and checking it, and noticing that it changed. A changed file is used from the next request
on; one with problems is refused as a whole, the last good one stays in use, and `/readyz` and the log say so:
half a catalog would take roles away from people without anybody having meant it.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from app.core.decisions import CatalogView, without_placeholders
from app.core.group_patterns import GroupPattern
from app.core.methods import base_misfits, misfits
from app.core.roles import (
    MAX_POLICY_ARNS,
    MAX_POLICY_CHARACTERS,
    Account,
    AccountId,
    Assertion,
    Base,
    Method,
    Partition,
    ProviderArn,
    Role,
    RoleArn,
    SessionTags,
    Zone,
    entry_arn,
    region_partition,
)
from app.core.rules import Rule
from app.core.size import never_fits
from app.errors import ConfigurationProblems
from app.toml_files import Fitting, Table, parse_what_fits, read_text

_LOG = logging.getLogger("fedgate.catalog")
_NONE: Mapping[str, Method] = MappingProxyType({})


class _RoleDefaults(Table):
    """What an account says for all of its roles."""

    method: Literal["saml", "web_identity", "assume_role", "federation_token", "session_token", "cognito"] | None = None
    assertion: Literal["minted", "passthrough"] | None = None
    provider_arn: str | None = None
    max_minutes: int | None = Field(default=None, ge=15, le=720)
    console: bool | None = None
    cli: bool | None = None
    region: str | None = Field(default=None, pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")


class _Base(Table):
    """With which credentials the gateway signs its own calls for the account."""

    profile: str = ""
    role: str | None = None
    provider_arn: str | None = None


class _Account(Table):
    id: str
    name: str = Field(min_length=1, max_length=80)
    partition: Literal["aws", "aws-us-gov", "aws-cn"] = "aws"
    zone: Literal["own", "third-party"] = "own"
    base: _Base = _Base()
    fallback_region: str = Field(default="", pattern=r"^([a-z]{2}(-[a-z]+)+-[0-9])?$")
    defaults: _RoleDefaults = _RoleDefaults()


class _Role(_RoleDefaults):
    arn: str
    label: str = Field(default="", max_length=80)
    require_mfa: bool = False
    fresh: int | None = Field(default=None, ge=1, le=1440)
    tags: dict[str, str] = Field(default_factory=dict)
    transitive_tags: list[str] = Field(default_factory=list)
    shorten: list[str] = Field(default_factory=list)
    policy: str = ""
    policy_arns: list[str] = Field(default_factory=list)
    accept_unenforced: Literal["AWS does not enforce this mapping"] | None = None
    mfa_serial: str = ""
    identity_pool: str = ""
    pool_login: str = ""


class _Rule(Table):
    id: str = Field(min_length=1, max_length=80)
    provider: str
    groups: list[str] = Field(default_factory=list)
    group_pattern: str | None = None
    attributes: dict[str, list[str]] = Field(default_factory=dict)
    roles: list[str] = Field(default_factory=list)
    expires: datetime | None = None
    note: str = Field(default="", max_length=500)


class CatalogShape(Table):
    """The file as written."""

    account: list[_Account] = Field(default_factory=list)
    role: list[_Role] = Field(default_factory=list)
    rule: list[_Rule] = Field(default_factory=list)


class Catalog:
    """The catalog in use. `view()` costs one `stat` when the file has not changed."""

    def __init__(self, path: Path, provider_ids: Iterable[str], passing: Mapping[str, Method] = _NONE) -> None:
        """Raises ConfigurationProblems if the file cannot be used. `passing` as for `load_catalog`."""
        self._path = path
        self._providers = frozenset(provider_ids)
        self._passing = passing
        self._lock = threading.Lock()
        self._stamp = self._now_on_disk()
        self._view = load_catalog(path, self._providers, passing)
        self._problems: tuple[str, ...] = ()

    def view(self) -> CatalogView:
        with self._lock:
            stamp = self._now_on_disk()
            if stamp != self._stamp:
                self._stamp = stamp
                self._reload()
            return self._view

    def problems(self) -> tuple[str, ...]:
        """What is wrong with the file on the disk, if the last good one is in use instead."""
        self.view()
        return self._problems

    def _reload(self) -> None:
        try:
            self._view, self._problems = load_catalog(self._path, self._providers, self._passing), ()
        except ConfigurationProblems as found:
            self._problems = tuple(found.problems)
            _LOG.error("catalog not used: %s", "; ".join(found.problems))

    def _now_on_disk(self) -> tuple[int, int, int]:
        try:
            found = self._path.stat()
        except OSError:
            return (0, 0, 0)
        return (found.st_mtime_ns, found.st_size, found.st_ino)


def load_catalog(path: Path, provider_ids: Iterable[str] | None, passing: Mapping[str, Method] = _NONE) -> CatalogView:
    """Raises ConfigurationProblems with everything that is wrong, each with file, key and what was expected.

    `provider_ids` is None if gateway.toml could not be read: then nothing is said about providers. `passing` has the
    providers whose statements are kept for AWS (`passthrough = true`), and the method that takes them.
    """
    text = read_text(path)
    known = None if provider_ids is None else frozenset(provider_ids)
    return _Builder(str(path), known, passing, parse_what_fits(text, str(path), CatalogShape)).build(text)


class _Builder:
    """From the file's shape to the nouns of core, noting every problem on the way."""

    def __init__(
        self,
        where: str,
        provider_ids: frozenset[str] | None,
        passing: Mapping[str, Method],
        fitting: Fitting[CatalogShape],
    ) -> None:
        self._where = where
        self._provider_ids = provider_ids
        self._passing = passing
        self._fitting = fitting
        self._problems = list(fitting.problems)

    def build(self, text: str) -> CatalogView:
        shape = self._fitting.tables
        accounts = self._accounts(shape.account)
        defaults = {entry.id: entry.defaults for entry in shape.account}
        roles = self._roles(shape.role, accounts, defaults)
        rules = self._rules(shape.rule, roles)
        if self._problems:
            raise ConfigurationProblems(self._problems)
        return CatalogView(hashlib.sha256(text.encode()).hexdigest()[:16], accounts, roles, tuple(rules))

    def _accounts(self, entries: Sequence[_Account]) -> dict[AccountId, Account]:
        accounts: dict[AccountId, Account] = {}
        for position, entry in self._fitting.numbered("account", entries):
            try:
                number = AccountId(entry.id)
            except ValueError as problem:
                self._problem(f"account[{position}].id", str(problem))
                continue
            base = self._base(f"account[{position}].base", entry.base)
            partition, zone = Partition(entry.partition), Zone(entry.zone)
            account = Account(number, entry.name, partition, zone, base, entry.fallback_region)
            for name, sentence in base_misfits(account):
                self._problem(f"account[{position}].{name}", sentence)
            if account.id in accounts:
                self._problem(f"account[{position}].id", f"the account {account.id} is there twice")
            accounts[account.id] = account
        return accounts

    def _base(self, key: str, entry: _Base) -> Base:
        try:
            role = None if entry.role is None else RoleArn(entry.role)
            provider = None if entry.provider_arn is None else ProviderArn(entry.provider_arn)
        except ValueError as problem:
            self._problem(key, str(problem))
            return Base()
        return Base(entry.profile, role, provider)

    def _roles(
        self, entries: Sequence[_Role], accounts: dict[AccountId, Account], defaults: dict[str, _RoleDefaults]
    ) -> dict[RoleArn, Role]:
        roles: dict[RoleArn, Role] = {}
        folded: dict[str, RoleArn] = {}
        for position, entry in self._fitting.numbered("role", entries):
            role = self._role(f"role[{position}]", entry, accounts, defaults)
            if role is None:
                continue
            # IAM role names are unique without regard to case and path, within an account.
            key = f"{role.arn.account}/{role.arn.name}".lower()
            if key in folded:
                self._problem(f"role[{position}].arn", f"is the same role as {folded[key]}, or differs only by case")
            folded[key] = role.arn
            roles[role.arn] = role
        return roles

    def _role(
        self, key: str, entry: _Role, accounts: dict[AccountId, Account], defaults: dict[str, _RoleDefaults]
    ) -> Role | None:
        try:
            arn = entry_arn(entry.arn)
        except ValueError as problem:
            self._problem(f"{key}.arn", str(problem))
            return None
        account = accounts.get(arn.account)
        if account is None:
            self._problem(f"{key}.arn", f"there is no [[account]] with id {arn.account}")
            return None
        if account.partition != arn.aws_partition:
            self._problem(f"{key}.arn", f"is of partition {arn.aws_partition}, its account of {account.partition}")
        if entry.method == "saml" and "," in arn:
            self._problem(f"{key}.arn", "the method saml cannot name a role with a comma: it stands between two ARNs")
        inherited = defaults[arn.account].model_dump(exclude_none=True)
        merged = entry.model_copy(update={k: v for k, v in inherited.items() if getattr(entry, k) is None})
        if merged.method is None:
            self._problem(f"{key}.method", "is required (here or in the account's defaults)")
            return None
        before = len(self._problems)
        self._check_limits(key, merged, arn)
        role = Role(
            arn=arn,
            label=merged.label or arn.name,
            method=Method(merged.method),
            provider_arn=self._provider_arn(key, merged, arn),
            max_seconds=60 * (merged.max_minutes or 60),
            # AWS opens no console for GetSessionToken's credentials.
            console=merged.console is not False and merged.method != "session_token",
            cli=merged.cli is not False,
            region=merged.region or _DEFAULT_REGIONS[arn.aws_partition],
            require_mfa=merged.require_mfa,
            fresh_minutes=merged.fresh,
            tags=merged.tags,
            transitive_tags=tuple(merged.transitive_tags),
            policy=merged.policy,
            policy_arns=tuple(merged.policy_arns),
            shorten=tuple(merged.shorten),
            assertion=Assertion(merged.assertion or "minted"),
            unenforced=merged.accept_unenforced is not None,
            mfa_serial=merged.mfa_serial,
            identity_pool=merged.identity_pool,
            pool_login=merged.pool_login,
        )
        if entry.method is not None and role.provider_arn is None and entry.provider_arn is not None:
            self._problem(f"{key}.provider_arn", f"goes with the methods saml and web_identity, not with {role.method}")
        if entry.console and merged.method == "session_token":
            self._problem(f"{key}.console", "AWS opens no console for credentials of session_token")
        for name, sentence in misfits(role, account):
            self._problem(f"{key}.{name}", sentence)
        if len(self._problems) == before:
            self._check_size(key, role)
        return role

    def _provider_arn(self, key: str, entry: _Role, arn: RoleArn) -> ProviderArn | None:
        kind = {"saml": "saml-provider", "web_identity": "oidc-provider"}.get(entry.method or "")
        if kind is None:
            return None
        try:
            provider = ProviderArn(entry.provider_arn or "")
        except ValueError as problem:
            self._problem(f"{key}.provider_arn", str(problem))
            return None
        if provider.kind != kind:
            self._problem(f"{key}.provider_arn", f"the method {entry.method} needs the ARN of an {kind}")
        if (provider.account, provider.aws_partition) != (arn.account, arn.aws_partition):
            self._problem(f"{key}.provider_arn", "must be in the same account and partition as the role")
        return provider

    def _check_limits(self, key: str, entry: _Role, arn: RoleArn) -> None:
        try:
            SessionTags({name: without_placeholders(text) for name, text in entry.tags.items()})
        except ValueError as problem:
            self._problem(f"{key}.tags", str(problem))
        for tag in sorted(set(entry.transitive_tags) - set(entry.tags)):
            self._problem(f"{key}.transitive_tags", f"{tag} is not one of the role's tags")
        if entry.policy:
            self._check_policy(f"{key}.policy", entry.policy)
        if len(entry.policy_arns) > MAX_POLICY_ARNS:
            self._problem(f"{key}.policy_arns", f"expected at most {MAX_POLICY_ARNS}")
        owned = rf"arn:{arn.aws_partition}:iam::(?:aws|{arn.account}):policy/[!-~]{{1,600}}"
        for number, policy_arn in enumerate(entry.policy_arns, start=1):
            if not re.fullmatch(owned, policy_arn):
                self._problem(
                    f"{key}.policy_arns[{number}]",
                    "expected the ARN of a managed policy of AWS or of the role's account",
                )
        if entry.region and region_partition(entry.region) is not arn.aws_partition:
            self._problem(f"{key}.region", f"is not a region of the partition {arn.aws_partition}")

    def _check_size(self, key: str, role: Role) -> None:
        """What nobody could ever be given is told now, not when somebody first wants the role."""
        for tag in sorted(set(role.shorten) - set(role.tags)):
            self._problem(f"{key}.shorten", f"{tag} is not one of the role's tags")
        if len(set(role.shorten)) < len(role.shorten):
            self._problem(f"{key}.shorten", "names a tag twice")
        problem = never_fits(role, {tag: without_placeholders(text) for tag, text in role.tags.items()})
        if problem:
            self._problem(key, problem)

    def _check_policy(self, key: str, policy: str) -> None:
        if len(policy) > MAX_POLICY_CHARACTERS:
            self._problem(key, f"expected at most {MAX_POLICY_CHARACTERS} characters, got {len(policy)}")
        if not _POLICY_CHARACTERS.fullmatch(policy):
            self._problem(key, "expected only Latin characters (STS takes U+0020 to U+00FF)")
        try:
            document = json.loads(policy)
        except (ValueError, RecursionError):
            document = None
        if not isinstance(document, dict) or "Statement" not in document:
            self._problem(key, "expected a policy document in JSON, with a Statement")

    def _rules(self, entries: Sequence[_Rule], roles: dict[RoleArn, Role]) -> list[Rule]:
        seen: set[str] = set()
        rules = []
        for position, entry in self._fitting.numbered("rule", entries):
            key = f"rule[{position}]"
            if entry.id in seen:
                self._problem(f"{key}.id", f"there are two rules with the id {entry.id}")
            seen.add(entry.id)
            if self._provider_ids is not None and entry.provider not in self._provider_ids:
                self._problem(f"{key}.provider", f"there is no provider {entry.provider} in gateway.toml")
            self._check_rule(key, entry)
            pattern = self._pattern(key, entry)
            given = [role for role in entry.roles if self._known(f"{key}.roles", role, roles)]
            self._check_passing(key, entry.provider, [roles[entry_arn(role)] for role in given])
            rules.append(
                Rule(
                    id=entry.id,
                    provider=entry.provider,
                    groups=frozenset(entry.groups),
                    group_pattern=pattern,
                    attributes={name: frozenset(values) for name, values in entry.attributes.items()},
                    roles=frozenset(entry_arn(role) for role in given),
                    expires=entry.expires,
                    note=entry.note,
                )
            )
        return rules

    def _check_passing(self, key: str, provider: str, given: Sequence[Role]) -> None:
        for role in given if self._provider_ids is not None else ():
            if role.assertion is Assertion.PASSTHROUGH and self._passing.get(provider) is not role.method:
                kind = "saml" if role.method is Method.SAML else "oidc"
                sentence = (
                    f"{role.arn.name} wants a provider of kind {kind} with passthrough = true, which {provider} is not"
                )
                self._problem(f"{key}.roles", sentence)

    def _check_rule(self, key: str, entry: _Rule) -> None:
        if entry.group_pattern is not None and (entry.groups or entry.roles):
            self._problem(f"{key}.group_pattern", "names the roles itself; it goes without `groups` and `roles`")
        if entry.group_pattern is None and not entry.roles:
            self._problem(f"{key}.roles", "is required: at least one role")
        if entry.group_pattern is None and not entry.groups and not entry.attributes:
            self._problem(f"{key}.groups", "is required: a rule without groups and attributes would match everybody")
        if entry.expires is not None and entry.expires.tzinfo is None:
            self._problem(f"{key}.expires", "expected a time with its zone, such as 2027-01-31T00:00:00Z")
        elif entry.expires is not None and not 2000 <= entry.expires.year <= 9000:
            self._problem(
                f"{key}.expires", "expected a year from 2000 to 9000; leave it out if the rule does not expire"
            )
        if "" in entry.groups:
            self._problem(f"{key}.groups", "expected names of groups, got an empty one")
        for name, values in entry.attributes.items():
            if not values:
                self._problem(f"{key}.attributes.{name}", "expected at least one value")

    def _pattern(self, key: str, entry: _Rule) -> GroupPattern | None:
        if entry.group_pattern is None:
            return None
        try:
            return GroupPattern(entry.group_pattern)
        except ValueError as problem:
            self._problem(f"{key}.group_pattern", str(problem))
            return None

    def _known(self, key: str, role: str, roles: dict[RoleArn, Role]) -> bool:
        if role in roles:
            return True
        # A role that is written but has problems of its own is told about there.
        if role not in {entry.arn for entry in self._fitting.tables.role}:
            self._problem(key, f"there is no [[role]] with the ARN {role}")
        return False

    def _problem(self, key: str, sentence: str) -> None:
        self._problems.append(f"{self._where}: {key}: {sentence}")


_DEFAULT_REGIONS = {
    Partition.AWS: "us-east-1",
    Partition.US_GOV: "us-gov-west-1",
    Partition.CHINA: "cn-north-1",
}
_POLICY_CHARACTERS = re.compile("[\t\n\r\u0020-\u00ff]+")  # STS API Reference, Policy
