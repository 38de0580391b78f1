"""`fedgate roles`: what the signed-in person may become."""

from __future__ import annotations

from . import output, role_list
from .gateway import Gateway
from .role_list import Role

HEADS = ("PROFILE", "ACCOUNT", "ROLE", "FOR", "SESSION")


def run(gateway: str, ca_bundle: str, words: list[str], as_json: bool) -> int:
    every = role_list.fetch(Gateway(gateway, ca_bundle))
    found = role_list.matching(every, words)
    if as_json:
        output.as_json({"roles": [role.whole for role in found]})
    elif found:
        output.data(output.table(HEADS, [row(role) for role in found]))
    else:
        output.tell("No role matches." if every else "The gateway gives you no roles. Ask its administrators.")
    return 0


def row(role: Role) -> tuple[str, ...]:
    uses = [name for name, can in (("cli", role.cli), ("console", role.console)) if can]
    account = f"{role.account_name} ({role.account_id})" if role.account_name else role.account_id
    return (role.profile, account, role.label or role.name, " ".join(uses), duration(role.whole.get("max_minutes")))


def duration(minutes: object) -> str:
    if type(minutes) is not int:
        return ""
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
