"""People, their sessions, and what happened."""

from __future__ import annotations

from app.admin.activity.words import choices
from app.admin.openapi.pieces import (
    INSTANT,
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

_ADMIN = "/api/v1/admin"
_MOMENT = "A day (UTC) such as 2026-11-22, or a time such as 2026-11-22T14:30:00Z"
_KINDS = [value for family, _, kinds in choices() for value in dict.fromkeys([family, *dict(kinds)])]
_PERSON = (
    place("provider", "Its id in gateway.toml"),
    place("code", "The subject in URL-safe base64, without padding"),
)
_AFTER = query("after", "Goes on with what an answer before this one gave as `after`; empty there means the end")
_SEARCH = (
    query("name", "A part of a person's name"),
    query("provider", "With subject: exactly this person"),
    query("subject", "With provider: exactly this person"),
    query("role", "An ARN, or a part of one"),
    query("account", "Twelve digits"),
    query("kind", "A kind of event, or with a dot at its end a whole family", {"type": "string", "enum": _KINDS}),
    query("from", f"{_MOMENT}; included"),
    query("to", f"{_MOMENT}; a time is not included, a day is, as a whole"),
    query("address", "A network address, or with * at its end all that begin so"),
    query("access_key_id", "An AccessKeyId, or with * at its end all that begin so"),
    query("reference", "Of a request, such as K7Q2-M9XA"),
)
_SOMEBODY: dict[str, Schema] = {"provider": TEXT, "subject": TEXT, "code": TEXT, "path": TEXT, "name": TEXT}
_ONE = {**thing(session={"type": "string", "minLength": 1}), "additionalProperties": False}
_ALL = {**thing(everything={"const": True}), "additionalProperties": False}

SCHEMAS: dict[str, Schema] = {
    "Session": thing(handle=TEXT, device=TEXT, opened_at=INSTANT, used_at=INSTANT, ends_at=INSTANT),
    "Listed": thing(**_SOMEBODY, seen_at=INSTANT, sessions=many(ref("Session"))),
    "Somebody": thing(
        **_SOMEBODY,
        groups={**or_null(TEXTS), "description": "As last seen; null: not remembered"},
        seen_at=or_null(INSTANT),
        sessions=many({"allOf": [ref("Session"), thing(address=TEXT)]}),
        took=many(ref("Event")),
        credentials_until={**or_null(INSTANT), "description": "AWS honours what they were given until then"},
    ),
    "Event": thing(
        at=INSTANT,
        kind=TEXT,
        provider=TEXT,
        subject=TEXT,
        name=TEXT,
        account=TEXT,
        role=TEXT,
        access_key_id=TEXT,
        address=TEXT,
        reference=TEXT,
        line={"type": "string", "description": "SHA-256 of the journal's line"},
        facts={"type": "object"},
    ),
}

PATHS: dict[str, dict[str, Operation]] = {
    f"{_ADMIN}/people": {
        "get": operation(
            "findPeople",
            "Who signed in lately, last seen first; for auditors, too",
            thing(people=many(ref("Listed")), after=TEXT),
            query("q", "A part of the name"),
            query("signed_in", "Only who is signed in now; without q", {"type": "string", "enum": ["true", "false"]}),
            _AFTER,
        )
    },
    f"{_ADMIN}/people/{{provider}}/{{code}}": {
        "get": operation("readPerson", "One person; for auditors, too", ref("Somebody"), *_PERSON)
    },
    f"{_ADMIN}/people/{{provider}}/{{code}}/end": {
        "post": operation(
            "endSessions",
            "End one session, or everything",
            thing(ended=many(ref("Session"))),
            *_PERSON,
            sends={"oneOf": [_ONE, _ALL]},
        )
    },
    f"{_ADMIN}/activity": {
        "get": operation(
            "searchActivity",
            "What happened, newest first; for auditors, too",
            thing(events=many(ref("Event")), after=TEXT),
            *_SEARCH,
            _AFTER,
        )
    },
    f"{_ADMIN}/activity/csv": {
        "get": operation("exportCsv", "The same, all of it, as CSV", TEXT, *_SEARCH, kind="text/csv")
    },
    f"{_ADMIN}/activity/jsonl": {
        "get": operation("exportJsonLines", "The same as JSON lines", TEXT, *_SEARCH, kind="application/jsonl")
    },
    f"{_ADMIN}/activity/{{line}}": {
        "get": operation(
            "readEvent",
            "One event, and those of the same request and session",
            thing(event=ref("Event"), beside=many(ref("Event"))),
            place("line", "SHA-256 of the journal's line", {"type": "string", "pattern": "^[0-9a-f]{64}$"}),
        )
    },
}
