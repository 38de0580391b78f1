"""The gateway's address as typed, checked: https anywhere, plain http on this machine only."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from .failures import USAGE, Failure


def parsed(text: str) -> str:
    """`https://aws.example.com`: lower case, no default port, no slash at the end.

    Tokens travel to this address, so whatever could make it mean another one (user part, path, spaces) is refused.
    """
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        raise wrong(text) from None
    if not is_plain(parts, host) or not text.isascii() or not text.strip().isprintable() or " " in text.strip():
        raise wrong(text)
    if parts.scheme == "http" and not is_loopback(host):
        raise Failure(USAGE, f"{shown(text)}: plain http is only for a gateway on this machine; use https")
    name = f"[{host}]" if ":" in host else host
    usual = {"https": 443, "http": 80}[parts.scheme]
    return f"{parts.scheme}://{name}" + (f":{port}" if port not in (None, usual) else "")


def is_plain(parts: SplitResult, host: str) -> bool:
    extra = parts.query or parts.fragment or "@" in parts.netloc or parts.path not in ("", "/")
    return parts.scheme in ("https", "http") and bool(host) and not extra and not set(host) & set("\\%/'\"<>")


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def origin(url: str) -> str:
    """Scheme, host and port of any URL; empty when it cannot be read as one."""
    try:
        parts = urlsplit(url)
        return parsed(f"{parts.scheme}://{parts.netloc}")
    except (ValueError, Failure):
        return ""


def wrong(text: str) -> Failure:
    return Failure(USAGE, f"{shown(text)} is not a gateway's address; expected something like https://aws.example.com")


def shown(text: str) -> str:
    """Without a user part, which could hold a password."""
    return text.rsplit("@", 1)[-1][:100]
