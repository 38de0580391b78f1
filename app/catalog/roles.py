"""Roles: what an entry says, what its account says for all of them, and what AWS would never take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.catalog.limits import Limits
from app.catalog.problems import Problems
from app.catalog.shape import CatalogShape, RoleEntry
from app.core.methods import misfits
from app.core.roles import (
    HOME_REGIONS,
    Account,
    AccountId,
    Assertion,
    Method,
    ProviderArn,
    Role,
    RoleArn,
    entry_arn,
)
from app.toml_files import Fitting


@dataclass(frozen=True, slots=True)
class Roles:
    fitting: Fitting[CatalogShape]
    problems: Problems
    accounts: Mapping[AccountId, Account]

    def read(self) -> dict[RoleArn, Role]:
        roles: dict[RoleArn, Role] = {}
        folded: dict[str, RoleArn] = {}
        signing = {_folded(account.base.role): account for account in self.accounts.values() if account.base.role}
        inherited = {found.id: found.defaults.model_dump(exclude_none=True) for found in self.fitting.tables.account}
        for position, entry in self.fitting.numbered("role", self.fitting.tables.role):
            role = self._role(f"role[{position}]", entry, inherited)
            if role is None:
                continue
            key = _folded(role.arn)
            if key in signing:
                self.problems.note(f"role[{position}].arn", _SIGNS.format(signing[key].name))
            if key in folded:
                self.problems.note(
                    f"role[{position}].arn", f"is the same role as {folded[key]}, or differs only by case"
                )
            folded[key] = role.arn
            roles[role.arn] = role
        return roles

    def _role(self, key: str, entry: RoleEntry, inherited: Mapping[str, Mapping[str, object]]) -> Role | None:
        """`inherited`: what each account says for its roles, where the entry leaves it open."""
        try:
            arn = entry_arn(entry.arn)
        except ValueError as problem:
            self.problems.note(f"{key}.arn", str(problem))
            return None
        account = self.accounts.get(arn.account)
        if account is None:
            self.problems.note(f"{key}.arn", f"there is no [[account]] with id {arn.account}")
            return None
        if account.partition != arn.aws_partition:
            self.problems.note(f"{key}.arn", f"is of partition {arn.aws_partition}, its account of {account.partition}")
        said = {name: value for name, value in inherited[arn.account].items() if getattr(entry, name) is None}
        merged = entry.model_copy(update=said)
        if merged.method == "saml" and "," in arn:
            self.problems.note(
                f"{key}.arn", "the method saml cannot name a role with a comma: it stands between two ARNs"
            )
        if merged.method is None:
            self.problems.note(f"{key}.method", "is required (here or in the account's defaults)")
            return None
        before = len(self.problems.sentences)
        limits = Limits(self.problems, key)
        limits.check(merged, arn)
        role = _made(merged, arn, Method(merged.method), self._provider_arn(key, merged, arn))
        takes_provider = role.method in (Method.SAML, Method.WEB_IDENTITY)
        if entry.method is not None and entry.provider_arn is not None and not takes_provider:
            self.problems.note(
                f"{key}.provider_arn", f"goes with the methods saml and web_identity, not with {role.method}"
            )
        if entry.console and merged.method == "session_token":
            self.problems.note(f"{key}.console", "AWS opens no console for credentials of session_token")
        self.problems.note_each(key, misfits(role, account))
        if len(self.problems.sentences) == before:
            limits.check_size(role)
        return role

    def _provider_arn(self, key: str, entry: RoleEntry, arn: RoleArn) -> ProviderArn | None:
        kind = {"saml": "saml-provider", "web_identity": "oidc-provider"}.get(entry.method or "")
        if kind is None:
            return None
        try:
            provider = ProviderArn(entry.provider_arn or "")
        except ValueError as problem:
            self.problems.note(f"{key}.provider_arn", str(problem))
            return None
        if provider.kind != kind:
            self.problems.note(f"{key}.provider_arn", f"the method {entry.method} needs the ARN of an {kind}")
        if (provider.account, provider.aws_partition) != (arn.account, arn.aws_partition):
            self.problems.note(f"{key}.provider_arn", "must be in the same account and partition as the role")
        return provider


def _folded(arn: RoleArn) -> str:
    """IAM role names are unique without regard to case and path, within an account."""
    return f"{arn.account}/{arn.name}".lower()


_SIGNS = (
    "is the role with which the gateway signs its own calls for the account {} (`base`): whoever had it could take "
    "every role that the gateway can give, past all rules; give out another role"
)


def _made(entry: RoleEntry, arn: RoleArn, method: Method, provider: ProviderArn | None) -> Role:
    return Role(
        arn=arn,
        label=entry.label or arn.name,
        method=method,
        provider_arn=provider,
        max_seconds=60 * (entry.max_minutes or 60),
        # AWS opens no console for GetSessionToken's credentials.
        console=entry.console is not False and entry.method != "session_token",
        cli=entry.cli is not False,
        region=entry.region or HOME_REGIONS[arn.aws_partition],
        require_mfa=entry.require_mfa,
        fresh_minutes=entry.fresh,
        tags=entry.tags,
        transitive_tags=tuple(entry.transitive_tags),
        policy=entry.policy,
        policy_arns=tuple(entry.policy_arns),
        shorten=tuple(entry.shorten),
        assertion=Assertion(entry.assertion or "minted"),
        unenforced=entry.accept_unenforced is not None,
        mfa_serial=entry.mfa_serial,
        identity_pool=entry.identity_pool,
        pool_login=entry.pool_login,
        sensitive=entry.sensitive,
        visible=entry.visible,
    )
