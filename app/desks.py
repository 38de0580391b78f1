"""The desks of the admin room, built and joined; for `server`, which would grow too long."""

from __future__ import annotations

import random
from collections.abc import Iterable
from functools import partial

from flask import Blueprint

from app.access import why as access_why
from app.activity import ActivityRounds, Persons
from app.admin import api as admin_api
from app.admin import providers as admin_providers
from app.admin import views as admin_views
from app.admin.activity import api as activity_api
from app.admin.activity import views as activity_views
from app.admin.activity.flow import ActivityDesk
from app.admin.catalog import api as catalog_api
from app.admin.catalog import changes as catalog_changes
from app.admin.catalog import views as catalog_views
from app.admin.catalog.desk import Desk as CatalogDesk
from app.admin.catalog.present import Reader
from app.admin.doctor import api as doctor_api
from app.admin.doctor import views as doctor_views
from app.admin.doctor.desk import DoctorDesk
from app.admin.doctor.desk import notices as doctor_notices
from app.admin.effects.flow import Preview
from app.admin.flow import Admin
from app.admin.openapi import document as openapi
from app.admin.people import api as people_api
from app.admin.people import views as people_views
from app.admin.people.flow import PeopleDesk
from app.admin.why import views as admin_why
from app.admin.why.flow import WhyDesk
from app.awsside.documents import Gateway as KnownToAws
from app.catalog.drafts import Drafts
from app.catalog.editing import Editing
from app.catalog.four_eyes import FourEyes
from app.core.decisions import CatalogView
from app.core.identity import Identity
from app.core.roles import UserArn
from app.doctor.rounds import WardRounds
from app.doctor.ward import Ward
from app.gateway_file import Gateway
from app.issuers.every import needs_keys
from app.minting.keys import SigningKeys
from app.minting.saml_assertions import metadata
from app.parts import Parts, known_to_rules, now
from app.settings import Settings
from app.web.standing import Standing
from app.why import Why


def catalog(parts: Parts, standing: Standing, settings: Settings, ward: Ward) -> Iterable[Blueprint]:
    """The start page, the catalog, and what AWS and the providers must be told of it."""
    known = _known_to_aws(parts.gateway, parts.keys)
    desk = _catalog_desk(parts, settings, ward)
    flow = Admin(parts.catalog, known, parts.third_parties.ids.of)
    yield admin_views.blueprint(flow, lambda: (*catalog_changes.notices(desk), *doctor_notices(ward)))
    yield admin_api.blueprint(flow, standing)
    yield admin_providers.blueprint(standing)
    yield catalog_views.blueprint(desk)
    yield catalog_api.blueprint(desk)
    yield openapi.blueprint(parts.gateway.base_url)


def _catalog_desk(parts: Parts, settings: Settings, ward: Ward) -> CatalogDesk:
    versions, known = parts.history.versions, partial(known_to_rules, parts.live)
    editing = Editing(versions, known, parts.audit, partial(_cannot, parts), parts.history.views)

    def namesakes(who: Identity) -> list[Identity]:
        return [one.as_if_now(now()) for one in parts.people.namesakes(who)]

    return CatalogDesk(
        Reader(versions, settings.catalog),
        FourEyes(editing, Drafts(parts.database, now, versions.documents), now, namesakes),
        parts.catalog.problems,
        parts.registry.labels,
        Preview(parts.people, parts.book.live, editing.known, editing.views, now, ward.reached),
        lambda provider: [group.name for group in parts.people.groups_like(provider=provider, most=2_000)],
        lambda: parts.people.count_of(parts.gateway.admins) if parts.people.keeps else None,
        ward.reached,
    )


def _cannot(parts: Parts, view: CatalogView) -> list[str]:
    """A catalog that would keep the gateway from starting the next time, or that gives the gateway's own role away."""
    found, own = [], parts.gateway.aws_principal
    if parts.keys is None and needs_keys(view):
        need = "and a role or an account's `base` needs its signature"
        found.append(f"the gateway has no signing keys (FEDGATE_ISSUER_KEYS), {need}")
    # A user stands there rightly: its rights are lent, by methods of their own.
    if own in view.roles and not isinstance(own, UserArn):
        why = "whoever had it could take every role that the gateway can give, past all rules; give out another role"
        found.append(f"role {own}: arn: is who signs the gateway's own calls (aws_principal in gateway.toml): {why}")
    return found


def _known_to_aws(gateway: Gateway, keys: SigningKeys | None) -> KnownToAws:
    """For the documents that administrators give to AWS."""
    xml = metadata(gateway.issuer_url, keys, f"{gateway.base_url}/").decode() if keys is not None else ""
    return KnownToAws(gateway.issuer_url, gateway.aws_principal, xml, gateway.clients)


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
    versions = parts.history.versions if settings.catalog is None else None
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
