"""What holds for every page of the gateway: its answer's headers, and what stands in its HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser

# AWS keys and tokens, and ours where they are long enough to be one. CSRF tokens belong in forms.
SECRETS = re.compile(r"SigninToken|SAMLResponse|\b(?:ASIA|AKIA)[A-Z2-7]{8,}|IQoJb3Jp|eyJ[A-Za-z0-9_-]{20,}\.|Bearer ")
# A key's id is no secret, and administrators look it up; it stands there as a link to who had it, or as what was typed.
LOOKED_UP = re.compile(
    r'href="/admin/activity\?access_key_id=(?P<id>[A-Z0-9]+)" data-key-id="(?P=id)">'
    r'<span class="unseen">who had </span><code>(?P=id)</code>'
)
NONCE = re.compile(r"script-src 'nonce-(?P<nonce>[A-Za-z0-9_-]{20,})'")


def faults(status: int, headers: Mapping[str, str], html: str) -> list[str]:
    """What is wrong with a page, a sentence each. `headers` have lower-case names."""
    found = Reader()
    found.feed(html)
    return [*header_faults(headers), *page_faults(found), *content_faults(status, headers, html, found)]


def header_faults(headers: Mapping[str, str]) -> list[str]:
    policy = headers.get("content-security-policy", "")
    wanted = {
        "a nonce for scripts": NONCE.search(policy) is not None,
        "nothing unsafe in the policy": "unsafe" not in policy,
        "nothing by default": "default-src 'none'" in policy,
        "no frame around it": "frame-ancestors 'none'" in policy and headers.get("x-frame-options") == "DENY",
        "no base": "base-uri 'none'" in policy,
        "nosniff": headers.get("x-content-type-options") == "nosniff",
        "no-store": headers.get("cache-control") == "no-store",
        "utf-8 html": headers.get("content-type") == "text/html; charset=utf-8",
    }
    return [f"headers: {what} is missing" for what, holds in wanted.items() if not holds]


class Reader(HTMLParser):
    """Counts what a page consists of."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def page_faults(page: Reader) -> list[str]:
    styled = [tag for tag, attributes in page.tags if "style" in attributes or tag == "style"]
    handlers = [name for _, attributes in page.tags for name in attributes if name.startswith("on")]
    wanted = {
        f"one h1, not {len(page.all('h1'))}": len(page.all("h1")) == 1,
        "a language": page.all("html")[:1] == [{"lang": "en"}],
        "one main": len(page.all("main")) == 1,
        "one title": len(page.all("title")) == 1,
        "a way past the header": bool(page.tags) and {"class": "skip", "href": "#main"} in page.all("a"),
        f"no style of its own {styled}": not styled,
        f"no handlers in attributes {handlers}": not handlers,
        "labels": all(_is_named(field, page) for field in page.all("input")),
    }
    return [f"page: expected {what}" for what, holds in wanted.items() if not holds]


def _is_named(field: dict[str, str], page: Reader) -> bool:
    labels = {label.get("for") for label in page.all("label")}
    return field.get("type") == "hidden" or field.get("id") in labels or "aria-label" in field


def content_faults(status: int, headers: Mapping[str, str], html: str, page: Reader) -> list[str]:
    found = [f"page: {secret[0][:12]}... stands in it" for secret in SECRETS.finditer(LOOKED_UP.sub("", html))]
    policy = NONCE.search(headers.get("content-security-policy", ""))
    bare = [script for script in page.all("script") if not policy or script.get("nonce") != policy["nonce"]]
    found += ["page: a script without the answer's nonce"] * len(bare)
    if status >= 400 and not re.search(r"<code>[A-Z2-9]{4}-[A-Z2-9]{4}</code>", html):
        found.append("page: an error without a reference")
    if "Traceback" in html or "werkzeug" in html.lower():
        found.append("page: shows its inside")
    return found
