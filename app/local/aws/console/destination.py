"""Where in the console somebody wants to go: read strictly, then played by a local page.

How AWS itself treats foreign destinations is not published; an open redirect out of a sign-in address is
what everybody must avoid, so anything but a console address of the partition is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlsplit

from app.local.aws import arns

CONSOLE_HOSTS = {
    "aws": "console.aws.amazon.com",
    "aws-us-gov": "console.amazonaws-us-gov.com",
    "aws-cn": "console.amazonaws.cn",
}


@dataclass(frozen=True, slots=True)
class Destination:
    """A checked console address. `path` begins with a slash."""

    host: str
    path: str
    query: str
    fragment: str

    @property
    def url(self) -> str:
        query, fragment = self.query and f"?{self.query}", self.fragment and f"#{self.fragment}"
        return f"https://{self.host}{self.path}{query}{fragment}"

    @property
    def region(self) -> str:
        """From `?region=`, else from the host; empty if neither says."""
        named = dict(parse_qsl(self.query)).get("region", "")
        if arns.REGION.fullmatch(named):
            return named
        return next((label for label in self.host.split(".") if arns.REGION.fullmatch(label)), "")

    @property
    def service(self) -> str:
        """`s3`, `ec2`, ... or `console` for the home page."""
        first = self.path.strip("/").split("/")[0]
        return first if re.fullmatch(r"[a-z][a-z0-9-]{1,40}", first) and first != "console" else "console"

    def local_path(self, host_key: str = "aws-host") -> str:
        """The page that plays this address; the host travels along so that nothing of it is lost."""
        path = self.path if self.path not in ("", "/") else "/home"
        path = path.removeprefix("/console") if path.startswith("/console/") else path
        query = f"{self.query}&" if self.query else ""
        fragment = f"#{self.fragment}" if self.fragment else ""
        return f"/console{quote(path, safe='/%')}?{query}{host_key}={self.host}{fragment}"


def read_destination(text: str, partition: str) -> Destination | None:
    """None unless it is `https://[...]CONSOLE-HOST/...`, without user, port, backslash or control character."""
    if not re.fullmatch(r"[\x21-\x5b\x5d-\x7e]{1,4000}", text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    host = parts.netloc.lower()
    plain = parts.scheme == "https" and port is None and re.fullmatch(r"[a-z0-9.-]+", host)
    if not plain or not _is_console(host, CONSOLE_HOSTS[partition]):
        return None
    return Destination(host, parts.path or "/", parts.query, parts.fragment)


def _is_console(host: str, console: str) -> bool:
    """The host itself, `REGION.` before it, or the `ACCOUNT-HASH.REGION.` of multi-session consoles."""
    return host == console or host.endswith("." + console)
