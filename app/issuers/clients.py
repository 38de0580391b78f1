"""botocore's clients: one for each service, region and signer, made once. Making one costs tens of milliseconds; one
is safe to share between threads, while the session that makes it is not.

`AWS_ENDPOINT_URL_STS` replaces the regional endpoints, as in every AWS tool, and may hold `{region}`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, ReadOnlyCredentials
from botocore.credentials import Credentials as BotocoreCredentials
from botocore.session import Session as BotocoreSession

from app.core.credentials import Credentials
from app.issuers.asking import CONNECT_SECONDS, READ_SECONDS

_CONFIG = Config(
    connect_timeout=CONNECT_SECONDS,
    read_timeout=READ_SECONDS,
    retries={"mode": "standard", "total_max_attempts": 1},  # `asking` counts, with one clock for all of it
    max_pool_connections=50,
    user_agent_extra="fedgate",
)
_UNSIGNED = _CONFIG.merge(Config(signature_version=UNSIGNED))

_lent: ContextVar[ReadOnlyCredentials] = ContextVar("lent")


class Clients:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._made: dict[tuple[object, ...], Any] = {}

    def unsigned(self, service: str, region: str) -> Any:
        """Uses no credentials of this process, even if it has some: they must neither break nor leak into it."""
        return self._client(service, region, "nobody", _nobody, _UNSIGNED)

    def signed(self, service: str, region: str, who: object, session: Callable[[], boto3.Session]) -> Any:
        """`who` names the session that `session` gives."""
        return self._client(service, region, who, session, _CONFIG)

    def forget(self, who: object) -> None:
        """Those that sign as `who` are made anew."""
        with self._lock:
            self._made = {key: client for key, client in self._made.items() if key[2] != who}

    def borrowed(self, service: str, region: str) -> Any:
        """Signs with the credentials of `lent_to_this_call`, which are others at every call."""
        return self._client(service, region, "borrower", _borrower, _CONFIG)

    def _client(
        self, service: str, region: str, who: object, session: Callable[[], boto3.Session], config: Config
    ) -> Any:
        key = (service, region, who)
        with self._lock:
            if key not in self._made:
                more = _endpoint(service, region)
                self._made[key] = session().client(service, region_name=region, config=config, **more)  # type: ignore[call-overload]  # its overloads want a literal name
            return self._made[key]


@contextmanager
def lent_to_this_call(credentials: Credentials) -> Iterator[None]:
    """Within, in this thread, `Clients.borrowed` signs with these."""
    token = _lent.set(
        ReadOnlyCredentials(credentials.access_key_id, credentials.secret_access_key, credentials.session_token)
    )
    try:
        yield
    finally:
        _lent.reset(token)


def session_of(provider: CredentialProvider) -> boto3.Session:
    """A session with these credentials and none of the process's: a profile that the process names and the machine
    lacks would break even a call that needs none."""
    core = BotocoreSession(session_vars={"profile": (None, [], None, None)})
    core.register_component("credential_provider", CredentialResolver([provider]))
    return boto3.Session(botocore_session=core)


class _Borrowed(BotocoreCredentials):
    """Has none of its own."""

    def get_frozen_credentials(self) -> ReadOnlyCredentials:
        return _lent.get()


class _Borrower(CredentialProvider):
    METHOD, CANONICAL_NAME = "fedgate-borrowed", "customFedgateBorrowed"

    def load(self) -> _Borrowed:
        return _Borrowed("borrowed", "borrowed")


class _Nobody(CredentialProvider):
    """Finds nothing, and does not walk the chain up to the metadata service to find it."""

    METHOD, CANONICAL_NAME = "fedgate-nobody", "customFedgateNobody"

    def load(self) -> None:
        return None


def _borrower() -> boto3.Session:
    return session_of(_Borrower())


def _nobody() -> boto3.Session:
    return session_of(_Nobody())


def _endpoint(service: str, region: str) -> dict[str, str]:
    """Only where botocore could not read it by itself."""
    text = os.environ.get(f"AWS_ENDPOINT_URL_{service.upper().replace('-', '_')}", "")
    return {"endpoint_url": text.replace("{region}", region)} if "{region}" in text else {}
