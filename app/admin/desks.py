"""The desks of this room, as its first page lists them. Whoever adds a desk adds its line."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Desk:
    path: str
    name: str
    what: str  # one sentence: what is done there


DESKS = (
    Desk("/admin/catalog", "Catalog", "Accounts, roles and rules: who may become what. Look up, change, import."),
    Desk("/admin/catalog/changes", "Changes on their way", "What waits for a second person, and what was decided."),
    Desk("/admin/catalog/history", "History", "Every version of the catalog, compared and brought back."),
    Desk("/admin/people", "People", "Who is signed in where, and what they took; end a session."),
    Desk("/admin/activity", "Activity", "Everything that happened: by person, role, time, address or AccessKeyId."),
    Desk("/admin/why", "Why?", "Why somebody may take a role, or why not: which group, which rule, which limit."),
    Desk("/admin/aws", "What AWS must know", "Trust policies and providers for each account, ready to copy."),
    Desk("/admin/doctor", "Trust doctor", "Whether each role in AWS lets the gateway in, and whom else."),
    Desk("/admin/providers", "Identity providers", "How each one stands now: metadata, keys, certificates."),
)


@dataclass(frozen=True, slots=True)
class Notice:
    """What an administrator must not miss; shown above the desks until it is dealt with."""

    sentence: str
    path: str
    link: str
