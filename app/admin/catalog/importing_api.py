"""What another tool has, for programs: read and joined, and given back as a catalog for `plan` and `save`."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.admin.catalog.bodies import ToImport, body_of
from app.admin.catalog.desk import Desk
from app.admin.catalog.history import LARGEST_IMPORT
from app.catalog.importing import FORMATS, Source, joined, read
from app.catalog.toml_writing import as_toml
from app.core.roles import Method
from app.errors import CatalogProblems, ConfigurationProblems
from app.web.guards import admin_terminal, larger


def add_to(room: Blueprint, desk: Desk) -> None:
    @room.post("/import")
    @admin_terminal
    @larger(LARGEST_IMPORT)
    def bring() -> Response:
        """Nothing is kept of it."""
        desk.check_writable()
        body, newest = body_of(ToImport), desk.versions.newest()
        method = Method(body.method) if body.method else FORMATS[body.format].method
        try:
            imported = read(body.format, Source(body.text, body.provider, tuple(body.groups)))
        except ConfigurationProblems as wrong:
            raise CatalogProblems(wrong.problems) from None
        found = joined(imported, desk.versions.entries(newest), method)
        desk.check(newest, found.entries)
        return jsonify(base=newest, catalog=as_toml(found.entries), notes=found.notes, left_out=found.skipped)
