"""Who someone is, after verification.

Only `app.providers` makes an `Identity`; one that is half verified does not exist. Groups and subjects
belong to their provider: `Identity.person` is the pair, and nothing compares a subject or a group
without its provider beside it (an e-mail address is never an identity).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

# Where a provider does not say when it saw somebody: longer ago than any role admits. A moment that merely stands in
# for it, as that of the token, would make every silent single sign-on a fresh sign-in.
NOT_SAID = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, order=True)
class Person:
    """The key of a human being: unique, stable, never shown to another provider's rules."""

    provider: str
    subject: str


@dataclass(frozen=True, slots=True)
class Identity:
    provider: str  # the id of the provider in gateway.toml
    subject: str  # NameID or `sub`, byte for byte
    name: str  # what the person is called in CloudTrail and on pages
    groups: frozenset[str]
    authenticated_at: datetime  # when the provider saw the person (AuthnInstant, auth_time), UTC, or NOT_SAID
    verified_at: datetime  # when this gateway verified the answer, UTC
    email: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mfa: bool = False  # the provider named a context or method that the operator counts as MFA
    sid: str = ""  # the provider's name for its own session (`sid`, SessionIndex): it may end under that name
    ends_at: datetime | None = None  # until then the provider vouches for the sign-in (SessionNotOnOrAfter)

    @property
    def person(self) -> Person:
        return Person(self.provider, self.subject)

    @property
    def says_when(self) -> bool:
        """Did the provider say when it saw the person?"""
        return self.authenticated_at != NOT_SAID


@dataclass(frozen=True, slots=True)
class People:
    """The people of one provider who are in any of these groups. A group of another provider is another group."""

    provider: str
    groups: frozenset[str]
    require_mfa: bool = False  # they act as such only after a sign-in with a second factor

    def include(self, identity: Identity) -> bool:
        return identity.provider == self.provider and bool(self.groups & identity.groups)
