"""Desks of the admin room that stand on several books, built and joined; for `server`, which would grow too long."""

from __future__ import annotations

import random
from collections.abc import Iterable

from flask import Blueprint

from app.access import why as access_why
from app.activity import ActivityRounds, Persons
from app.admin.activity import api as activity_api
from app.admin.activity import views as activity_views
from app.admin.activity.flow import ActivityDesk
from app.admin.doctor import api as doctor_api
from app.admin.doctor import views as doctor_views
from app.admin.doctor.desk import DoctorDesk
from app.admin.people import api as people_api
from app.admin.people import views as people_views
from app.admin.people.flow import PeopleDesk
from app.admin.why import views as admin_why
from app.admin.why.flow import WhyDesk
from app.catalog.versions import Versions
from app.doctor.rounds import WardRounds
from app.doctor.ward import Ward
from app.parts import Parts, now
from app.settings import Settings
from app.why import Why


def what_happens(parts: Parts) -> Iterable[Blueprint]:
    """People, their sessions, and everything that is on record."""
    activity = ActivityDesk(parts.activity, parts.audit, now)
    longest, persons = parts.gateway.lifetimes.longest, Persons(parts.database)
    people = PeopleDesk(persons, parts.activity, parts.book.live, parts.given, parts.audit, longest, now)
    yield activity_views.blueprint(activity)
    yield activity_api.blueprint(activity)
    yield people_views.blueprint(people)
    yield people_api.blueprint(people)


def journal_rounds(parts: Parts, settings: Settings) -> ActivityRounds:
    kept = parts.gateway.activity_kept
    return ActivityRounds(parts.activity, settings.audit_journal, parts.pending, kept, now, random.random)


def why(parts: Parts, settings: Settings) -> Iterable[Blueprint]:
    """Why somebody may take a role, or why not: for administrators, and for oneself."""
    versions = Versions(parts.database, now) if settings.catalog is None else None
    book = Why(parts.catalog, versions, parts.planner, parts.third_parties, parts.gateway.contact, now)
    yield access_why.blueprint(book, parts.registry.labels)
    yield admin_why.blueprint(WhyDesk(book, parts.people), parts.registry.labels)


def doctor(ward: Ward) -> Iterable[Blueprint]:
    """How the trust policies of roles stand."""
    desk = DoctorDesk(ward)
    yield doctor_views.blueprint(desk)
    yield doctor_api.blueprint(desk)


def ward_rounds(parts: Parts, ward: Ward) -> WardRounds:
    return WardRounds(ward, parts.flights, random.random)
