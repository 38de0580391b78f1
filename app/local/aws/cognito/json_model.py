"""Requests and replies of the JSON protocol, read and written by AWS's own service model."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from app.local.aws.model import Checks
from app.local.aws.refusals import Refusal

_KINDS: Mapping[str, type] = {
    "structure": dict, "map": dict, "list": list, "string": str, "boolean": bool, "integer": int, "long": int,
}  # fmt: skip


def read(wanted: OperationModel, body: bytes) -> dict[str, Any]:
    """The parameters that the operation knows. Raises SerializationException or ValidationError."""
    try:
        given = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise _unreadable() from None
    if wanted.input_shape is None:
        return {}
    reader = _Reader()
    found: dict[str, Any] = reader.value(wanted.input_shape, given, "")
    reader.finish()
    return found


@dataclass(slots=True)
class _Reader(Checks):
    def value(self, shape: Shape, given: Any, place: str) -> Any:
        kind = type(given)
        if kind is not _KINDS[shape.type_name]:
            raise _unreadable()
        match shape:
            case StructureShape():
                return self.structure(shape, given, place)
            case MapShape():
                return self.map(shape, given, place)
            case ListShape():
                self.bounds(shape, len(given), "[...]", place, "length")
                return [self.value(shape.member, item, f"{place}.{n}.member") for n, item in enumerate(given, 1)]
            case _:
                return self.scalar(shape, given, place)

    def structure(self, shape: StructureShape, given: dict[str, Any], place: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, member in shape.members.items():
            inner = f"{place}.{name[:1].lower()}{name[1:]}".removeprefix(".")
            if given.get(name) is not None:
                found[name] = self.value(member, given[name], inner)
            elif name in shape.required_members:
                self.missing(inner)
        return found

    def map(self, shape: MapShape, given: dict[str, Any], place: str) -> dict[str, Any]:
        self.bounds(shape, len(given), "{...}", place, "length")
        for key in given:
            self.scalar(shape.key, key, f"{place}.key")
        return {key: self.value(shape.value, item, f"{place}.{key}.member") for key, item in given.items()}

    def scalar(self, shape: Shape, given: Any, place: str) -> Any:
        shown = None if shape.metadata.get("sensitive") else str(given)
        if isinstance(given, str):
            self.bounds(shape, len(given), shown, place, "length")
            self.pattern(shape, given, shown, place)
        elif not isinstance(given, bool):
            self.bounds(shape, given, shown, place, "value")
        return given


def written(wanted: OperationModel, result: Mapping[str, Any]) -> dict[str, Any]:
    """The reply; a member that the model does not know is our mistake."""
    shape = wanted.output_shape
    if unknown := set(result) - set(shape.members if shape is not None else ()):
        raise ValueError(f"not in the model of {wanted.name}: {sorted(unknown)}")
    return {name: _plain(value) for name, value in result.items()}


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return value.timestamp()
        case Mapping():
            return {key: _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value


def _unreadable() -> Refusal:
    return Refusal("SerializationException", "The request could not be read as this operation.")
