"""What another tool has, brought in: looked at with what could not come along, then a draft like any other change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.admin.catalog.desk import Desk
from app.admin.catalog.history import LARGEST_IMPORT, sent
from app.catalog.differences import Change, Difference, differences
from app.catalog.importing import FORMATS, Joined, Source, joined, read
from app.core.roles import Method
from app.errors import CatalogProblems, ConfigurationProblems, InvalidRequest, NotFound
from app.web.guards import admin, larger
from app.web.pages import page
from app.web.visit import session

MOST_SHOWN = 200  # of what was left out
METHODS = (Method.ASSUME_ROLE, Method.SAML)


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of a file, and what of the catalog it would change."""

    base: int
    found: Joined
    differences: Sequence[Difference]

    def count(self, change: str) -> int:
        return sum(one.change is Change(change) for one in self.differences)


def add_to(room: Blueprint, desk: Desk) -> None:
    @room.get("/import/<name>")
    @admin
    def bring_from(name: str) -> AnyResponse:
        desk.check_writable()
        return _form(desk, name)

    @room.post("/import/<name>")
    @admin
    @larger(LARGEST_IMPORT)
    def brought_from(name: str) -> AnyResponse:
        """First looked at; sent again with `go`, it is begun as a draft."""
        desk.check_writable()
        text = request.form.get("text", "")
        try:
            text = sent()
            looked = _looked(desk, name, text)
        except (ConfigurationProblems, CatalogProblems) as wrong:
            return _form(desk, name, text, problems=wrong.problems)
        except InvalidRequest as wrong:
            return _form(desk, name, text, problems=[wrong.sentence])
        if "go" not in request.form or not looked.differences:
            return _form(desk, name, text, looked)
        number = desk.begin(session().identity, looked.base, looked.found.entries)
        return redirect(f"/admin/catalog/changes/{number}", 303)


def _looked(desk: Desk, name: str, text: str) -> Looked:
    """Raises ConfigurationProblems, CatalogProblems, InvalidRequest."""
    provider, method = request.form.get("provider", ""), request.form.get("method", "")
    if provider not in desk.labels:
        raise InvalidRequest("Choose whose groups these are.", reason="import.provider")
    if method not in METHODS:
        raise InvalidRequest("Choose how the roles are taken.", reason="import.method")
    groups = tuple(dict.fromkeys(filter(None, map(str.strip, request.form.get("groups", "").splitlines()))))
    newest = desk.versions.newest()
    present = desk.versions.entries(newest)
    found = joined(read(name, Source(text, provider, groups)), present, Method(method))
    desk.check(newest, found.entries)
    return Looked(newest, found, differences(present, found.entries))


def _form(
    desk: Desk, name: str, text: str = "", looked: Looked | None = None, problems: Sequence[str] = ()
) -> AnyResponse:
    """Raises NotFound."""
    found = FORMATS.get(name)
    if found is None:
        raise NotFound("There is no importer of that name.", reason="import.format")
    response = page(
        "admin/catalog/import_from.html",
        name=name,
        format=found,
        methods=METHODS,
        labels=desk.labels,
        typed={"method": found.method, **request.form},
        text=text,
        looked=looked,
        problems=problems,
        most=MOST_SHOWN,
    )
    response.status_code = 422 if problems else 200
    return response
