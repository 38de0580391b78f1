"""An HTTP request as it came over the wire: nothing decoded that the signature covers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote_plus

from werkzeug.wrappers import Request

from app.local.aws.arns import REGION

MAX_BODY = 20 * 1024 * 1024
_REGIONAL = re.compile(rf"(?P<prefix>/_region/{REGION.pattern})(?P<rest>/.*)?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Incoming:
    """`path` and `query` are raw; header names are lower-case; `body` is repr-silent (it holds tokens).

    `region` is that of the address, empty at the global one; `path` comes after it, `signed_path` is all of it.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    region: str
    signed_path: str

    @property
    def arguments(self) -> tuple[tuple[str, str], ...]:
        pairs = (part.partition("=") for part in self.query.split("&") if part)
        return tuple((unquote_plus(name), unquote_plus(value)) for name, _, value in pairs)

    def argument(self, name: str) -> str | None:
        return next((value for key, value in self.arguments if key == name), None)

    def form(self) -> dict[str, str]:
        """Query string and form body together, as the query protocol allows both."""
        found = dict(self.arguments)
        if self.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            pairs = (part.partition("=") for part in self.body.decode("utf-8", "replace").split("&") if part)
            found |= {unquote_plus(name): unquote_plus(value) for name, _, value in pairs}
        return found


def incoming(request: Request) -> Incoming:
    """Raises 413 through werkzeug when the body is over `MAX_BODY`."""
    request.max_content_length = MAX_BODY
    target = str(request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.full_path)
    path, _, query = target.partition("?")
    prefix, rest = split_region(path)
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Incoming(request.method, rest, query, headers, request.get_data(), prefix.rpartition("/")[2], path)


def split_region(path: str) -> tuple[str, str]:
    """`/_region/REGION` and the rest, which begins with a slash; nothing and the path when there is no region."""
    found = _REGIONAL.fullmatch(path)
    return (found["prefix"], found["rest"] or "/") if found else ("", path)
