"""The looking-over of every page finds what it looks for."""

from __future__ import annotations

import pytest

from tests.journeys.checks import faults

NONCE = "n" * 22
HEADERS = {
    "content-security-policy": (
        f"default-src 'none'; script-src 'nonce-{NONCE}'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "content-type": "text/html; charset=utf-8",
}
PAGE = (
    '<html lang="en"><title>Fine</title><a class="skip" href="#main">Skip</a><main id="main"><h1>Fine</h1>{}</main>'
    f'<script nonce="{NONCE}"></script></html>'
)


def test_a_good_page_has_no_faults() -> None:
    assert faults(200, HEADERS, PAGE.format("<p>All is well</p>")) == []


@pytest.mark.parametrize(
    "html",
    [
        "<p style='color: red'>",
        "<style>p {}</style>",
        "<p onclick='go()'>",
        "<h1>Another</h1>",
        "<script>go()</script>",
        "<input name='q'>",
        "https://signin.aws.amazon.com/federation?SigninToken=x",
        "ASIAIOSFODNN7EXAMPLE",
        "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.x",
        "Traceback (most recent call last)",
    ],
)
def test_one_fault_in_a_page_is_found(html: str) -> None:
    assert len(faults(200, HEADERS, PAGE.format(html))) == 1


@pytest.mark.parametrize("name", HEADERS)
def test_a_missing_header_is_found(name: str) -> None:
    assert faults(200, HEADERS | {name: ""}, PAGE.format("")) != []


def test_an_error_page_without_a_reference_is_found() -> None:
    assert faults(404, HEADERS, PAGE.format("")) == ["page: an error without a reference"]
