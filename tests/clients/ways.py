"""All ways, in the order of the table."""

from __future__ import annotations

from tests.clients.way import Way
from tests.clients.way_container import Container, Serve
from tests.clients.way_process import CredentialProcess
from tests.clients.way_sso import Sso

WAYS: tuple[Way, ...] = (CredentialProcess(), Sso(), Serve(), Container())
