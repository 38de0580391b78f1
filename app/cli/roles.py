"""`fedgate roles`: what the signed-in person may become."""

from __future__ import annotations

from . import output, role_list
from .failures import printable
from .gateway import Gateway
from .problems import LONGEST
from .role_list import Role

HEADS = ("PROFILE", "ACCOUNT", "ROLE", "FOR", "SESSION")


def run(gateway: str, ca_bundle: str, words: list[str], as_json: bool) -> int:
    every = role_list.fetch(Gateway(gateway, ca_bundle))
    found = role_list.matching(every, words)
    if as_json:
        output.as_json({"roles": [role.whole for role in found]})
    elif found:
        output.data(output.table(HEADS, [row(role) for role in found]))
        for role in found:
            if role.whole.get("works") is False:
                output.tell(printable(f"{role.profile or role.arn} does not work right now: {why(role)}"))
    else:
        output.tell("No role matches." if every else "The gateway gives you no roles. Ask its administrators.")
    return 0


def row(role: Role) -> tuple[str, ...]:
    uses = [name for name, can in (("cli", role.cli), ("console", role.console)) if can]
    account = f"{role.account_id} {role.account_name}".rstrip()  # a narrow terminal cuts the name
    return (role.profile, account, role.label or role.name, " ".join(uses), duration(role.whole.get("max_minutes")))


def why(role: Role) -> str:
    """The gateway puts what is wrong first."""
    reasons = role.whole.get("reasons")
    return str(reasons[0])[:LONGEST] if isinstance(reasons, list) and reasons else "the gateway does not say why"


def duration(minutes: object) -> str:
    if type(minutes) is not int:
        return ""
    return f"{minutes // 60} h" if minutes % 60 == 0 else f"{minutes} min"
