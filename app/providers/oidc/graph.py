"""Microsoft Graph, for people in more groups than Entra ID puts into a token (about 200).

The token then holds the address at which the groups are said to be (`_claim_sources`). That address is never
looked at: it is old (graph.windows.net), and whoever could write it could send us anywhere. What is asked is
the operator's own address, for the object id of the signed token, with the gateway's own credentials.

https://learn.microsoft.com/graph/api/directoryobject-getmembergroups. The answer is object ids, also where
the tokens of others carry names, and it includes groups within groups.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from threading import Lock

from app.providers.oidc.discovery import Endpoints
from app.providers.oidc.exchange import Exchange
from app.providers.refusals import overage_unanswered, refused, unavailable
from app.providers.settings import OidcSettings
from app.providers.text import MOST_GROUPS
from app.providers.wire import Wire, WireFailure

MOST_BYTES = 256 * 1024  # a thousand ids are forty thousand bytes
_EARLY = timedelta(seconds=60)
_GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII)


class Graph:
    """Looks up all groups of a person, or raises: fewer than all would be a wrong answer that looks right."""

    def __init__(self, settings: OidcSettings, exchange: Exchange, wire: Wire) -> None:
        self._settings, self._exchange, self._wire = settings, exchange, wire
        self._base = settings.graph.rstrip("/")
        self._lock = Lock()
        self._token: tuple[str, datetime] | None = None

    def groups(self, oid: object, endpoints: Endpoints, now: datetime) -> list[str]:
        """Raises SignInRefused, GroupsUnknown or ProviderUnavailable."""
        if not isinstance(oid, str) or not _GUID.fullmatch(oid):  # it becomes part of an address
            raise refused("oidc.graph-oid")
        url, question = f"{self._base}/v1.0/users/{oid}/getMemberGroups", b'{"securityEnabledOnly": false}'
        headers = {"Authorization": f"Bearer {self._app_token(endpoints, now)}", "Accept": "application/json"}
        try:
            status, body = self._wire.post(url, question, {**headers, "Content-Type": "application/json"})
        except WireFailure as failure:
            raise unavailable(self._settings.label, "oidc.graph") from failure
        return self._read(status, body)

    def _app_token(self, endpoints: Endpoints, now: datetime) -> str:
        """Kept until a minute before its end; one is fetched at a time, however many people sign in."""
        with self._lock:
            if self._token is None or now >= self._token[1]:
                token, seconds = self._exchange.of_our_own(endpoints, f"{self._base}/.default")
                self._token = (token, now + timedelta(seconds=seconds) - _EARLY)
            return self._token[0]

    def _read(self, status: int, body: bytes) -> list[str]:
        if status == 401:  # perhaps a permission that was granted a minute ago: the next person's token has it
            with self._lock:
                self._token = None
        if status == 429 or status >= 500:
            raise unavailable(self._settings.label, "oidc.graph")
        found = _object(body).get("value") if status == 200 else None
        if not isinstance(found, list) or len(found) > MOST_GROUPS or not all(_is_guid(one) for one in found):
            raise overage_unanswered(self._settings.label, "oidc.graph-refused")
        if "@odata.nextLink" in _object(body):  # half an answer
            raise overage_unanswered(self._settings.label, "oidc.graph-refused")
        return found


def _is_guid(value: object) -> bool:
    return isinstance(value, str) and _GUID.fullmatch(value) is not None


def _object(body: bytes) -> dict[str, object]:
    try:
        said = json.loads(body) if len(body) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}
