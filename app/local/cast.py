"""The named people of the local story, shared by the identity provider, the local AWS and the tests.

AWS's own textbook tells it: people of the group Developers may take the role UpdateApp in Production, others
may not. Dan and Erin are here for the difference that matters most: *no word about groups* (Dan) is not the
same as *no groups* (Erin), and a gateway that mixes the two up either locks out or lets in by accident.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CastMember:
    """One person as the identity provider knows them.

    `key` is the short name on the picking page (`person=alice`); `subject` is the stable, opaque `sub` and
    persistent NameID. `groups` is None when the provider is to say nothing about groups at all.
    """

    key: str
    subject: str
    given_name: str
    family_name: str
    groups: tuple[str, ...] | None
    department: str = ""
    cost_center: str = ""

    @property
    def display_name(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def email(self) -> str:
        """Also the `preferred_username`; `.test` never leaves the machine (RFC 6761 section 6.2)."""
        return f"{self.key}@example.test"


ALICE = CastMember(
    "alice", "a11ce000-0000-4000-8000-000000000001", "Alice", "Adams", ("Developers", "Staff"), "Payments", "4711"
)
BOB = CastMember("bob", "b0b00000-0000-4000-8000-000000000002", "Bob", "Baker", ("Staff",), "Support", "4712")
CARLA = CastMember(
    "carla",
    "ca41a000-0000-4000-8000-000000000003",
    "Carla",
    "Chen",
    ("Admins", "Developers", "Staff"),
    "Platform",
    "4713",
)
DAN = CastMember("dan", "da000000-0000-4000-8000-000000000004", "Dan", "Diaz", None, "Payments", "4711")
ERIN = CastMember("erin", "e4100000-0000-4000-8000-000000000005", "Erin", "Eck", (), "Support", "4712")

CAST = (ALICE, BOB, CARLA, DAN, ERIN)


def find(key: str) -> CastMember | None:
    """The person with this short name, or None: keys come from forms and are not to be trusted."""
    return next((member for member in CAST if member.key == key), None)
