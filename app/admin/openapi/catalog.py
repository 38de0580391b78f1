"""The catalog: looked up, planned, saved, restored, and decided about by two people."""

from __future__ import annotations

from pydantic.json_schema import models_json_schema

from app.admin.catalog.bodies import Looked, ToImport, ToResolve, ToRestore, ToSave, Wanted, Word
from app.admin.openapi.pieces import (
    ANYTHING,
    INSTANT,
    NUMBER,
    TEXT,
    TEXTS,
    Operation,
    Schema,
    many,
    operation,
    or_null,
    place,
    query,
    ref,
    thing,
)
from app.catalog.drafts import State

_KIND: Schema = {"type": "string", "enum": ["account", "role", "rule"]}
_NUMBER: Schema = {"type": "integer", "minimum": 0, "maximum": 999_999_999}
_NAME = query("name", "An account's id, a role's ARN, a rule's id")
_BEFORE = query("before", "Older than this number", _NUMBER)
_ID = place("number", "The change's number", _NUMBER)
_UNDER = "/api/v1/admin/catalog"

SCHEMAS: dict[str, Schema] = {
    "Person": thing(name=TEXT, provider=or_null(TEXT)),
    "Entry": thing(kind=_KIND, name=TEXT, fields={"type": "object"}),
    "Difference": thing(
        kind=_KIND,
        name=TEXT,
        change={"type": "string", "enum": ["added", "changed", "removed"]},
        fields=many(thing(field=TEXT, before=ANYTHING, after=ANYTHING)),
    ),
    "Version": thing(
        number=NUMBER,
        made_at=INSTANT,
        author=ref("Person"),
        reason=TEXT,
        base=NUMBER,
        restored=or_null(NUMBER),
    ),
    "Weighed": thing(
        newest=NUMBER,
        differences=many(ref("Difference")),
        needs_second_person=TEXTS,
        conflicts=many(thing(kind=_KIND, name=TEXT, field=TEXT, mine=ANYTHING, theirs=ANYTHING)),
        problems=TEXTS,
        concerns=or_null(ref("Concerned")),
        possible=many(ref("Possible")),
    ),
    "Possible": {
        **thing(arn=TEXT, seen_at=or_null(INSTANT), escalations=many(thing(id=TEXT, actions=TEXTS, could=TEXT))),
        "description": "What whoever has the role could possibly do, by its policies as the trust doctor saw them then",
    },
    "Concerned": thing(
        known=NUMBER,
        days=NUMBER,
        gain=ref("Counted"),
        lose=ref("Counted"),
        keep_with_other_limits=ref("Counted"),
        alarming=many(thing(arn=TEXT, powerful=TEXT, gain=NUMBER)),
    ),
    "Counted": thing(
        total=NUMBER,
        people=many(
            thing(
                name=TEXT,
                provider=TEXT,
                sessions=NUMBER,
                roles=many(thing(arn=TEXT, powerful=TEXT, rule=TEXT, group=TEXT)),
                more_roles=NUMBER,
            )
        ),
    ),
    "Change": thing(
        id=NUMBER,
        state={"type": "string", "enum": [str(state) for state in State]},
        made_at=INSTANT,
        author=ref("Person"),
        reason=TEXT,
        base=NUMBER,
        restored=or_null(NUMBER),
        why_second_person=TEXTS,
        decided_by=or_null(ref("Person")),
        decided_at=or_null(INSTANT),
        answer=TEXT,
        version=or_null(NUMBER),
    ),
}


def bodies() -> dict[str, Schema]:
    """From the models themselves."""
    _, found = models_json_schema(
        [(model, "validation") for model in (Wanted, ToSave, ToRestore, ToImport, ToResolve, Word, Looked)],
        ref_template="#/components/schemas/{model}",
    )
    return dict(found["$defs"])


_SHOWN: Schema = {"allOf": [ref("Change"), ref("Weighed")]}
_SAVED: Schema = {"anyOf": [thing(version=ref("Version")), thing(change=ref("Change"))]}

PATHS: dict[str, dict[str, Operation]] = {
    _UNDER: {
        "get": operation(
            "findEntries",
            "Entries in which all words of q stand",
            thing(version=NUMBER, entries=many(ref("Entry")), total=NUMBER, page=NUMBER, pages=NUMBER),
            query("q", "Words: of ids, names, labels, ARNs, groups, notes"),
            query("kind", "Only these", _KIND),
            query("page", "From 1", _NUMBER),
        )
    },
    f"{_UNDER}/entry": {
        "get": operation(
            "readEntry",
            "One entry",
            thing(version=NUMBER, kind=_KIND, name=TEXT, fields={"type": "object"}, possible=many(ref("Possible"))),
            {**query("kind", "What it is", _KIND), "required": True},
            {**_NAME, "required": True},
        )
    },
    f"{_UNDER}/groups": {
        "get": operation(
            "listGroups",
            "Groups that people had lately or that rules name, at most 2,000",
            thing(groups=TEXTS),
            query("q", "Words of the name"),
        )
    },
    f"{_UNDER}/export": {
        "get": operation(
            "exportCatalog",
            "The catalog as catalog.toml",
            TEXT,
            query("version", "An older one", _NUMBER),
            kind="application/toml",
        )
    },
    f"{_UNDER}/versions": {
        "get": operation("listVersions", "Newest first", thing(versions=many(ref("Version"))), _BEFORE)
    },
    f"{_UNDER}/versions/{{number}}": {
        "get": operation(
            "readVersion",
            "One version, and what it changed",
            {"allOf": [ref("Version"), thing(differences=many(ref("Difference")))]},
            place("number", "The version's number", _NUMBER),
        )
    },
    f"{_UNDER}/differences": {
        "get": operation(
            "compareVersions",
            "What differs between two versions",
            thing(**{"from": NUMBER, "to": NUMBER, "differences": many(ref("Difference"))}),
            query("from", "0 is the empty catalog", _NUMBER),
            query("to", "The newest, if it is left out", _NUMBER),
        )
    },
    f"{_UNDER}/plan": {
        "post": operation("planChange", "What a change would do; nothing is kept", ref("Weighed"), sends=ref("Wanted"))
    },
    f"{_UNDER}/save": {
        "post": operation(
            "saveChange",
            "201 with the version; 202 with the change, if it waits for a second person",
            _SAVED,
            sends=ref("ToSave"),
            answers=(201, 202),
        )
    },
    f"{_UNDER}/import": {
        "post": operation(
            "readOtherTool",
            "A file of another tool, joined with the catalog: for planChange and saveChange; nothing is kept",
            thing(base=NUMBER, catalog=TEXT, notes=TEXTS, left_out=TEXTS),
            sends=ref("ToImport"),
        )
    },
    f"{_UNDER}/restore": {
        "post": operation(
            "restoreVersion", "An older version as a new one", _SAVED, sends=ref("ToRestore"), answers=(201, 202)
        )
    },
    f"{_UNDER}/changes": {
        "get": operation(
            "listChanges",
            "On their way, and decided",
            thing(changes=many(ref("Change"))),
            query("state", "Only these", {"type": "string", "enum": [str(state) for state in State]}),
            _BEFORE,
        ),
        "post": operation(
            "beginChange", "A draft: nothing of it counts yet", _SHOWN, sends=ref("Wanted"), answers=(201,)
        ),
    },
    f"{_UNDER}/changes/{{number}}": {"get": operation("readChange", "A change and what it would do now", _SHOWN, _ID)},
    f"{_UNDER}/changes/{{number}}/resolve": {
        "post": operation(
            "resolveChange",
            "By its author: of each conflict with what others saved since, which of the two is to stand",
            _SHOWN,
            _ID,
            sends=ref("ToResolve"),
        )
    },
    f"{_UNDER}/changes/{{number}}/save": {
        "post": operation(
            "saveDraft", "By its author, with a reason", _SAVED, _ID, sends=ref("Word"), answers=(201, 202)
        )
    },
    **{
        f"{_UNDER}/changes/{{number}}/{what}": {"post": operation(name, said, ref("Change"), _ID, sends=ref(body))}
        for what, name, body, said in (
            ("approve", "approveChange", "Looked", "By another administrator, who does not gain by it: it is saved"),
            ("refuse", "refuseChange", "Word", "By another administrator, with a reason"),
            ("withdraw", "withdrawChange", "Word", "By its author"),
            ("review", "reviewChange", "Word", "By another administrator, of one saved without a second person"),
            ("break-glass", "breakGlass", "Word", "By its author, with a reason: saved without the second person"),
        )
    },
}
