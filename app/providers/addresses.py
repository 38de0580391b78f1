"""Which addresses of providers may be spoken to.

Decided by lists of our own (the IANA registries of special-purpose addresses, RFC 6890) and not by Python's
`is_global`, whose answer depends on the release: 3.11 takes part of 192.0.0.0/24, and 64:ff9b:1::/48, for public.
"""

from __future__ import annotations

import socket
import threading
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

Address = IPv4Address | IPv6Address

# IPv6 addresses with an IPv4 address inside, and by how many bits it is shifted to the left.
_WRAPPINGS = (
    (IPv6Network("::ffff:0:0/96"), 0),  # mapped
    (IPv6Network("::ffff:0:0:0/96"), 0),  # translated, RFC 2765
    (IPv6Network("::/96"), 0),  # compatible, RFC 4291 2.5.5.1
    (IPv6Network("64:ff9b::/96"), 0),  # NAT64, RFC 6052
    (IPv6Network("2002::/16"), 80),  # 6to4, RFC 3056
)
# Hand out a machine's credentials, or are its host's own: not even an operator who admits private networks means these.
_NEVER = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "169.254.0.0/16",  # link-local; instance metadata of AWS, Azure and Google, credentials of ECS and EKS
        "224.0.0.0/4",  # multicast
        "255.255.255.255/32",
        "100.100.100.200/32",  # metadata of Alibaba
        "168.63.129.16/32",  # Azure's host; a public address
        "192.0.0.192/32",  # metadata of Oracle
        "::/128",
        "fe80::/10",
        "ff00::/8",
        "fd00:ec2::/32",  # AWS: metadata, EKS Pod Identity, DNS, time
        "fd20:ce::/32",  # Google: metadata
        "64:ff9b:1::/48",  # NAT64 of a site, RFC 8215: what is inside cannot be told
        "2001::/32",  # Teredo: likewise
    )
)
_PRIVATE = tuple(
    ip_network(network)
    for network in (
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "3fff::/20",
    )
)
_PUBLIC_V6 = IPv6Network("2000::/3")  # what IANA gives out; everything else is special in one way or another


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
    _check_host(host, allow_private_network)


def _check_host(host: str, allow_private_network: bool) -> None:
    """As far as that can be told without a name server, which behind a proxy is all that we have."""
    literal = _literal(host)
    if literal is not None:
        return check_address(literal, allow_private_network)
    name = host.rstrip(".")
    last = name.rpartition(".")[2]
    if (
        not last or last.isdecimal() or last.startswith("0x")
    ):  # 127.1, 2130706433, 0x7f.1: resolvers make them 127.0.0.1
        raise NotAdmitted("a number that is no IP address as it is usually written")
    if not allow_private_network and last in ("localhost", "internal", "local"):
        raise NotAdmitted("a name of this machine or network")
    return None


def is_loopback_url(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def check_address(address: Address, allow_private_network: bool) -> None:
    """Judge one address as the network will understand it, not as it is written."""
    real = _unwrapped(address)
    if _within(real, _NEVER):
        raise NotAdmitted("link-local, multicast or metadata address")
    if not allow_private_network and not _is_public(real):
        raise NotAdmitted("private address")


def resolve(host: str, port: int, allow_private_network: bool, seconds: float = 10.0) -> tuple[str, ...]:
    """The addresses to connect to. If one of several may not be used, none is: that mix is rebinding.

    Raises NotAdmitted, or OSError; TimeoutError after `seconds`, because the name server may be the attacker's own.
    """
    addresses = _looked_up(host.strip("[]"), port, seconds)
    for address in addresses:
        check_address(ip_address(address.partition("%")[0]), allow_private_network)
    return addresses


def _looked_up(host: str, port: int, seconds: float) -> tuple[str, ...]:
    """In a thread that is left behind if it takes too long: `getaddrinfo` knows no time limit of its caller's."""
    answers: list[tuple[str, ...]] = []
    failures: list[Exception] = []

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            answers.append(tuple(dict.fromkeys(str(answer[4][0]) for answer in found)))
        except (OSError, UnicodeError) as failure:  # a label of more than 63 letters
            failures.append(failure)

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(seconds)
    if answers:
        return answers[0]
    raise OSError("no such host") from failures[0] if failures else TimeoutError("the name server is slow")


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host.strip("[]"))
    except ValueError:
        return None


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and address not in _PUBLIC_V6:
        return False
    return not _within(address, _PRIVATE)


def _within(address: Address, networks: tuple[IPv4Network | IPv6Network, ...]) -> bool:
    return any(address in network for network in networks)


def _unwrapped(address: Address) -> Address:
    """The IPv4 address inside an IPv6 one, if there is one: ::ffff:169.254.169.254 is still the metadata."""
    if isinstance(address, IPv6Address):
        for network, shift in _WRAPPINGS:
            if address in network and int(address) > 1:  # :: and ::1 are themselves
                return IPv4Address(int(address) >> shift & 0xFFFFFFFF)
    return address
