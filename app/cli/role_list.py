"""The roles that the gateway gives the signed-in person, and how one of them is named at the prompt."""

from __future__ import annotations

from typing import Any, NamedTuple

from . import profile_map
from .failures import DENIED, UNEXPECTED, USAGE, Failure
from .gateway import Gateway


class Role(NamedTuple):
    """One role as the gateway describes it; `whole` is its own words, for `--json`."""

    arn: str
    account_id: str
    account_name: str
    name: str
    label: str
    region: str
    console: bool
    cli: bool
    profile: str
    whole: dict[str, Any]

    def names(self) -> set[str]:
        """Everything by which it may be called exactly."""
        accounts = (self.account_id, self.account_name)
        return {self.arn, self.profile, self.name, *(f"{account}/{self.name}" for account in accounts)}


def fetch(gateway: Gateway) -> list[Role]:
    found = gateway.roles().get("roles")
    if not isinstance(found, list):
        raise Failure(UNEXPECTED, "the gateway's list of roles cannot be read")
    return [read(one) for one in found]


def read(one: Any) -> Role:
    names = ("arn", "account_id", "account_name", "name", "label", "region", "profile")
    if not isinstance(one, dict) or not str(one.get("arn", "")).startswith("arn:"):
        raise Failure(UNEXPECTED, "the gateway's list of roles cannot be read")
    text = {name: one[name] if isinstance(one.get(name), str) else "" for name in names}
    return Role(**text, console=one.get("console") is True, cli=one.get("cli") is True, whole=one)


def matching(roles: list[Role], words: list[str]) -> list[Role]:
    """Those that contain every word somewhere, in any case."""
    return [role for role in roles if all(word.lower() in described(role) for word in words)]


def described(role: Role) -> str:
    return " ".join((*sorted(role.names()), role.label)).lower()


def one_called(roles: list[Role], called: str, gateway: str) -> Role:
    """The role with that ARN, profile, name or account/name. Never a guess: a wrong role is an accident in AWS."""
    known = next((one.role for one in profile_map.load() if one.name == called and one.gateway == gateway), called)
    found = [role for role in roles if known in role.names()]
    if len(found) == 1:
        return found[0]
    if not found:
        raise Failure(DENIED, f"you have no role called {called}", run="roles")
    listed = "\n".join(f"  {role.profile or role.arn}" for role in found)
    raise Failure(USAGE, f"{called} could be several roles; name one of\n{listed}")
