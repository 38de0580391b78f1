"""Words in which the operations are written down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]
Operation = dict[str, Any]

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}
TEXTS: Schema = {"type": "array", "items": TEXT}
INSTANT: Schema = {"type": "string", "description": "UTC, such as 2026-11-22T09:30:00Z"}
ANYTHING: Schema = {}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def either(*schemas: Schema) -> Schema:
    return {"anyOf": list(schemas)}


def or_null(schema: Schema) -> Schema:
    return either(schema, {"type": "null"})


def many(schema: Schema) -> Schema:
    return {"type": "array", "items": schema}


def thing(**fields: Schema) -> Schema:
    """An object that has all of these, and may get more one day."""
    return {"type": "object", "required": list(fields), "properties": fields}


def query(name: str, said: str, schema: Schema = TEXT) -> Schema:
    return {"name": name, "in": "query", "description": said, "schema": schema}


def place(name: str, said: str, schema: Schema = TEXT) -> Schema:
    return {"name": name, "in": "path", "required": True, "description": said, "schema": schema}


def operation(
    name: str,
    said: str,
    answer: Schema,
    *parameters: Schema,
    sends: Schema | None = None,
    answers: Sequence[int] = (200,),
    kind: str = "application/json",
) -> Operation:
    """`name` is unique. Whatever else is answered is a problem (RFC 9457)."""
    given = {str(status): {"description": "Done", "content": {kind: {"schema": answer}}} for status in answers}
    problem = {"description": "A problem", "content": {"application/problem+json": {"schema": ref("Problem")}}}
    found: Operation = {"operationId": name, "summary": said, "responses": {**given, "default": problem}}
    if parameters:
        found["parameters"] = list(parameters)
    if sends is not None:
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": sends}}}
    return found


PROBLEM = {
    **thing(
        type=TEXT,
        title=TEXT,
        status=NUMBER,
        code={"type": "string", "description": "Stable, for programs; the README lists them"},
        detail={"type": "string", "description": "For people"},
        reference={"type": "string", "description": "Under which the gateway's log has the rest"},
    ),
    "description": "RFC 9457",
}
