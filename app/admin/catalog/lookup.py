"""Pages on which the catalog is looked up: everything by search, and each entry with what it leads to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from app.admin.catalog.asked import asked_number
from app.admin.catalog.desk import Desk
from app.admin.catalog.possible import possible, roles_of
from app.admin.catalog.present import Present, account_of, role_name
from app.admin.catalog.words import facts, moment
from app.catalog.entries import Key, Kind
from app.catalog.toml_writing import as_toml
from app.errors import NotFound
from app.web.guards import admin
from app.web.pages import page

MOST_LINKS = 100  # from one entry to others
KINDS = "any(account,role,rule)"
_PLURALS = {Kind.ACCOUNT: "accounts", Kind.ROLE: "roles", Kind.RULE: "rules"}


@dataclass(frozen=True, slots=True)
class Row:
    """An entry in a list: what it is called, and the rest in one line."""

    key: Key
    name: str
    about: str


def add_to(room: Blueprint, desk: Desk) -> None:
    @room.get("")
    @admin
    def start() -> Response:
        here = desk.reader.present()
        query = request.args.get("q", "").strip()[:200]
        kind = next((one for one in Kind if one == request.args.get("kind")), None)
        found = here.find(query, kind, asked_number("page", 1) or 1)
        return page(
            "admin/catalog/start.html",
            desk=desk,
            here=here,
            query=query,
            kind=kind,
            kinds=_PLURALS,
            counts={one: here.count(one) for one in Kind},
            found=found,
            rows=[row(here, key, desk) for key in found.keys],
            problems=desk.problems(),
        )

    @room.get(f"/<{KINDS}:kind>")
    @admin
    def entry(kind: str) -> Response:
        here, key = desk.reader.present(), named(desk, kind, request.args.get("name", ""))
        fields, given = here.entries[key], roles_of(key, here.entries, desk.groups)
        leads = [Key(Kind.ROLE, arn) for arn in given] if key.kind is Kind.RULE else _leads(here, key)
        return page(
            "admin/catalog/entry.html",
            desk=desk,
            key=key,
            title=row(here, key, desk).name,
            about=row(here, key, desk).about,
            facts=facts(key.kind, fields),
            links=[row(here, one, desk) for one in leads[:MOST_LINKS]],
            more=_more(key, len(leads)),
            account=account_of(key.name) if key.kind is Kind.ROLE else "",
            inherited=_inherited(here, key),
            possible=possible(given, desk.reach, here.entries),
            by_pattern="group_pattern" in fields,
            patterns=[row(here, one, desk) for one in here.patterns] if key.kind is Kind.ROLE else [],
        )

    @room.get("/catalog.toml")
    @admin
    def export() -> Response:
        return as_file(as_toml(desk.reader.present().entries), "catalog.toml")


def as_file(text: str, name: str) -> Response:
    response = Response(text, mimetype="application/toml")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def named(desk: Desk, kind: str, name: str) -> Key:
    """Raises NotFound."""
    key = Key(Kind(kind), name)
    if key not in desk.reader.present().entries:
        raise NotFound(f"The catalog has no such {kind}. It may have been removed: the history would say.")
    return key


def row(here: Present, key: Key, desk: Desk) -> Row:
    fields = here.entries.get(key, {})
    match key.kind:
        case Kind.ACCOUNT:
            roles = len(here.roles_in.get(key.name, ()))
            return Row(key, fields.get("name", key.name), f"{key.name} · {_counted(roles, 'role')}")
        case Kind.ROLE:
            rules = len(here.giving.get(key.name, ()))
            place = _account_name(here, key.name)
            marks = " · sensitive" if fields.get("sensitive") else ""
            name = fields.get("label") or role_name(key.name)
            return Row(key, name, f"{role_name(key.name)} in {place} · {_counted(rules, 'rule')}{marks}")
        case Kind.RULE:
            return Row(key, key.name, in_words(here, fields, desk))


def in_words(here: Present, fields: Any, desk: Desk) -> str:
    """A rule as one sentence."""
    who = f"People of {desk.labels.get(fields['provider'], fields['provider'])}"
    if fields.get("groups"):
        who += f" in {_either(fields['groups'])}"
    if fields.get("attributes"):
        who += " with " + " and ".join(f"{name} {_either(many)}" for name, many in fields["attributes"].items())
    end = f", until {moment(fields['expires'])}" if fields.get("expires") else ""
    if "group_pattern" in fields:
        return f"{who} may take the roles that their groups name by {fields['group_pattern']}{end}."
    return f"{who} may take {_listed([_role(here, arn) for arn in fields.get('roles', ())])}{end}."


def _role(here: Present, arn: str) -> str:
    return f"{here.said(Kind.ROLE, arn).get('label') or role_name(arn)} in {_account_name(here, arn)}"


def _account_name(here: Present, arn: str) -> str:
    return str(here.said(Kind.ACCOUNT, account_of(arn)).get("name", account_of(arn)))


def _leads(here: Present, key: Key) -> Sequence[Key]:
    """What the entry leads to: an account to its roles, a role to the rules that name it."""
    return here.roles_in.get(key.name, ()) if key.kind is Kind.ACCOUNT else here.giving.get(key.name, ())


def _more(key: Key, many: int) -> tuple[int, str] | None:
    """How many are not shown, and the search that finds them all; a rule's own entry names its roles."""
    if many <= MOST_LINKS:
        return None
    kind = Kind.ROLE if key.kind is Kind.ACCOUNT else Kind.RULE
    found = "" if key.kind is Kind.RULE else "/admin/catalog?" + urlencode({"q": key.name, "kind": kind})
    return many - MOST_LINKS, found


def _inherited(here: Present, key: Key) -> list[tuple[str, list[str]]]:
    """What a role does not say and its account says for it."""
    if key.kind is not Kind.ROLE:
        return []
    said = here.entries[key]
    defaults = here.said(Kind.ACCOUNT, account_of(key.name)).get("defaults", {})
    return facts(Kind.ROLE, {name: value for name, value in defaults.items() if name not in said})


def _counted(number: int, what: str) -> str:
    return f"1 {what}" if number == 1 else f"{number or 'no'} {what}s"


def _either(names: Sequence[str]) -> str:
    return _listed(names, "or")


def _listed(names: Sequence[str], last: str = "and", most: int = 4) -> str:
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} {last} {len(names) - most + 1} more"
    return f" {last} ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
