"""Does the header in which AWS's tools bring their token reach us? The gateway asks itself, as people reach it.

Its name has underscores (`x-amz-sso_bearer_token`), and most servers and proxies drop such names without a word. Then
everybody's AWS CLI says that they are signed out, and nobody can see why. A gateway that cannot reach its own address
(a proxy that wants a certificate, a name that only others resolve) cannot tell, and that is no alarm.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

import requests
from urllib3.exceptions import HTTPError

_LOG = logging.getLogger("fedgate.aws_tools")
_PATH, _HEADER = "/assignment/self-test", "x-amz-sso_bearer_token"
_SECONDS = (2, 5)  # to connect, to answer
_LONGEST = 200  # bytes of an answer of ours
DROPPED = (
    f"the header {_HEADER} does not arrive: AWS's own sign-in (aws sso login) cannot work. The proxy in front of the "
    "gateway drops it; nginx needs: underscores_in_headers on;"
)


class OwnAddress:
    """`first_today`: one of all workers and replicas tells the log; it may raise StoreUnavailable."""

    def __init__(self, base_url: str, first_today: Callable[[], bool]) -> None:
        self._address = base_url + _PATH
        self._first_today = first_today
        self._said = "not known: the gateway could not ask itself by its own address"

    def said(self) -> str:
        """`ok`, or what there is to say: for /readyz."""
        return self._said

    def ask(self) -> None:
        arrived = self._arrived()
        if arrived is None:
            return  # what was known before is still the best guess
        self._said = "ok" if arrived else DROPPED
        if not arrived and self._first_today():
            _LOG.warning("%s", DROPPED)

    def _arrived(self) -> bool | None:
        """None if nobody can tell: an answer that is not ours says nothing about the way to us."""
        try:
            with requests.get(
                self._address, headers={_HEADER: "self-test"}, timeout=_SECONDS, allow_redirects=False, stream=True
            ) as answer:
                text = answer.raw.read(_LONGEST, decode_content=True) if answer.status_code == 200 else b""
        except (requests.RequestException, HTTPError, OSError):  # HTTPError: a body that breaks off, or is no gzip
            return None
        return {b'{"arrived":true}': True, b'{"arrived":false}': False}.get(bytes(text).strip())
