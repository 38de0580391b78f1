"""The page of the desk, and the same for programs."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, Response, jsonify, request

from app.admin.why.flow import Asked, WhyDesk
from app.core.credentials import as_zulu
from app.core.explanations import Considered
from app.web.guards import admin, admin_terminal
from app.web.pages import page
from app.why import Told

_LONGEST = 600  # characters of what is typed
_SHOWN = 50  # rules


def blueprint(desk: WhyDesk, labels: Mapping[str, str]) -> Blueprint:
    room = Blueprint("admin_why", __name__, template_folder="../templates")

    @room.get("/admin/why")
    @admin
    def why() -> Response:
        typed = {name: request.args.get(name, "").strip()[:_LONGEST] for name in Asked.__dataclass_fields__}
        found = desk.find(Asked(**typed))
        return page(
            "admin/why/why.html",
            found=found,
            asked=found.asked,
            days=desk.people.keeps.days,
            labels=labels,
            most=_SHOWN,
            link=lambda **chosen: "/admin/why?" + urlencode({**{k: v for k, v in typed.items() if v}, **chosen}),
        )

    @room.get("/api/v1/admin/why")
    @admin_terminal
    def why_api() -> Response:
        asked = (request.args.get(name, "") for name in ("provider", "subject", "role_arn"))
        return jsonify(_described(desk.told(*asked)))

    return room


def _described(told: Told) -> dict[str, object]:
    found, version = told.explanation, told.version
    denied = None if found is None else found.denied
    return {
        "answer": str(told.verdict),
        "person": {"provider": told.who.provider, "subject": told.who.subject, "name": told.who.name},
        "role_arn": told.arn,
        "exists": found is not None,
        "sentence": told.closed or ("" if denied is None else denied.sentence),
        "rules": [] if found is None else [_rule(one) for one in found.considered],
        "other_rules": 0 if found is None else found.others,
        "needs": None if found is None else {"mfa": found.role.require_mfa, "fresh_minutes": found.role.fresh_minutes},
        "max_minutes": None if told.plan is None else told.plan.seconds // 60,
        "limits": [] if told.plan is None else [{"minutes": x.seconds // 60, "why": x.why} for x in told.plan.limits],
        "catalog": told.catalog,
        "version": None
        if version is None
        else {
            "number": version.number,
            "made_at": as_zulu(version.made_at),
            "author": version.author.name,
            "reason": version.reason,
        },
    }


def _rule(one: Considered) -> dict[str, object]:
    return {
        "id": one.rule.id,
        "note": one.rule.note,
        "gives": bool(one.gives),
        "group": one.gives if one.gives != "*" else "",
        "checks": [{"asks": check.asks, "holds": check.holds, "found": check.found} for check in one.checks],
    }
