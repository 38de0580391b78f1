"""Every page in all its clothes: light and dark, wide and narrow. What axe-core calls serious is a failure.

With SCREENSHOTS=folder each page is also photographed, for somebody to look at.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from tests.journeys.careful import Careful
from tests.journeys.company import Company
from tests.journeys.pages import PAGES, Stage
from tests.journeys.person import People, Person

pytestmark = pytest.mark.needs("chromium")
AXE = Path(__file__).parent / "axe" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BAD = ("serious", "critical")


@dataclass(frozen=True)
class Clothes:
    width: int
    height: int
    colours: Literal["light", "dark"]

    @property
    def name(self) -> str:
        return f"{self.width}-{self.colours}"

    def on(self, page: Page, name: str) -> list[str]:
        """What is wrong with the page in these clothes."""
        page.set_viewport_size({"width": self.width, "height": self.height})
        page.emulate_media(color_scheme=self.colours)
        photograph(page, f"{name}-{self.name}")
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        return violations(page) + [f"is {wide} pixels wide"] * (wide > self.width)


# Each width and each scheme once: a fault that needs both a narrow page and light colours has not been met yet, and
# axe-core takes a second for a look. Somebody who looks at the pictures gets all four.
EXAMINED = (Clothes(1280, 900, "light"), Clothes(390, 844, "dark"))
PHOTOGRAPHED = (*EXAMINED, Clothes(1280, 900, "dark"), Clothes(390, 844, "light"))
WORN = PHOTOGRAPHED if os.environ.get("SCREENSHOTS") else EXAMINED


@pytest.mark.parametrize("way", PAGES, ids=lambda way: way.__name__)
def test_a_page_can_be_used_by_everybody(
    people: People, company: Company, careful: Careful, tmp_path: Path, way: Callable[[Stage], Person]
) -> None:
    page = way(Stage(people, company, careful, tmp_path)).page
    found = {clothes.name: clothes.on(page, way.__name__) for clothes in WORN}
    assert found == {clothes.name: [] for clothes in WORN}


def violations(page: Page) -> list[str]:
    """Serious and critical ones: the rule, and the first element that breaks it."""
    # Put in from outside: the page's own policy would rightly refuse it.
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
