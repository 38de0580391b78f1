"""The page of the identity providers: how each stands now. It changes nothing; gateway.toml does."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Response

from app.core.durations import spoken
from app.core.expiry import Certificate, Urgency
from app.web.guards import admin
from app.web.pages import page
from app.web.standing import Standing


def blueprint(standing: Standing) -> Blueprint:
    room = Blueprint("providers", __name__, template_folder="templates")

    @room.get("/admin/providers")
    @admin
    def providers() -> Response:
        now = standing.clock()
        return page(
            "admin/providers.html",
            states=standing.providers(),
            own=standing.own,
            problems=standing.problems(),
            waiting=standing.waiting(),
            ago=lambda moment: _ago(moment, now),
            left=lambda certificate: _left(certificate, now),
            pressing=lambda certificate: certificate.urgency(now) is not Urgency.NONE,
        )

    return room


def _ago(moment: datetime, now: datetime) -> str:
    seconds = int((now - moment).total_seconds())
    return f"{spoken(seconds)} ago" if seconds >= 60 else "less than a minute ago"


def _left(certificate: Certificate, now: datetime) -> str:
    days = certificate.days_left(now)
    if certificate.ends <= now:
        return f"ended on {certificate.ends:%d %B %Y}"
    return f"{days} {'day' if days == 1 else 'days'} left, until {certificate.ends:%d %B %Y}"
