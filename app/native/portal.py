"""Which accounts and roles somebody has, by the names that AWS's tools use: an account's id and a role's name.

The catalog holds no two entries of one name in an account, whatever their paths (`catalog.roles`), so that is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.catalog import Catalog
from app.core.decisions import Purpose, within_reach
from app.core.identity import Identity
from app.core.roles import Account, RoleArn


@dataclass(frozen=True, slots=True)
class NamedRole:
    name: str
    arn: RoleArn
    account: Account


@dataclass(frozen=True, slots=True)
class Portal:
    catalog: Catalog
    clock: Callable[[], datetime]

    def roles(self, identity: Identity) -> Sequence[NamedRole]:
        """Everything for the command line that this person may take, now or after a stronger sign-in; by account and
        name. Those that need more are not left out: who picks one reads what it needs."""
        view = self.catalog.view()
        reach = within_reach(identity, view, self.clock())
        mine = [grant.role.arn for grant, _ in reach if Purpose.CLI in grant.purposes]
        named = (NamedRole(arn.name, arn, view.accounts[arn.account]) for arn in mine)
        return sorted(named, key=lambda one: (one.account.id, one.name))

    def role(self, account: str, name: str) -> RoleArn | None:
        """The catalog's role of this name, whoever asks; None if there is none. `role/ci/Deploy`, as it stands in its
        ARN, is its name too: people copy it from there."""
        # Read as text first: of ten thousand ARNs, one or two are worth parsing.
        likely = (arn for arn in self.catalog.view().roles if f"::{account}:" in arn and arn.endswith(name))
        return next((arn for arn in likely if arn.account == account and name in (arn.name, _in_arn(arn))), None)


def _in_arn(arn: RoleArn) -> str:
    return arn.rpartition(f":{arn.account}:")[2]
