"""Which accounts and roles somebody has, by the names that AWS's tools use: an account's id and a role's name.

A name is not always enough: an IAM user and a role may share one, and so may two entries of the catalog that differ in
their path. Then each is called by more of its ARN (`role/ci/Deploy`), and the short name is refused with that advice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.catalog import Catalog
from app.core.decisions import Purpose, within_reach
from app.core.identity import Identity
from app.core.roles import Account, RoleArn
from app.errors import InvalidRequest


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
        shared = Counter((arn.account, arn.name) for arn in mine)
        named = (
            NamedRole(
                full_name(arn) if shared[arn.account, arn.name] > 1 else arn.name, arn, view.accounts[arn.account]
            )
            for arn in mine
        )
        return sorted(named, key=lambda one: (one.account.id, one.name))

    def role(self, identity: Identity, account: str, name: str) -> RoleArn | None:
        """The one that is meant; None if the catalog has none. Raises InvalidRequest where a name means several."""
        ending = f"/{name.rpartition('/')[2]}"
        # Read as text first: of ten thousand ARNs, a few are worth parsing.
        likely = (arn for arn in self.catalog.view().roles if f"::{account}:" in arn and arn.endswith(ending))
        found = [arn for arn in likely if arn.account == account and name in (arn.name, full_name(arn))]
        if len(found) < 2:
            return found[0] if found else None
        mine = [one for one in self.roles(identity) if one.arn in found]
        if len(mine) > 1:
            names = " or ".join(one.name for one in mine)
            sentence = f"Two of your roles in account {account} are called {name}. Name the one that you mean: {names}."
            raise InvalidRequest(sentence, reason="native.role_name")
        return mine[0].arn if mine else found[0]


def full_name(arn: RoleArn) -> str:
    """`role/ci/Deploy`, `user/Deploy`: what of an ARN stands behind the account."""
    return arn.rpartition(f":{arn.account}:")[2]
