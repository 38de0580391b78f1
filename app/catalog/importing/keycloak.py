"""Keycloak: a realm's export, whose groups hold roles that are named, or sent, as AWS's pairs of ARNs.

Who is in a group has its parents' roles, too, and a group's members are told to us by its name without the path. So
two groups of one name in different branches could not be told apart here, and neither is taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from app.catalog.importing.grants import Grants, shown
from app.catalog.importing.imported import Imported, Source
from app.catalog.importing.json_text import read_json, table, tables, word, words
from app.catalog.importing.keycloak_roles import (
    AwsClient,
    Realm,
    RealmRole,
    is_about_roles,
    roles_of,
    with_composites,
)
from app.catalog.importing.pairs import role_of_pair
from app.errors import ConfigurationProblems

_READ = ("saml-role-list-mapper", "saml-role-name-mapper")


@dataclass(frozen=True, slots=True)
class _Group:
    name: str
    path: str
    held: frozenset[RealmRole]


def read_keycloak(source: Source) -> Imported:
    """Raises ConfigurationProblems if no client of the realm tells AWS of roles."""
    realm = Realm(table(read_json(source.text)))
    if "clients" not in realm.export:
        raise ConfigurationProblems(["the file: is not the export of a realm, with clients, groups and roles"])
    clients = list(realm.aws_clients())
    if not clients:
        raise ConfigurationProblems(
            ["the file: no SAML client that is switched on has a role list mapper for AWS's Role attribute"]
        )
    reading = _Reading(Grants("keycloak", source.provider), clients, realm.composites())
    reading.groups(list(_groups(realm.export.get("groups"))))
    reading.everybody(realm)
    reading.people(realm)
    return reading.grants.finish()


def _groups(found: object) -> Iterator[_Group]:
    """Every group with its own and its parents' roles. A list of what waits, since branches can be deep."""
    waiting = [(group, "", frozenset[RealmRole]()) for group in reversed(tables(found))]
    while waiting:
        group, parent, inherited = waiting.pop()
        name = word(group.get("name"))
        held = inherited | roles_of(words(group.get("realmRoles")), group.get("clientRoles"))
        yield _Group(name, f"{parent}/{name}", held)
        waiting += [(below, f"{parent}/{name}", held) for below in reversed(tables(group.get("subGroups")))]


@dataclass(frozen=True, slots=True)
class _Reading:
    grants: Grants
    clients: list[AwsClient]
    composites: dict[RealmRole, frozenset[RealmRole]]

    def groups(self, found: list[_Group]) -> None:
        if not found:
            self.grants.note("The export has no groups: export them, too (Realm settings, Partial export).")
        self.grants.note("Rules name groups without their path: switch Full group path off in the group mapper.")
        names = Counter(group.name for group in found)
        for group in found:
            sent = list(self._sent(group.held))
            if sent and names[group.name] > 1:
                self.grants.skip(group.path, f"{names[group.name]} groups are called {shown(group.name)}: rename them")
                continue
            for role in sent:
                self._give(group, role)

    def _give(self, group: _Group, role: RealmRole) -> None:
        place = f"group {shown(group.path)}, role {shown(role.name)}"
        for arn in self._arns(role):
            self.grants.give(group.name, arn, place)

    def _sent(self, held: frozenset[RealmRole]) -> Iterator[RealmRole]:
        """The roles of which AWS would make something."""
        for role in sorted(with_composites(held, self.composites), key=lambda one: (one.client, one.name)):
            if self._arns(role):
                yield role
            elif role_of_pair(role.name) is not None:
                self.grants.note("In the scope of no client for AWS, so nobody had it.", role.name)

    def _arns(self, role: RealmRole) -> list[str]:
        sent = [name for client in self.clients if (name := client.sends(role)) is not None]
        arns = [arn for name in sent if (arn := role_of_pair(name)) is not None]
        return list(dict.fromkeys(arns))

    def everybody(self, realm: Realm) -> None:
        """What is given without a group has no rule here: a rule without groups would match everybody."""
        default = RealmRole("", word(table(realm.export.get("defaultRole")).get("name")))
        for role in self._sent(frozenset({default})):
            self.grants.skip(
                f"role {shown(role.name)}", "everybody of the realm has it; make a group of those who need it"
            )
        ours = {client.id for client in self.clients}
        for client in tables(realm.export.get("clients")):
            for mapper in realm.mappers(client) if client.get("clientId") in ours else ():
                kind, name = word(mapper.get("protocolMapper")), shown(word(mapper.get("name")))
                if kind == "saml-hardcode-role-mapper" or (is_about_roles(mapper) and kind not in _READ):
                    self.grants.skip(f"mapper {name}", f"gives roles by {kind}, not by groups: map it by hand")

    def people(self, realm: Realm) -> None:
        direct = 0
        for person in tables(realm.export.get("users")):
            held = roles_of(words(person.get("realmRoles")), person.get("clientRoles"))
            direct += any(
                True for _ in self._sent(held - {RealmRole("", f"default-roles-{realm.export.get('realm')}")})
            )
        if direct:
            why = "here groups have roles, so put these people into one"
            self.grants.skip("users", f"roles that people have directly ({direct} of them): {why}")
