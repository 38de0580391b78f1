"""Requests and replies of the query protocol, read and written by AWS's own service models.

The limits (length, range, pattern, required) come from the models inside botocore, so nothing here can
be laxer than the published API. Two differences from a naive reading, both for safety: `\\w` and `\\d` are
ASCII, and a pattern must match the whole value (`re.match(r"[\\w]*$")` takes `é` and a final newline).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import botocore.session
from botocore.model import ListShape, OperationModel, ServiceModel, Shape, StructureShape

from app.local.aws.refusals import Refusal, invalid

_TAG_TEXT = r"[\p{L}\p{Z}\p{N}_.:/=+\-@]"
_NO_CONTROL = r"(?:(?![\t-\r\x1c-\x1f\x85])[\w\s.:/=+\-@])"  # Python's \s holds controls, \p{Z} does not


@cache
def service(name: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(name)


def operation(service_name: str, action: str) -> OperationModel:
    if action not in service(service_name).operation_names:
        version = service(service_name).api_version
        raise Refusal("InvalidAction", f"Could not find operation {action} for version {version}")
    return service(service_name).operation_model(action)


def read(wanted: OperationModel, form: Mapping[str, str]) -> dict[str, Any]:
    """The parameters that the operation knows, typed; all broken constraints in one ValidationError."""
    if wanted.input_shape is None:
        return {}
    reader = _Reader(form=form)
    found = reader.structure(wanted.input_shape, "", "")
    reader.finish()
    return found


@dataclass(slots=True)
class Checks:
    """The constraints of a model, whatever the protocol. All that are broken are said together."""

    problems: list[str] = field(default_factory=list)

    def finish(self) -> None:
        """Raises ValidationError if anything was broken."""
        if self.problems:
            count = len(self.problems)
            noun = "error" if count == 1 else "errors"
            raise invalid(f"{count} validation {noun} detected: " + "; ".join(self.problems))

    def missing(self, place: str) -> None:
        self.problems.append(_broken("null", place, "Member must not be null"))

    def bounds(self, shape: Shape, size: int, shown: str | None, place: str, kind: str) -> None:
        if (least := shape.metadata.get("min")) is not None and size < int(least):
            rule = f"Member must have {kind} greater than or equal to {least}"
            self.problems.append(_broken(shown, place, rule))
        if (most := shape.metadata.get("max")) is not None and size > int(most):
            rule = f"Member must have {kind} less than or equal to {most}"
            self.problems.append(_broken(shown, place, rule))

    def pattern(self, shape: Shape, text: str, shown: str | None, place: str) -> None:
        wanted = shape.metadata.get("pattern")
        if wanted and not _compiled(wanted).fullmatch(text):
            rule = f"Member must satisfy regular expression pattern: {wanted}"
            self.problems.append(_broken(shown, place, rule))
        if (allowed := getattr(shape, "enum", None)) and text not in allowed:
            self.problems.append(_broken(shown, place, f"Member must satisfy enum value set: [{', '.join(allowed)}]"))


@dataclass(slots=True)
class _Reader(Checks):
    form: Mapping[str, str] = field(kw_only=True)

    def structure(self, shape: Shape, prefix: str, where: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        assert isinstance(shape, StructureShape)
        for name, member in shape.members.items():
            wire, place = prefix + name, where + name[:1].lower() + name[1:]
            value = self.value(member, wire, place)
            if value is None and name in shape.required_members:
                self.missing(place)
            if value is not None:
                found[name] = value
        return found

    def value(self, shape: Shape, wire: str, place: str) -> Any:
        if isinstance(shape, ListShape):
            return self.items(shape, wire, place)
        if isinstance(shape, StructureShape):
            inside = any(key.startswith(wire + ".") for key in self.form)
            return self.structure(shape, wire + ".", place + ".") if inside else None
        text = self.form.get(wire)
        return None if text is None else self.scalar(shape, text, place)

    def items(self, shape: ListShape, wire: str, place: str) -> list[Any] | None:
        if self.form.get(wire) == "":
            return []
        heads = {key[len(wire) + 8 :].split(".")[0] for key in self.form if key.startswith(wire + ".member.")}
        numbers = sorted(int(head) for head in heads if re.fullmatch("[0-9]{1,6}", head))
        if not numbers:
            return None
        found = [self.value(shape.member, f"{wire}.member.{n}", f"{place}.{n}.member") for n in numbers]
        self.bounds(shape, len(found), "[...]", place, "length")
        return [item for item in found if item is not None]

    def scalar(self, shape: Shape, text: str, place: str) -> Any:
        shown = None if shape.metadata.get("sensitive") else text
        if shape.type_name in ("integer", "long"):
            if not re.fullmatch(r"-?[0-9]{1,18}", text):
                raise Refusal("MalformedInput", f"Invalid value for {place}: expected a number")
            self.bounds(shape, int(text), shown, place, "value")
            return int(text)
        if shape.type_name == "boolean":
            return text.lower() == "true"
        self.bounds(shape, len(text), shown, place, "length")
        self.pattern(shape, text, shown, place)
        return text


def _broken(shown: str | None, place: str, rule: str) -> str:
    """AWS leaves sensitive values out of its sentence."""
    value = "Value" if shown is None else "Value null" if shown == "null" else f"Value '{shown}'"
    return f"{value} at '{place}' failed to satisfy constraint: {rule}"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    if pattern == r"[\p{L}\p{M}\p{S}\p{N}\p{P}]+":
        return re.compile(r"[^\s\x00-\x1f\x7f-\x9f]+")  # all but separators and controls
    if r"\p{" in pattern:
        return re.compile(pattern.replace(_TAG_TEXT, _NO_CONTROL))
    if r"\u10000" in pattern:  # meant: everything up to the last code point
        return re.compile("[\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
    return re.compile(pattern, re.ASCII)
