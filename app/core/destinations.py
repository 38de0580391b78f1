"""Where a console link may lead: the console of the role's own partition, and nowhere else.

The address arrives in links that anybody can write, and goes to AWS and back into our pages. What AWS does
with foreign ones is not documented, so they never reach it. Read by hand rather than by `urlsplit`, which
drops tabs and line breaks and takes what browsers read otherwise (`\\`, `@`).
"""

from __future__ import annotations

import re

from app.core.roles import Partition

CONSOLE_HOSTS = {
    Partition.AWS: "console.aws.amazon.com",
    Partition.US_GOV: "console.amazonaws-us-gov.com",
    Partition.CHINA: "console.amazonaws.cn",
}
_LONGEST = 2_000  # characters
# scheme, host, and then only visible ASCII without what browsers and AWS could read in two ways
_ADDRESS = re.compile(r"https://(?P<host>[a-z0-9.-]+)(?:/[!#-;=?-\[\]_a-z~%]*)?", re.ASCII)


class Destination(str):
    """An address in the console of one partition; made by `console_destination`."""

    __slots__ = ()


def console_home(partition: Partition, region: str) -> Destination:
    return Destination(f"https://{CONSOLE_HOSTS[partition]}/console/home?region={region}")


def console_destination(text: str, partition: Partition) -> Destination:
    """Raises ValueError if `text` is not an https address of the partition's console.

    Service and multi-session hosts count (`eu-west-1.console.aws.amazon.com`,
    `111122223333-abcd.eu-west-1.console.aws.amazon.com`).
    """
    found = _ADDRESS.fullmatch(text)
    console = CONSOLE_HOSTS[partition]
    if len(text) > _LONGEST or found is None or "@" in text.split("/", 3)[2]:
        raise ValueError("expected an https address of the AWS console")
    host = found["host"]
    if host != console and not (host.endswith(f".{console}") and ".." not in host and not host.startswith((".", "-"))):
        raise ValueError(f"expected an address at {console}")
    return Destination(text)
