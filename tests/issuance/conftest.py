"""One office for the module, and many people at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.office import RULES, Office, open_office
from tests.world import PRODUCTION, World

NOWHERE = f"arn:aws:iam::{PRODUCTION}:role/Nowhere"  # AWS has no such role, and says AccessDenied
WITH_NOWHERE = f"""{RULES}
[[role]]
arn = "{NOWHERE}"
method = "saml"
provider_arn = "arn:aws:iam::{PRODUCTION}:saml-provider/fedgate"
[[rule]]
id = "nowhere"
provider = "corp-oidc"
groups = ["Staff"]
roles = ["{NOWHERE}"]
"""


@pytest.fixture(scope="module")
def running(world: World) -> Iterator[Office]:
    with open_office(world, rules=WITH_NOWHERE, environment={"WEB_CONCURRENCY": "2"}) as opened:
        yield opened


@pytest.fixture
def office(world: World, running: Office) -> Iterator[Office]:
    """The module's office, with AWS as it was and its calls forgotten."""
    world.forget_calls()
    yield running
    world.turn(latency_ms={}, throttle_every=0)


@pytest.fixture
def fresh_office(world: World) -> Iterator[Office]:
    """Two workers that have not yet spoken with AWS."""
    with open_office(world, environment={"WEB_CONCURRENCY": "2"}) as opened:
        world.forget_calls()
        yield opened
        world.turn(latency_ms={})
