"""Looks for secrets in places. Finds what was planted, as it is or as programs write it, and what looks like one."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, quote_plus

import redis

from tests.leaks.planted import Watched

_PIECE = 40  # bytes: loggers cut long values off, so that a part of one counts as well
_SHAPES = {
    "a JSON Web Token": re.compile(rb"eyJ[A-Za-z0-9_-]{20,}\.[A-Za-z0-9_-]{20,}"),
    "a SAML message": re.compile(rb"PHNhbWx|<samlp:Response|<saml:Assertion"),
    "a private key": re.compile(rb"BEGIN [A-Z ]*PRIVATE KEY"),
    "a bearer header": re.compile(rb"Bearer [A-Za-z0-9_.-]{20,}"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """Something to search. `name` is for the report, and holds nothing of the content."""

    name: str
    content: bytes


def leaks(secrets: Mapping[str, str], places: Iterable[Place]) -> list[str]:
    """What was found where, a sentence each; never the secret itself."""
    places = list(places)
    everything = b"\0\n".join(place.content for place in places)  # thousands of small places, asked about as one
    wanted = [(kind, needle) for secret, kind in secrets.items() for needle in needles(secret) if needle in everything]
    return [
        f"{what} in {place.name}"
        for place in places
        for what in sorted({kind for kind, needle in wanted if needle in place.content} | set(_shapes(place)))
    ]


def needles(secret: str) -> set[bytes]:
    """The secret as it is, in an address, in JSON, as base64, and the beginning of a long one."""
    plain = secret.encode()
    forms = {plain, quote(secret, safe="").encode(), quote_plus(secret).encode(), json.dumps(secret)[1:-1].encode()}
    forms.add(base64.b64encode(plain).rstrip(b"="))
    # A piece from within, too: the first bytes of two SAML responses are the same.
    return forms | ({plain[:_PIECE], plain[len(plain) // 2 :][:_PIECE]} if len(plain) > 2 * _PIECE else set())


def _shapes(place: Place) -> Iterator[str]:
    return (f"what looks like {what}" for what, pattern in _SHAPES.items() if pattern.search(place.content))


def written(folder: Path) -> Iterator[Place]:
    """Logs and journals below a folder. What others than we wrote (PHP's server, Node's) lies elsewhere."""
    for path in sorted({*folder.rglob("*.log"), *folder.rglob("audit-*.jsonl")}):
        yield Place(str(path.relative_to(folder.parent)), path.read_bytes())


def kept(watched: Watched) -> Iterator[Place]:
    """Every key of a Redis with its value. One that is gone (a test killed it) keeps nothing."""
    with redis.from_url(watched.redis_url, socket_connect_timeout=2) as client:
        try:
            names = list(client.scan_iter(count=1000))
        except redis.ConnectionError:
            return
        for name in names:
            value = client.get(name) if client.type(name) == b"string" else client.dump(name)
            shelf = name.rpartition(b":")[0].decode("utf-8", "replace")
            yield Place(f"Redis, a key of {shelf}", name + b"\n" + (value or b""))


def arguments() -> Iterator[Place]:
    """The command line of every process, which every user of the machine can read."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield Place("the arguments of a process", path.read_bytes().replace(b"\0", b" "))
        except OSError:
            continue  # it has ended
