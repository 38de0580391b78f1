"""This terminal's sign-in at one gateway: the tokens, at rest.

Written only by who holds `lock()`: the refresh token is spent at each renewal, and two processes that renew with
the same one would lose the sign-in.
"""

from __future__ import annotations

from . import places, private_files
from .locks import Lock

FIELDS = (
    "id",
    "gateway",
    "token_endpoint",
    "revocation_endpoint",
    "access_token",
    "access_expires",
    "refresh_token",
    "refresh_expires",
)


class SignIn:
    """`id` is random and made at login: cached credentials carry it, so those of an earlier person are never served.

    Expiries are Unix seconds. `repr` shows no token."""

    __slots__ = FIELDS

    def __init__(
        self,
        id: str,
        gateway: str,
        token_endpoint: str,
        revocation_endpoint: str,
        access_token: str,
        access_expires: int,
        refresh_token: str,
        refresh_expires: int,
    ) -> None:
        self.id = id
        self.gateway = gateway
        self.token_endpoint = token_endpoint
        self.revocation_endpoint = revocation_endpoint
        self.access_token = access_token
        self.access_expires = access_expires
        self.refresh_token = refresh_token
        self.refresh_expires = refresh_expires

    def __repr__(self) -> str:
        return f"SignIn(gateway={self.gateway!r})"


def path_of(gateway: str) -> str:
    return places.state(gateway, "sign-in")


def lock(gateway: str, seconds: float) -> Lock:
    return Lock(path_of(gateway), seconds)


def load(gateway: str) -> SignIn | None:
    """None when nobody is signed in, or when the file is not one of ours."""
    content = private_files.read(path_of(gateway))
    if content is None:
        return None
    try:
        found = dict(line.split("\t", 1) for line in content.decode("ascii").splitlines())
        text = [found[name] for name in FIELDS]
        kept = SignIn(text[0], text[1], text[2], text[3], text[4], int(text[5]), text[6], int(text[7]))
    except (ValueError, KeyError):
        return None
    return kept if kept.gateway == gateway else None


def save(kept: SignIn) -> None:
    lines = [f"{name}\t{getattr(kept, name)}\n" for name in FIELDS]
    private_files.write(path_of(kept.gateway), "".join(lines).encode("ascii"))


def forget(gateway: str) -> None:
    private_files.remove(path_of(gateway))
    private_files.remove(path_of(gateway) + ".new")
