"""The routes of a gateway, read from the program itself."""

from __future__ import annotations

import re

from flask import Flask

from app.server import create_app
from app.settings import Settings
from tests.office import Office


def application(office: Office) -> Flask:
    """The same application once more, in this process; nobody listens."""
    folder = office.gateway.folder
    told = {
        "FEDGATE_CONFIG": f"{folder}/gateway.toml",
        "FEDGATE_SEALING_KEYS": "A" * 43 + "=",
        "FEDGATE_AUDIT_JOURNAL": f"{folder}/other-audit",
        "FEDGATE_DATABASE_URL": f"sqlite:///{folder}/other.db",
        "FEDGATE_REDIS_URL": "redis://127.0.0.1:1/0",
    }
    return create_app(Settings.from_environment(told))


def routes_of(office: Office) -> list[tuple[str, str]]:
    """Method and path, with a 1 in every place that is to be filled in, or the first word of those that may stand."""
    found = []
    for rule in application(office).url_map.iter_rules():
        path = re.sub(r"<any\((\w[\w-]*)[^>]*>", r"\1", re.sub(r"<(?!any)[^>]+>", "1", rule.rule))
        found += [(method, path) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return sorted(found)
