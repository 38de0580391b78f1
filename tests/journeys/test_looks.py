"""Every page in all its clothes: light and dark, wide and narrow. What axe-core calls serious is a failure.

With SCREENSHOTS=folder each page is also photographed, for somebody to look at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.company import Company
from tests.journeys.pages import PAGES, Stage
from tests.journeys.person import People, Person

pytestmark = pytest.mark.needs("chromium")
AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BAD = ("serious", "critical")
WIDTHS = {1280: 900, 390: 844}


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("way", PAGES, ids=lambda way: way.__name__)
def test_a_page_can_be_used_by_everybody(
    people: People, company: Company, way: Callable[[Stage], Person], width: int, colours: str
) -> None:
    # axe is put into the page from outside, which the page's own policy would rightly refuse.
    size = {"width": width, "height": WIDTHS[width]}
    context = {"viewport": size, "color_scheme": colours, "reduced_motion": "reduce"}
    page = way(Stage(people, company, context)).page
    photograph(page, f"{way.__name__}-{width}-{colours}")
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width


def violations(page: Page) -> list[str]:
    """Serious and critical ones: the rule, and the first element that breaks it."""
    page.evaluate(AXE.read_text("utf-8"))
    asked: dict[str, Any] = {"runOnly": RULES, "resultTypes": ["violations"]}
    found = page.evaluate("(asked) => axe.run(document, asked)", asked)
    return [
        f"{violation['id']}: {violation['help']}: {violation['nodes'][0]['html'][:200]}"
        for violation in found["violations"]
        if violation["impact"] in BAD
    ]


def photograph(page: Page, name: str) -> None:
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
