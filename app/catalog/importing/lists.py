"""Lists of groups and roles: `aws-auth` of an EKS cluster, YAML of the same kind, and CSV with the columns
group,account,role or group,rolearn.

Source of aws-auth: EKS User Guide, "Grant IAM users and roles access to Kubernetes APIs". There a group is what the
role becomes inside the cluster; in a list of one's own it is who gets the role. The file does not say which is meant,
so that is told.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from app.catalog.importing.grants import Grants, shown
from app.catalog.importing.imported import Imported, Source
from app.catalog.importing.json_text import items, table, word, words
from app.catalog.importing.yaml_text import read_yaml
from app.errors import ConfigurationProblems

_ARN_NAMES = ("rolearn", "role_arn", "arn")
_KNOWN = frozenset({*_ARN_NAMES, "group", "groups", "account", "role", "partition", "username"})


def read_aws_auth(source: Source) -> Imported:
    """Raises ConfigurationProblems."""
    grants = Grants("list", source.provider)
    found = read_yaml(source.text)
    data = table(table(found).get("data")) or table(found)
    mapped = data.get("mapRoles")
    if isinstance(mapped, str):  # a ConfigMap holds the list as a text of its own
        mapped = read_yaml(mapped) if mapped.strip() else []
    if isinstance(mapped, list):
        grants.note(
            "In aws-auth a group is what a role becomes inside the cluster; here it is who gets the role. Keep only "
            "the rules whose groups your identity provider has."
        )
    for name in ("mapUsers", "mapAccounts"):
        if data.get(name):
            grants.skip(name, "people and accounts have no equal here: a rule is for groups, and gives roles")
    listed = mapped if isinstance(mapped, list) else found
    if not isinstance(listed, list):
        raise ConfigurationProblems(["the file: expected mapRoles, or a list of entries with groups and rolearn"])
    for number, entry in enumerate(items(listed), start=1):
        _entry(grants, table(entry), f"entry {number}")
    return grants.finish()


def read_csv(source: Source) -> Imported:
    """Raises ConfigurationProblems. The first line names the columns."""
    grants = Grants("list", source.provider)
    rows = csv.DictReader(io.StringIO(source.text, newline=""), skipinitialspace=True, strict=True)
    try:
        columns = [(name or "").strip().lower() for name in rows.fieldnames or ()]
        if "group" not in columns or not ({"account", "role"} <= set(columns) or set(columns) & set(_ARN_NAMES)):
            raise ConfigurationProblems(["the file: expected a first line with group,account,role or group,rolearn"])
        rows.fieldnames = columns
        for row in rows:
            place = f"line {rows.line_num}"
            if None in row or None in row.values():
                grants.skip(place, f"expected {len(columns)} columns")
            else:
                _entry(grants, {name: value.strip() for name, value in row.items()}, place)
    except csv.Error as error:
        raise ConfigurationProblems([f"the file: is not CSV: {error} (line {rows.line_num})"]) from None
    return grants.finish()


def _entry(grants: Grants, entry: dict[str, object], place: str) -> None:
    arn, groups = _arn(entry), list(_groups(entry))
    for key in sorted(entry.keys() - _KNOWN):
        grants.skip(place, f"{shown(key)} has no equal here")
    if not arn or not groups:
        grants.skip(place, "expected groups and a role")
        return
    for group in groups:
        if group.startswith("system:"):
            grants.skip(place, f"{shown(group)} is a group of Kubernetes itself")
        else:
            grants.give(group, arn, place)


def _groups(entry: dict[str, object]) -> Iterable[str]:
    """`groups` as a list, or one `group`: a comma in it is part of its name."""
    yield from words(entry.get("groups"))
    yield from filter(None, (word(entry.get("groups")), word(entry.get("group"))))


def _arn(entry: dict[str, object]) -> str:
    return next(_arns(entry), "")


def _arns(entry: dict[str, object]) -> Iterator[str]:
    for name in _ARN_NAMES:
        if word(entry.get(name)):
            yield word(entry[name])
    account, role = word(entry.get("account")), word(entry.get("role"))
    if role.startswith("arn:"):
        if not account or f"::{account}:" in role:  # one line that says two accounts says none
            yield role
    elif account and role:
        yield f"arn:{word(entry.get('partition')) or 'aws'}:iam::{account}:role/{role}"
