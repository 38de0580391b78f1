"""Where a person goes after signing in: only to a page of ours that exists (ASVS 5.0, 3.7.2).

The wish arrives as `/signin?to=...`, so anybody can write it. It is matched against our own routes and
rebuilt from what matched; anything else becomes the first page.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, quote, unquote, urlencode

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from app.web.guards import guard_of

_LONGEST = 4_000  # characters
_PATH_AND_QUERY = re.compile(r"(?P<path>/(?:[!-.0-;=?-\[\]_a-z~][!-;=?-\[\]_a-z~]*)?)", re.ASCII)


def own_path(app: Flask, wish: str) -> str:
    """`wish` if it is a page of ours behind `@signed_in`, `@admin` or `@auditor`, else `/`."""
    if len(wish) > _LONGEST or not _PATH_AND_QUERY.fullmatch(wish) or "#" in wish:
        return "/"
    path, _, query = wish.partition("?")
    try:
        endpoint, values = app.url_map.bind("").match(_as_read(path), method="GET")
    except (HTTPException, RequestRedirect):
        return "/"
    if guard_of(app, endpoint) not in ("signed_in", "admin", "auditor"):
        return "/"
    rebuilt = app.url_map.bind("").build(endpoint, values)
    pairs = parse_qsl(query, max_num_fields=20) if query.count("&") < 20 else []
    return quote(rebuilt, safe="/%+=,.@-_~:") + (f"?{urlencode(pairs)}" if pairs else "")


def _as_read(path: str) -> str:
    """As the server will read it: decoded once. `/` for what a browser reads otherwise: it walks up at `..`, however
    that is written (`%2e%2e`), and takes a backslash for a slash (WHATWG URL, 4.4)."""
    try:
        decoded = unquote(path, errors="strict")
    except UnicodeDecodeError:
        return "/"
    segments = decoded.split("/")
    odd = not decoded.isprintable() or "\\" in decoded or {".", ".."} & set(segments) or "" in segments[1:-1]
    return "/" if odd else decoded
