"""A network address, as far as it says who is there."""

from __future__ import annotations

import ipaddress
import re

_LONGEST = 160  # characters
_WITH_PORT = re.compile(r"(?P<ipv4>[0-9.]+):[0-9]{1,5}|\[(?P<ipv6>[0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?", re.ASCII)
_IPV6_SITE = 64  # bits: below them a machine changes its address by itself (RFC 8981), or has any that it wants


def without_port(address: str) -> str:
    """Some proxies (Azure Application Gateway) write the port into X-Forwarded-For. With it each connection would be
    somebody new: no limit would ever be reached, and every session would seem to have moved."""
    found = _WITH_PORT.fullmatch(address)
    return address if found is None else found["ipv4"] or found["ipv6"]


def network_of(address: str) -> str:
    """The address of IPv4; of IPv6 the network, since who has one address there has 2^64 of them."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:_LONGEST]
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    plain = mapped or parsed  # a socket for both kinds shows IPv4 so, and all of it would be one network
    if isinstance(plain, ipaddress.IPv4Address):
        return str(plain)
    return str(ipaddress.ip_network((plain, _IPV6_SITE), strict=False))
