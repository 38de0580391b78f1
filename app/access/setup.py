"""Which of somebody's roles the page "Set up your terminal" writes lines for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from app.access import setup_lines
from app.access.flow import Offer
from app.access.setup_lines import Lines
from app.cli.profiles import aws_lines
from app.cli.profiles.aws_lines import Entry
from app.core.decisions import Purpose

_NOT_AT_THE_PROMPT = "It is given out for the console only."
_NAME = "AWS tools could not read its profile's name; ask for another name of the account."
_TWICE = "Another of your roles would have the same profile; ask for another name of the account."


@dataclass(frozen=True, slots=True)
class LeftOut:
    offer: Offer
    why: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The roles to write lines for, sorted by profile, and of those at the prompt how many there are in all."""

    offers: tuple[Offer, ...]
    usable: tuple[Offer, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def example(self) -> Offer:
        """For the lines that name one role: a first call that asks for a second factor would look like a failure."""
        return next((offer for offer in self.offers if not offer.step_up), self.offers[0])


def choose(offers: Sequence[Offer], query: str) -> Chosen:
    """The roles that can be used at the prompt, and of these the one with that profile, or all that hold every word."""
    profiles = Counter(offer.profile for offer in offers if Purpose.CLI in offer.grant.purposes)
    judged = [(offer, _why_not(offer, profiles)) for offer in sorted(offers, key=lambda offer: offer.profile)]
    usable = tuple(offer for offer, why in judged if not why)
    named = tuple(offer for offer in usable if offer.profile == query)
    found = named or tuple(offer for offer in usable if offer.matches(query))
    return Chosen(found, usable, tuple(LeftOut(offer, why) for offer, why in judged if why))


def _why_not(offer: Offer, profiles: Counter[str]) -> str:
    """The CLI refuses names like these as a whole; here the other roles need not wait for better ones."""
    if Purpose.CLI not in offer.grant.purposes:
        return _NOT_AT_THE_PROMPT
    if not offer.plan.works:
        return offer.plan.problem
    if not aws_lines.PROFILE.fullmatch(offer.profile) or offer.profile == "default":
        return _NAME
    return _TWICE if profiles[offer.profile] > 1 else ""


def entry(offer: Offer) -> Entry:
    role = offer.grant.role
    region = role.region if aws_lines.AWS_REGION.fullmatch(role.region) else ""
    return Entry(offer.profile, role.arn.account, role.arn.name, role.arn, region)


def first_call(offer: Offer) -> Lines | None:
    """As this role, of whoever is set up; None where no tool could make it."""
    return None if _why_not(offer, Counter()) else setup_lines.first_call(offer.profile, "As this role")
