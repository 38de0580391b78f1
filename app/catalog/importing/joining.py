"""What was imported, with the catalog that there is: adds and changes, never removes.

What other tools do not say comes from the catalog's own account, or is told: how the gateway gets at a role. What the
catalog says already stays as it is, except that a rule gains roles.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.catalog.entries import Entries, Fields, Key, Kind
from app.catalog.importing.imported import Imported
from app.core.roles import Method, RoleArn

_MOST_NAMED = 5
_LONGEST_ID = 80


@dataclass(frozen=True, slots=True)
class Joined:
    """The whole catalog as it would be, and the words for it."""

    entries: Entries
    notes: tuple[str, ...]
    skipped: tuple[str, ...]


def joined(imported: Imported, present: Entries, method: Method) -> Joined:
    """`method`, saml or assume_role, is for accounts that do not say one. The result is checked where it is planned."""
    joining = _Joining(present, method, dict(present), list(imported.skipped))
    roles = [RoleArn(key.name) for key in imported.entries if key.kind is Kind.ROLE]
    fitting = [role for role in roles if joining.fits(role, imported.entries[Key(Kind.ROLE, role)])]
    for role in fitting:
        joining.account(imported.entries[Key(Kind.ACCOUNT, role.account)])
        joining.role(role, imported.entries[Key(Kind.ROLE, role)])
    left_out = {str(role) for role in roles}.difference(fitting)
    for key, fields in imported.entries.items():
        if key.kind is Kind.RULE:
            joining.rule(key, fields, left_out)
    return Joined(joining.made, (*imported.notes, *joining.notes()), tuple(joining.skipped))


@dataclass(slots=True)
class _Joining:
    present: Entries
    method: Method
    made: dict[Key, Fields]
    skipped: list[str]
    opened: dict[str, None] = field(default_factory=dict)
    _names: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        there = [key.name for key in self.present if key.kind is Kind.ROLE]
        self._names = {_folded(name): name for name in there}

    def fits(self, role: RoleArn, fields: Fields) -> bool:
        account = self.present.get(Key(Kind.ACCOUNT, role.account), {})
        same = self._names.get(_folded(role), role)
        if account and account.get("partition", "aws") != role.aws_partition:
            self.skipped.append(
                f"{role}: the catalog has its account in the partition {account.get('partition', 'aws')}"
            )
        elif same != role:
            self.skipped.append(f"{role}: the catalog has {same}, and AWS only one role of this name")
        elif "," in role and self._method(role) == Method.SAML:
            self.skipped.append(f"{role}: the method saml cannot name a role with a comma")
        elif fields.get("console") is False and self._has_console(role):
            self.skipped.append(f"{role}: was for the CLI only, and the catalog has it for the console, too")
        else:
            return True
        return False

    def account(self, fields: Fields) -> None:
        key = Key(Kind.ACCOUNT, fields["id"])
        if key not in self.made:
            self.made[key] = {**fields, "defaults": self._how(fields["id"], fields.get("partition", "aws"))}
            self.opened[fields["id"]] = None

    def role(self, role: RoleArn, fields: Fields) -> None:
        key = Key(Kind.ROLE, role)
        there = self.made.get(key)
        how = {} if there is not None or self._defaults(role) else self._how(role.account, role.aws_partition)
        self.made[key] = {**(there or {}), **fields, **how}

    def rule(self, key: Key, fields: Fields, left_out: set[str]) -> None:
        wanted = dict(fields)
        if "roles" in fields:
            wanted["roles"] = [role for role in fields["roles"] if role not in left_out]
            if not wanted["roles"]:
                return
        there = self.made.get(key)
        if there is not None and there["provider"] != wanted["provider"]:  # both companies have a group of this name
            key = Key(Kind.RULE, f"{key.name}.{wanted['provider']}"[:_LONGEST_ID])
            wanted["id"], there = key.name, self.made.get(key)
        if there is None:
            self.made[key] = wanted
        elif _told_apart(there) != _told_apart(wanted):
            self.skipped.append(f"{key}: is in the catalog for something else; rename it there, then import again")
        elif "roles" in wanted:
            self.made[key] = {**there, "roles": list(dict.fromkeys((*there.get("roles", ()), *wanted["roles"])))}

    def notes(self) -> list[str]:
        if not self.opened:
            return []
        named = ", ".join(list(self.opened)[:_MOST_NAMED]) + (", …" if len(self.opened) > _MOST_NAMED else "")
        needed = {
            Method.SAML: "an IAM SAML provider called fedgate in each, and roles that trust it",
            Method.ASSUME_ROLE: "roles that trust the gateway's own AWS credentials",
        }
        how = f"Their roles are taken with {self.method}: that needs {needed.get(self.method, 'its settings')}."
        return [
            f"New accounts ({len(self.opened)}), called after their numbers: {named}. Give them names.",
            f"{how} What AWS must be told is on the page What AWS must know, and from: python -m app.awsside ACCOUNT",
        ]

    def _has_console(self, role: RoleArn) -> bool:
        there = self.present.get(Key(Kind.ROLE, role))
        defaults = self.present.get(Key(Kind.ACCOUNT, role.account), {}).get("defaults") or {}
        return there is not None and there.get("console", defaults.get("console")) is not False

    def _method(self, role: RoleArn) -> str:
        there = self.present.get(Key(Kind.ROLE, role), {})
        return str(there.get("method") or self._defaults(role).get("method") or self._for(role.account))

    def _defaults(self, role: RoleArn) -> Fields:
        """Of the account, if they say how to get at its roles."""
        defaults: Fields = self.made.get(Key(Kind.ACCOUNT, role.account), {}).get("defaults") or {}
        return defaults if defaults.get("method") else {}

    def _for(self, account: str) -> Method:
        zone = self.present.get(Key(Kind.ACCOUNT, account), {}).get("zone")
        return Method.ASSUME_ROLE if zone == "third-party" else self.method  # no other carries an external id

    def _how(self, account: str, partition: str) -> dict[str, Any]:
        method = self._for(account)
        if method is not Method.SAML:
            return {"method": method.value}
        return {"method": method.value, "provider_arn": f"arn:{partition}:iam::{account}:saml-provider/fedgate"}


def _folded(arn: str) -> str:
    """Account and name, as AWS tells roles apart."""
    account, _, name = arn.partition(":role/")
    return f"{account.rpartition(':')[2]}/{name.rpartition('/')[2]}".lower()


def _told_apart(rule: Fields) -> tuple[object, ...]:
    """For whom a rule is: if that was altered, roles added to it would go to people who never had them."""
    return (rule["provider"], rule.get("groups"), rule.get("group_pattern"))
