"""The real servers as pytest fixtures: `pytest_plugins = ["tests.servers.fixtures"]` in the top conftest.

Servers of a module end with the module; the shared Redis lives for the whole run. Providers are started for
an application whose addresses the test knows, so those fixtures are functions that start one.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from typing import Any, Protocol

import pytest

from tests.servers.oidc_provider import OidcProvider
from tests.servers.postgresql import PostgreSql
from tests.servers.redis_server import RedisServer
from tests.servers.simplesamlphp import SimpleSamlPhp


class StartSimpleSamlPhp(Protocol):
    def __call__(
        self,
        *,
        entity_id: str,
        acs: str,
        remote: Mapping[str, Any] | None = None,
        others: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> SimpleSamlPhp: ...


class StartOidcProvider(Protocol):
    def __call__(
        self, *, redirect_uri: str, post_logout_redirect_uri: str = "", backchannel_logout_uri: str = ""
    ) -> OidcProvider: ...


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One Redis for the whole run: FEDGATE_REDIS_URL, else a private one. Tests share it; use prefixes.

    Of a run in several parts only the first takes what is given: two worlds would count each other's sessions.
    """
    given = os.environ.get("FEDGATE_REDIS_URL", "")
    if given and os.environ.get("PYTEST_XDIST_WORKER", "gw0") == "gw0":
        yield given
        return
    with RedisServer(tmp_path_factory.mktemp("redis")) as server:
        yield server.url


@pytest.fixture
def start_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], RedisServer]]:
    """Starts throwaway servers, to be filled, killed and started again; all end with the test."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(RedisServer(tmp_path_factory.mktemp("redis")))


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSql]:
    """One PostgreSQL for the run; tests make databases in it. Mark its users `@pytest.mark.needs("postgresql")`."""
    with PostgreSql(tmp_path_factory.mktemp("postgresql")) as server:
        yield server


@pytest.fixture(scope="module")
def start_simplesamlphp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartSimpleSamlPhp]:
    """Starts SimpleSAMLphp for an application. Mark its users `@pytest.mark.needs("simplesamlphp")`."""
    with ExitStack() as stack:

        def start(
            *,
            entity_id: str,
            acs: str,
            remote: Mapping[str, Any] | None = None,
            others: Mapping[str, Mapping[str, Any]] | None = None,
        ) -> SimpleSamlPhp:
            directory = tmp_path_factory.mktemp("ssp")
            provider = SimpleSamlPhp(directory, entity_id=entity_id, acs=acs, remote=remote, others=others)
            return stack.enter_context(provider)

        yield start


@pytest.fixture(scope="module")
def start_oidc_provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartOidcProvider]:
    """Starts oidc-provider for one client; its secret is made here and is an attribute of the result."""
    with ExitStack() as stack:

        def start(
            *, redirect_uri: str, post_logout_redirect_uri: str = "", backchannel_logout_uri: str = ""
        ) -> OidcProvider:
            provider = OidcProvider(
                tmp_path_factory.mktemp("oidc"),
                redirect_uri=redirect_uri,
                post_logout_redirect_uri=post_logout_redirect_uri,
                backchannel_logout_uri=backchannel_logout_uri,
            )
            return stack.enter_context(provider)

        yield start
