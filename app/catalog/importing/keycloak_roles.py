"""A Keycloak realm's roles, as far as AWS is told of them: which client sends which role under which name.

Source: Keycloak's Server Administration Guide (role list and role name mappers, composite roles, role scope mappings)
and its realm representation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from app.catalog.importing.json_text import table, tables, word, words
from app.catalog.importing.pairs import ROLE_ATTRIBUTES

Table = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RealmRole:
    """`client` is empty for a role of the realm itself."""

    client: str
    name: str

    @property
    def mapped_as(self) -> str:
        """How a role name mapper writes it."""
        return f"{self.client}.{self.name}" if self.client else self.name


@dataclass(frozen=True, slots=True)
class AwsClient:
    """A SAML client with the role list mapper for AWS. `scope` is None if every role is in its scope."""

    id: str
    renamed: Mapping[str, str]
    scope: frozenset[RealmRole] | None

    def sends(self, role: RealmRole) -> str | None:
        """What AWS is told of somebody with this role; None if nothing."""
        if self.scope is not None and role.client != self.id and role not in self.scope:
            return None
        return self.renamed.get(role.mapped_as, role.name)


@dataclass(frozen=True, slots=True)
class Realm:
    """Keycloak's export."""

    export: Table

    def aws_clients(self) -> Iterator[AwsClient]:
        for client in tables(self.export.get("clients")):
            mappers = list(self.mappers(client))
            if _is_on(client) and any(_is_role_list(mapper) for mapper in mappers):
                yield AwsClient(word(client.get("clientId")), _renamed(mappers), self._scope(client))

    def mappers(self, client: Table) -> Iterator[Table]:
        """Its own, and those of the scopes that it always has."""
        yield from tables(client.get("protocolMappers"))
        always = set(words(client.get("defaultClientScopes")))
        for scope in tables(self.export.get("clientScopes")):
            if word(scope.get("name")) in always:
                yield from tables(scope.get("protocolMappers"))

    def _scope(self, client: Table) -> frozenset[RealmRole] | None:
        if client.get("fullScopeAllowed", True) is not False:
            return None
        name, found = client.get("clientId"), set()
        for mapping in tables(self.export.get("scopeMappings")):
            if mapping.get("client") == name:
                found |= {RealmRole("", role) for role in words(mapping.get("roles"))}
        for owner, mappings in table(self.export.get("clientScopeMappings")).items():
            for mapping in tables(mappings):
                if mapping.get("client") == name:
                    found |= {RealmRole(owner, role) for role in words(mapping.get("roles"))}
        return frozenset(found)

    def composites(self) -> dict[RealmRole, frozenset[RealmRole]]:
        """What is directly in each composite role."""
        roles = table(self.export.get("roles"))
        listed = [("", one) for one in tables(roles.get("realm"))]
        for client, ones in table(roles.get("client")).items():
            listed += [(client, one) for one in tables(ones)]
        return {
            RealmRole(client, word(one.get("name"))): roles_of(
                words(table(one.get("composites")).get("realm")), table(one.get("composites")).get("client")
            )
            for client, one in listed
        }


def roles_of(realm_roles: Iterable[str], client_roles: object) -> frozenset[RealmRole]:
    """From the two forms in which Keycloak lists roles."""
    of_clients = {RealmRole(client, name) for client, names in table(client_roles).items() for name in words(names)}
    return frozenset({RealmRole("", name) for name in realm_roles} | of_clients)


def with_composites(held: Iterable[RealmRole], inside: Mapping[RealmRole, frozenset[RealmRole]]) -> set[RealmRole]:
    """Everything that somebody with these roles has. Composites may hold one another."""
    found: set[RealmRole] = set()
    waiting = list(held)
    while waiting:
        role = waiting.pop()
        if role not in found:
            found.add(role)
            waiting += inside.get(role, ())
    return found


def _is_on(client: Table) -> bool:
    return client.get("enabled", True) is not False and client.get("protocol") == "saml"


def _is_role_list(mapper: Table) -> bool:
    return mapper.get("protocolMapper") == "saml-role-list-mapper" and is_about_roles(mapper)


def is_about_roles(mapper: Table) -> bool:
    return table(mapper.get("config")).get("attribute.name") in ROLE_ATTRIBUTES


def _renamed(mappers: Iterable[Table]) -> dict[str, str]:
    configs = [table(one.get("config")) for one in mappers if one.get("protocolMapper") == "saml-role-name-mapper"]
    return {word(config.get("role")): word(config.get("new.role.name")) for config in configs}
