"""Accounts: who they belong to, and with whose credentials the gateway signs for them."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalog.problems import Problems
from app.catalog.shape import BaseEntry, CatalogShape
from app.core.methods import base_misfits
from app.core.roles import Account, AccountId, Base, Partition, ProviderArn, RoleArn, Zone
from app.toml_files import Fitting


@dataclass(frozen=True, slots=True)
class Accounts:
    fitting: Fitting[CatalogShape]
    problems: Problems

    def read(self) -> dict[AccountId, Account]:
        accounts: dict[AccountId, Account] = {}
        for position, entry in self.fitting.numbered("account", self.fitting.tables.account):
            try:
                number = AccountId(entry.id)
            except ValueError as problem:
                self.problems.note(f"account[{position}].id", str(problem))
                continue
            base = self._base(f"account[{position}].base", entry.base)
            partition, zone = Partition(entry.partition), Zone(entry.zone)
            account = Account(number, entry.name, partition, zone, base, entry.fallback_region)
            self.problems.note_each(f"account[{position}]", base_misfits(account))
            if account.id in accounts:
                self.problems.note(f"account[{position}].id", f"the account {account.id} is there twice")
            accounts[account.id] = account
        return accounts

    def _base(self, key: str, entry: BaseEntry) -> Base:
        try:
            role = None if entry.role is None else RoleArn(entry.role)
            provider = None if entry.provider_arn is None else ProviderArn(entry.provider_arn)
        except ValueError as problem:
            self.problems.note(key, str(problem))
            return Base()
        return Base(entry.profile, role, provider)
