"""The people whom SimpleSAMLphp and oidc-provider know: the same at both, with passwords."""

from __future__ import annotations

from dataclasses import dataclass

from tests.servers.browser import User


@dataclass(frozen=True, slots=True)
class Account:
    """An account at a real provider. `groups` None: the provider says nothing about groups."""

    name: str
    password: str
    display_name: str
    department: str
    groups: tuple[str, ...] | None

    @property
    def mail(self) -> str:
        return f"{self.name}@example.test"

    @property
    def user(self) -> User:
        return User(self.name, self.password)


ALICE = Account("alice", "alicepass", "Alice Ops", "Operations", ("aws-admins", "aws-developers"))
BOB = Account("bob", "bobpass", "Bob Read", "Support", ("aws-readonly",))
CAROL = Account("carol", "carolpass", "Carol None", "Support", None)

PEOPLE = (ALICE, BOB, CAROL)
