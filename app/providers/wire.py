"""How this package speaks HTTP to providers: few bytes, little time, no redirects, no private places.

An address in metadata or discovery is chosen by somebody else. Followed blindly it would let them read
the cloud's instance metadata or the gateway's neighbours through us (SSRF), so the name is resolved
once, the address judged, and the connection made to that very address: a second answer of the DNS
(rebinding) changes nothing. OWASP ASVS 5.0, 1.3.6.

Through a proxy (HTTPS_PROXY, unless NO_PROXY names the host) it is the proxy that resolves the name. Guaranteed then
is what can be told from the address alone: https, no IP address that is not public, no name that only this machine or
network knows, TLS to that name, no redirects, the limits of size and time. Where a public name leads is the proxy's to
judge.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from threading import BoundedSemaphore
from typing import Any

import certifi
import requests
from requests.adapters import HTTPAdapter
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError

from app.providers.addresses import NotAdmitted, check_url, is_loopback_url
from app.providers.connections import SECONDS, Deadline, judged, through_a_proxy

Fetch = Callable[[str], bytes]

DEADLINE_SECONDS = 10.0
MOST_BYTES = 1024 * 1024
# In each worker. Each holds a thread, also of a stranger who comes back with an invented code: a provider that hangs
# must not have all of them, or people of others, and credentials, wait with it.
MOST_AT_ONCE = 6


class WireFailure(Exception):
    """The provider could not be reached, or what came back may not be used. Holds no address and no body."""


# What requests, urllib3, the standard library and the address check raise on the way.
FAILURES = (requests.RequestException, HTTPError, HTTPException, OSError, NotAdmitted, ValueError)


@dataclass(frozen=True, slots=True)
class Wire:
    """How one provider may be spoken to."""

    tls: ssl.SSLContext
    allow_private_network: bool
    most_bytes: int = MOST_BYTES
    deadline_seconds: float = DEADLINE_SECONDS
    room: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(MOST_AT_ONCE), repr=False, compare=False)

    def onto(self, session: requests.Session, url: str) -> None:
        """Give a session our manners: the guard, the proxies of the environment, nothing else of it.

        `trust_env` is off because it would also read `~/.netrc` and send what it finds there to the provider.
        """
        session.trust_env = False
        adapter = GuardedAdapter(self)  # of its own: a session that ends closes its adapter's connections
        session.mount("https://", adapter)
        session.mount("http://", adapter)
        if not is_loopback_url(url):
            session.proxies.update(get_environ_proxies(url))

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> bytes:
        """The body of one GET. Raises WireFailure for anything but a 200."""
        status, body = self._ask("GET", url, None, headers or {})
        if status != 200:
            raise WireFailure(f"status {status}")
        return body

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of one POST, whatever the status. Raises WireFailure where there is none."""
        return self._ask("POST", url, body, headers)

    @contextmanager
    def conversation(self) -> Iterator[None]:
        """Raises WireFailure at once if there are too many already."""
        if not self.room.acquire(blocking=False):
            raise WireFailure("too many at once")
        try:
            yield
        finally:
            self.room.release()

    def _ask(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> tuple[int, bytes]:
        try:
            with requests.Session() as session:
                self.onto(session, url)
                response = session.request(method, url, data=body, headers=dict(headers), allow_redirects=False)
        except WireFailure:
            raise
        except FAILURES as failure:
            raise WireFailure(type(failure).__name__) from failure
        return response.status_code, response.content


class GuardedAdapter(HTTPAdapter):
    """Mounted on a requests session, it makes every rule of this module hold for all that the session does."""

    def __init__(self, wire: Wire) -> None:
        self._wire, self._deadline = wire, Deadline()
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._wire.tls)
        self.poolmanager.pool_classes_by_scheme = judged(self._wire.allow_private_network, self._deadline)

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs, ssl_context=self._wire.tls)
        manager.pool_classes_by_scheme = through_a_proxy(self._deadline)
        return manager

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        conn.cert_reqs = "CERT_REQUIRED"  # by our context, whose authorities need not be read again for each connection

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        check_url(request.url or "", self._wire.allow_private_network)
        kwargs.update(stream=True, timeout=SECONDS, verify=True)
        with self._wire.conversation(), self._deadline.within(self._wire.deadline_seconds):
            response = super().send(request, *args, **kwargs)
            if response.is_redirect:
                response.close()
                raise WireFailure("redirected")
            response._content = self._read(response)
            response.close()
            if self._deadline.over():
                raise WireFailure("too slow")
        return response

    def close(self) -> None:
        super().close()
        self._deadline.forget()

    def _read(self, response: requests.Response) -> bytes:
        """The body, unless it is too long; what is compressed counts as what it becomes."""
        body = bytearray()
        while piece := response.raw.read1(65_536, decode_content=True):
            body += piece
            if len(body) > self._wire.most_bytes:
                response.close()
                raise WireFailure("too large")
        return bytes(body)


def trust(ca_files: tuple[str, ...]) -> ssl.SSLContext:
    """The public authorities, and the company's own beside them."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for file in ca_files:
        context.load_verify_locations(cafile=file)
    return context
