"""Which addresses of providers may be spoken to."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

_NAT64 = ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_SIX_TO_FOUR = ip_network("2002::/16")  # RFC 3056: so are bits 16 to 47
_AWS_METADATA_V6 = ip_address("fd00:ec2::254")  # a "private" address that hands out the machine's credentials


class NotAdmitted(ValueError):
    """An address that a provider may not have. The text names the rule, not the address."""


def check_url(url: str, allow_private_network: bool) -> None:
    """Refuse anything but https; plain http is for a provider on this very machine, if the operator said so."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as unreadable:
        raise NotAdmitted("not an address") from unreadable
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise NotAdmitted("no host, or a name and password, or a fragment")
    if any(character <= " " or character in "\\\x7f" for character in url):
        raise NotAdmitted("blank, control character or backslash")
    if parts.scheme != "https" and not (parts.scheme == "http" and allow_private_network and is_loopback_url(url)):
        raise NotAdmitted("not https")
    literal = _literal(host)
    if literal is not None:
        check_address(literal, allow_private_network)


def is_loopback_url(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def check_address(address: IPv4Address | IPv6Address, allow_private_network: bool) -> None:
    """Judge one address as the network will understand it, not as it is written."""
    real = _unwrapped(address)
    if real.is_link_local or real.is_multicast or real.is_unspecified or real == _AWS_METADATA_V6:
        raise NotAdmitted("link-local, multicast or metadata address")
    if not allow_private_network and not real.is_global:
        raise NotAdmitted("private address")


def resolve(host: str, port: int, allow_private_network: bool) -> tuple[str, ...]:
    """The addresses to connect to. If one of several may not be used, none is: that mix is rebinding."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    addresses = tuple(dict.fromkeys(str(answer[4][0]) for answer in found))
    for address in addresses:
        check_address(ip_address(address.partition("%")[0]), allow_private_network)
    return addresses


def _literal(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside an IPv6 one, if there is one: ::ffff:169.254.169.254 is still the metadata."""
    if isinstance(address, IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _SIX_TO_FOUR:
        return IPv4Address((int(address) >> 80) & 0xFFFFFFFF)
    return address
