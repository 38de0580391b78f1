"""The catalog's history: what was, who changed it and why; and the whole of it as a file, out and in."""

from __future__ import annotations

from flask import Blueprint, Response, request
from werkzeug.utils import redirect
from werkzeug.wrappers import Response as AnyResponse

from app.admin.catalog.asked import NUMBER, asked_number
from app.admin.catalog.desk import Desk
from app.admin.catalog.leaves import leaf
from app.admin.catalog.lookup import as_file
from app.catalog.differences import differences
from app.catalog.entries import Entries, entries
from app.catalog.importing import FORMATS
from app.catalog.shape import CatalogShape
from app.catalog.toml_writing import as_toml
from app.errors import CatalogProblems, ConfigurationProblems, InvalidRequest
from app.toml_files import parse_what_fits
from app.web.guards import admin, larger
from app.web.pages import page
from app.web.visit import session

_PAGE = 50
LARGEST_IMPORT = 8 * 1024 * 1024  # bytes


def add_to(room: Blueprint, desk: Desk) -> None:
    versions = desk.versions

    @room.get("/history")
    @admin
    def history() -> Response:
        desk.check_writable()
        found = versions.latest(_PAGE + 1, asked_number("before"))
        more, newest = len(found) > _PAGE, versions.newest()
        return page("admin/catalog/history.html", versions=found[:_PAGE], more=more, newest=newest)

    @room.get(f"/history/<{NUMBER}:number>")
    @admin
    def version(number: int) -> Response:
        desk.check_writable()
        found = versions.version(number)
        return page(
            "admin/catalog/version.html",
            version=found,
            newest=versions.newest(),
            draft=desk.four_eyes.drafts.became(number),
            leaf=leaf(differences(desk.at(number - 1), desk.at(number)), f"/admin/catalog/history/{number}"),
            saved="saved" in request.args,
        )

    @room.get("/history/compare")
    @admin
    def compare() -> Response:
        desk.check_writable()
        older, newer = asked_number("from", 0) or 0, asked_number("to", versions.newest()) or 0
        path, found = "/admin/catalog/history/compare", differences(desk.at(older), desk.at(newer))
        compared = leaf(found, path, **{"from": older, "to": newer})
        return page("admin/catalog/compare.html", older=older, newer=newer, leaf=compared)

    @room.get(f"/history/<{NUMBER}:number>/catalog.toml")
    @admin
    def old(number: int) -> Response:
        desk.check_writable()
        return as_file(as_toml(versions.entries(number)), f"catalog-{number}.toml")

    @room.post(f"/history/<{NUMBER}:number>/restore")
    @admin
    def restore(number: int) -> AnyResponse:
        """A draft like any other: shown, and saved with a reason."""
        desk.check_writable()
        newest, wanted = versions.newest(), versions.entries(number)
        if not differences(versions.entries(newest), wanted):
            raise InvalidRequest(f"The catalog is already as it was in version {number}.", reason="catalog.same")
        desk.check(newest, wanted)
        return redirect(f"/admin/catalog/changes/{desk.begin(session().identity, newest, wanted, number)}", 303)

    @room.get("/import")
    @admin
    def bring() -> Response:
        desk.check_writable()
        return page("admin/catalog/import.html", text="", problems=(), formats=FORMATS)

    @room.post("/import")
    @admin
    @larger(LARGEST_IMPORT)
    def bring_in() -> AnyResponse:
        desk.check_writable()
        text = sent()
        newest = versions.newest()
        try:
            wanted = read_toml(text)
            desk.check(newest, wanted)
        except (ConfigurationProblems, CatalogProblems) as found:
            response = page("admin/catalog/import.html", text=text, problems=found.problems, formats=FORMATS)
            response.status_code = 422
            return response
        return redirect(f"/admin/catalog/changes/{desk.begin(session().identity, newest, wanted)}", 303)


def read_toml(text: str) -> Entries:
    """Raises ConfigurationProblems. An entry that is there twice is one: the check of the whole would not see it."""
    fitting = parse_what_fits(text, "catalog.toml", CatalogShape)
    found = entries(fitting.tables)
    shape = fitting.tables
    if len(found) < len(shape.account) + len(shape.role) + len(shape.rule):
        raise ConfigurationProblems([*fitting.problems, "catalog.toml: an account, role or rule is there twice"])
    if fitting.problems:
        raise ConfigurationProblems(fitting.problems)
    return found


def sent() -> str:
    """The file, or what was pasted. Raises InvalidRequest."""
    file = request.files.get("file")
    try:
        read = file.stream.read().decode("utf-8-sig") if file is not None and file.filename else ""
    except UnicodeDecodeError:
        raise InvalidRequest("The file is not UTF-8 text.", reason="catalog.encoding") from None
    text = read or request.form.get("text", "")
    if not text.strip():
        raise InvalidRequest("Choose a file, or paste a catalog.", reason="catalog.empty")
    return text
