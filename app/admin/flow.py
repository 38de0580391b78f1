"""The accounts and what each must be told, without HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from app.awsside.account import describe
from app.awsside.documents import AccountSide, Gateway, NotDescribed
from app.awsside.formats import FORMATS
from app.catalog import Catalog
from app.core.decisions import CatalogView
from app.core.roles import Account, AccountId, RoleArn, Zone
from app.errors import InvalidRequest, NotFound


@dataclass(frozen=True, slots=True)
class Listed:
    """An account on the first page. `roles` of the catalog are in it."""

    account: Account
    roles: int


@dataclass(frozen=True, slots=True)
class File:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Admin:
    """`gateway` is what AWS knows of us; external ids are asked for when an account needs one."""

    catalog: Catalog
    gateway: Gateway
    external_ids: Callable[[AccountId], Sequence[str]]

    def accounts(self, words: str = "") -> list[Listed]:
        """By name; last the gateway's own account, if the catalog has no role in it. Only those in whose name or number
        all the words are."""
        view = self.catalog.view()
        roles = Counter(role.account for role in view.roles)
        found = [Listed(account, roles[account.id]) for account in view.accounts.values()]
        found.sort(key=lambda listed: (listed.account.name, listed.account.id))
        own = self.gateway.principal
        if own is not None and own.account not in view.accounts:
            found.append(Listed(Account(own.account, "The gateway's own account", own.aws_partition), 0))
        asked = words.casefold().split()
        return [one for one in found if all(w in f"{one.account.name} {one.account.id}".casefold() for w in asked)]

    def side(self, account: str, role: str = "") -> AccountSide:
        """Raises NotFound, or DatabaseUnavailable where an external id is needed."""
        view = self.catalog.view()
        found, only = self._account(account), None
        if role:
            only = _named(view, found, role)
        external = {found: self.external_ids(found)} if _is_a_third_party(view, found) else {}
        return describe(view, found, replace(self.gateway, external_ids=external), only)

    def file(self, account: str, form: str, role: str = "") -> File:
        """Raises NotFound, or InvalidRequest for documents with something missing: half a file would be believed."""
        if form not in FORMATS:
            raise _nothing_here()
        side = self.side(account, role)
        try:
            if side.problems:
                raise NotDescribed("; ".join(side.problems))
            text = FORMATS[form].write(side)
        except NotDescribed as missing:
            raise InvalidRequest(f"This file cannot be made yet: {missing}.", reason="admin.not_described") from None
        name = f"fedgate-{side.account.id}{'-' * bool(role)}{role}{FORMATS[form].file_ending}"
        return File(name, text)

    def _account(self, text: str) -> AccountId:
        for listed in self.accounts():
            if listed.account.id == text:
                return listed.account.id
        raise _nothing_here()


def _named(view: CatalogView, account: AccountId, name: str) -> RoleArn:
    for arn in view.roles:
        if (arn.account, arn.name) == (account, name):
            return arn
    raise _nothing_here()


def _is_a_third_party(view: CatalogView, account: AccountId) -> bool:
    return account in view.accounts and view.accounts[account].zone is Zone.THIRD_PARTY


def _nothing_here() -> NotFound:
    return NotFound("There is no such account or role in the catalog. Go to the list of accounts.")
