"""AD FS: claim rules that make AWS's Role attribute of groups.

Three kinds are read: a group's name that has account and role in it (a `group_pattern`), one that needs the list of
groups (`--groups`) because the role is called something else, and one rule for one group.
"""

from __future__ import annotations

from app.catalog.importing.claim_rules import Issuing, Statement, statements, understood
from app.catalog.importing.grants import Grants, shown
from app.catalog.importing.group_regexes import Naming, naming, searched
from app.catalog.importing.imported import Imported, Source
from app.catalog.importing.pairs import OTHER_ATTRIBUTES, ROLE_ATTRIBUTES, role_of_pair
from app.core.group_patterns import GroupPattern
from app.errors import ConfigurationProblems

# What holds group names in AD FS: its own Group claim, and the variable into which the guides query tokenGroups.
_GROUPS = ("http://schemas.xmlsoap.org/claims/group", "http://temp/variable")
_SIDS = ("groupsid", "primarygroupsid")


def read_adfs(source: Source) -> Imported:
    """Raises ConfigurationProblems if there is no rule that issues a role."""
    grants = Grants("adfs", source.provider)
    issuing = [one for one in statements(source.text) if _is_about_roles(one, grants)]
    if not issuing:
        raise ConfigurationProblems(["the file: has no claim rule that issues AWS's Role attribute"])
    for statement in issuing:
        _read(grants, source, statement)
    return grants.finish()


def _is_about_roles(statement: Statement, grants: Grants) -> bool:
    if ROLE_ATTRIBUTES & set(statement.strings):
        return True
    for text in statement.strings:
        attribute = next((text.removeprefix(one) for one in OTHER_ATTRIBUTES if text.startswith(one)), "")
        if attribute.startswith(("PrincipalTag:", "TransitiveTagKeys")):
            grants.skip(_place(statement), f"{shown(attribute)}: write it as tags of the roles")
        elif attribute == "SessionDuration":
            grants.note("AD FS said how long sessions last; here each role does: max_minutes.")
    return False


def _read(grants: Grants, source: Source, statement: Statement) -> None:
    place, found = _place(statement), understood(statement)
    if found is None:
        return grants.skip(place, "has more than one condition, or none, or calls what cannot be read: map it by hand")
    kind = found.ask("type")
    if kind[0] != "==" or kind[1].lower() not in _GROUPS:
        sid = kind[1].lower().endswith(_SIDS)
        return grants.skip(
            place, f"asks for {'the SID of a group' if sid else shown(kind[1])}, not for a group by name"
        )
    if found.ask("value")[0] not in ("==", "=~") or _asks_more(found):
        return grants.skip(place, "asks for more than a group: it would give more here")
    match found.give("value"):
        case str(pair):
            _one_group(grants, found, pair, place)
        case (expression, made):
            _many_groups(grants, source, statement, found, (expression, made))
    return None


def _asks_more(found: Issuing) -> bool:
    """Anything but type and value, each once, and that Active Directory said so."""
    names = [name for name, _, _ in found.asked]
    from_the_directory = found.ask("issuer") in (("", ""), ("==", "AD AUTHORITY"))
    return len(set(names)) < len(names) or not set(names) <= {"type", "value", "issuer"} or not from_the_directory


def _one_group(grants: Grants, found: Issuing, pair: str, place: str) -> None:
    sign, group = found.ask("value")
    role = role_of_pair(pair)
    if sign != "==" or role is None:
        return grants.skip(place, "gives one role by an expression over groups, or not by two ARNs: map it by hand")
    if "\\" in group:
        grants.note(
            "With its domain in its name. Your provider must name the group to the gateway in the same way.", group
        )
    return grants.give(group, role, place)


def _many_groups(
    grants: Grants, source: Source, statement: Statement, found: Issuing, replaced: tuple[str, str]
) -> None:
    place, (sign, condition) = _place(statement), found.ask("value")
    role, asked = role_of_pair(replaced[1]), searched(condition) if sign == "=~" else None
    named = naming(replaced[0], role) if role is not None else None
    if named is None or asked is None:
        return grants.skip(place, f"{shown(replaced[0])} is not of the AWS-ACCOUNT-ROLE kind: map it by hand")
    if not named.searched.implies(asked):
        return grants.skip(place, f"the condition {shown(condition)} leaves groups out that would count here")
    pattern = _pattern(grants, statement, named)
    fitting = [(group, arn) for group in source.groups if (arn := named.role(group)) is not None]
    for group, arn in fitting:
        if pattern is not None and pattern.named_role(group) is not None:
            grants.role(arn, shown(group))
        else:
            grants.give(group, arn, shown(group))
    if named.pattern is None and not fitting:
        grants.skip(place, "roles are called something else than their groups say: add the list of your groups")
    return None


def _pattern(grants: Grants, statement: Statement, named: Naming) -> GroupPattern | None:
    if named.pattern is None:
        return None
    try:
        pattern = GroupPattern(named.pattern)
    except ValueError as problem:
        grants.skip(_place(statement), f"as a group_pattern it {problem}")
        return None
    grants.pattern(statement.name or f"line {statement.line}", pattern.text)
    grants.note(
        "A group_pattern gives roles that are in the catalog, and no others. With the list of your groups, the roles "
        "that they name are added, too."
    )
    if named.searched.fold:
        grants.note(
            "AD FS took group names in upper and lower case alike; a group_pattern takes them as it is written."
        )
    return pattern


def _place(statement: Statement) -> str:
    return f"line {statement.line}" + (f", rule {shown(statement.name)}" if statement.name else "")
