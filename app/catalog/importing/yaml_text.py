"""YAML of other tools, made of its events alone: lists, tables and words.

No tag is followed, so no object is ever made. Every scalar stays the word that it was: with YAML 1.1 the account
012345670123 would be an octal number and the group `on` a truth. Aliases count as often as they are used, so that nine
lines cannot become a billion words ("billion laughs"), and depth is counted before anything recurses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml

from app.errors import ConfigurationProblems

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # a build without libyaml is ten times slower, and as right
_MOST_VALUES = 500_000
_DEEPEST = 50


@dataclass(slots=True)
class _Open:
    """A list or table that has begun. `values` counts everything in it, aliases included."""

    made: list[object] | dict[str, object]
    anchor: str | None
    key: str | None = None
    values: int = 1


@dataclass(slots=True)
class _Building:
    open: list[_Open] = field(default_factory=list)
    anchors: dict[str, tuple[object, int]] = field(default_factory=dict)
    root: object = None

    def take(self, event: yaml.Event) -> None:
        match event:
            case yaml.ScalarEvent():
                self._remember(event.anchor, event.value, 1)
                self._put(event.value, 1, event)
            case yaml.AliasEvent():
                if event.anchor not in self.anchors:
                    raise _problem(event, "an alias of something that is not there yet")
                self._put(*self.anchors[event.anchor], event)
            case yaml.SequenceStartEvent() | yaml.MappingStartEvent():
                if len(self.open) >= _DEEPEST:
                    raise _problem(event, "is nested too deeply")
                self.open.append(_Open([] if isinstance(event, yaml.SequenceStartEvent) else {}, event.anchor))
            case yaml.SequenceEndEvent() | yaml.MappingEndEvent():
                done = self.open.pop()
                self._remember(done.anchor, done.made, done.values)
                self._put(done.made, done.values, event)

    def _remember(self, anchor: str | None, made: object, values: int) -> None:
        if anchor is not None:
            self.anchors[anchor] = (made, values)

    def _put(self, made: object, values: int, event: yaml.Event) -> None:
        if not self.open:
            self.root = made
            return
        around = self.open[-1]
        around.values += values
        if around.values > _MOST_VALUES:
            raise _problem(event, f"has more than {_MOST_VALUES} values, counting aliases as often as they are used")
        if isinstance(around.made, list):
            around.made.append(made)
        elif around.key is None:
            around.key = _key(made, around.made, event)
        else:
            around.made[around.key] = made
            around.key = None


def read_yaml(text: str) -> object:
    """The one document of the text. Raises ConfigurationProblems."""
    building, documents = _Building(), 0
    for event in _events(text):
        documents += isinstance(event, yaml.DocumentStartEvent)
        if documents > 1:
            raise _problem(event, "a second document begins; expected one")
        building.take(event)
    return building.root


def _events(text: str) -> Iterator[yaml.Event]:
    try:
        yield from yaml.parse(text, Loader=_LOADER)
    except yaml.MarkedYAMLError as error:
        line = f" (line {error.problem_mark.line + 1})" if error.problem_mark else ""
        raise ConfigurationProblems([f"the file: is not YAML: {error.problem}{line}"]) from None
    except (yaml.YAMLError, UnicodeEncodeError):
        raise ConfigurationProblems(["the file: is not YAML: it has characters that YAML does not allow"]) from None


def _key(made: object, table: dict[str, object], event: yaml.Event) -> str:
    if not isinstance(made, str):
        raise _problem(event, "a name of a table is a list or a table")
    if made == "<<":
        raise _problem(event, "merge keys (<<) are not read: write the entries out")
    if made in table:
        raise _problem(event, f"{made[:80]!r} is there twice in one table")
    return made


def _problem(event: yaml.Event, sentence: str) -> ConfigurationProblems:
    return ConfigurationProblems([f"the file: line {event.start_mark.line + 1}: {sentence}"])
