"""ConsoleMe: the tags of roles that say who may have them, and the group mapping of its dynamic configuration.

Read are IAM's own answers with tags in them (get-account-authorization-details, get-role), ConsoleMe's cache of roles
(a table of ARNs whose `policy` is such an answer as text), and the YAML with `group_mapping`. Source: ConsoleMe's
documentation, "Role Tags" and "Role Authorization through Dynamic Configuration". Names in a tag are separated by
colons; AWS allows no comma there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from app.catalog.importing.grants import Grants, shown
from app.catalog.importing.imported import Imported, Source
from app.catalog.importing.json_text import read_json, table, tables, word, words
from app.catalog.importing.yaml_text import read_yaml
from app.core.roles import RoleArn
from app.errors import ConfigurationProblems

_EVERYWHERE = "consoleme-authorized"
_CLI_ONLY = "consoleme-authorized-cli-only"


def read_consoleme(source: Source) -> Imported:
    """Raises ConfigurationProblems if it is nothing of ConsoleMe's."""
    reading = _Reading(Grants("consoleme", source.provider))
    if source.text.lstrip()[0] in "[{":
        reading.roles(read_json(source.text))
    else:
        reading.mapping(table(read_yaml(source.text)))
    reading.give()
    return reading.grants.finish()


@dataclass(slots=True)
class _Reading:
    """`wide` and `narrow`: for console and CLI, and for the CLI only. Each a group, a role and its place."""

    grants: Grants
    wide: list[tuple[str, str, str]] = field(default_factory=list)
    narrow: list[tuple[str, str, str]] = field(default_factory=list)

    def roles(self, found: object) -> None:
        tagged = list(_roles(found))
        if not tagged:
            raise ConfigurationProblems(
                ["the file: has no roles: expected RoleDetailList, Role or Roles of AWS, or ConsoleMe's cache"]
            )
        if not any("Tags" in role for role in tagged):
            self.grants.note(
                "No role has tags in this file: aws iam list-roles leaves them out. "
                "Use: aws iam get-account-authorization-details --filter Role"
            )
        for role in tagged:
            self._tags(role)
        if not self.wide and not self.narrow:
            self.grants.note(f"No role has a tag {_EVERYWHERE} or {_CLI_ONLY}.")

    def _tags(self, role: dict[str, object]) -> None:
        arn = word(role.get("Arn"))
        for tag in tables(role.get("Tags")):
            name, value = word(tag.get("Key")), word(tag.get("Value"))
            into = {_EVERYWHERE: self.wide, _CLI_ONLY: self.narrow}.get(name)
            if into is not None:
                into += [(group, arn, f"{arn or 'a role without Arn'}, tag {name}") for group in value.split(":")]
            elif name.startswith("consoleme-"):
                self.grants.note("Tags that were not read. If yours give roles, too, map them by hand.", name)

    def mapping(self, found: dict[str, object]) -> None:
        mapped = found.get("group_mapping", table(found.get("dynamic_config")).get("group_mapping"))
        if not isinstance(mapped, dict):
            raise ConfigurationProblems(["the file: has no group_mapping, as ConsoleMe's dynamic configuration has"])
        for group, said in mapped.items():
            place, given = f"group_mapping, {shown(group)}", table(said)
            self.wide += [(group, arn, place) for arn in words(given.get("roles"))]
            self.narrow += [(group, arn, place) for arn in words(given.get("cli_only_roles"))]
            for key in given.keys() - {"roles", "cli_only_roles"}:
                self.grants.skip(place, f"{shown(key)} has no equal here")
            if not words(given.get("roles")) and not words(given.get("cli_only_roles")):
                self.grants.skip(place, "gives no roles")

    def give(self) -> None:
        """A role is for the console or not, here, whoever takes it. Where ConsoleMe told two groups apart by that, the
        one that had the CLI only is left out: it would gain the console."""
        wide = {arn for _, arn, _ in self.wide}
        for group, arn, place in self.wide:
            self._person(group)
            self.grants.give(group, arn, place)
        both = {(group, arn) for group, arn, _ in self.wide}
        for group, arn, place in self.narrow:
            if arn not in wide:
                self._only_for_the_cli(group, arn, place)
            elif (group, arn) not in both:
                self.grants.skip(place, f"{shown(group)} had it for the CLI only, and others have the console with it")

    def _only_for_the_cli(self, group: str, arn: str, place: str) -> None:
        self._person(group)
        self.grants.give(group, arn, place)
        role = self.grants.role(arn, place) if _fits(arn) else None
        if role is not None:
            self.grants.without_console(role)

    def _person(self, name: str) -> None:
        if "@" in name:
            self.grants.note(
                "ConsoleMe writes people where groups are, and these may be people. A rule here is for groups; if no "
                "group is called that, it gives nobody anything.",
                name,
            )


def _fits(arn: str) -> bool:
    """What does not has been told with the grant already."""
    try:
        RoleArn(arn)
    except ValueError:
        return False
    return True


def _roles(found: object) -> Iterator[dict[str, object]]:
    """The roles of any of the shapes, with `Arn` and, perhaps, `Tags`. It goes down by a list, as files can be deep."""
    waiting = [found]
    while waiting:
        one = waiting.pop()
        answer = table(one)
        if isinstance(one, list):
            waiting += reversed(one)
        elif "Arn" in answer:
            yield answer
        elif isinstance(answer.get("policy"), str):  # of the cache
            yield {"Arn": answer.get("arn"), **table(read_json(word(answer["policy"])))}
        else:
            known = [answer[key] for key in ("Roles", "RoleDetailList", "Role") if key in answer]
            waiting += reversed([*known, *_cached(answer)])


def _cached(answer: dict[str, object]) -> Iterator[object]:
    """Of the cache as a whole, each entry as text."""
    for key, entry in answer.items():
        if key.startswith("arn:"):
            yield read_json(entry) if isinstance(entry, str) else entry
