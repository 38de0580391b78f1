"""One gateway with device sign-in for this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.native.desk import Wire, sign_in
from tests.office import Office, open_office
from tests.servers.browser import Browser
from tests.world import World


@pytest.fixture(scope="package")
def office(world: World) -> Iterator[Office]:
    with open_office(world, top="[session]\ndevice_sign_in = true") as found:
        yield found


@pytest.fixture(scope="package")
def wire(office: Office) -> Wire:
    return Wire(office.url)


@pytest.fixture(scope="package")
def alice(office: Office, wire: Wire) -> str:
    """Alice's access token, as her AWS CLI holds it."""
    return str(sign_in(wire, office.arrive("alice"))["accessToken"])


@pytest.fixture(scope="package")
def signed_in(office: Office) -> Browser:
    """Bob's browser, for pages on which nothing is signed in or out."""
    return office.arrive("bob")
