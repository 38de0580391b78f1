"""What Bob can find out about roles that nobody gave him: nothing, not even whether they exist."""

from __future__ import annotations

import pytest
import requests
from bs4 import BeautifulSoup

from tests.prompt import bearer
from tests.servers.browser import Browser, User
from tests.world import PRODUCTION, UPDATE_APP, World

pytestmark = pytest.mark.slow
NOWHERE = f"arn:aws:iam::{PRODUCTION}:role/Nowhere1"  # as long as UpdateApp, so that only the name differs
DESTINATIONS = ["", "https://evil.example/", "https://console.aws.amazon.com/s3/home", "x" * 3000]


@pytest.fixture(scope="module")
def bob(world: World) -> Browser:
    browser = Browser()
    browser.sign_in(browser.open(f"{world.main.url}/signin/corp-oidc"), User("bob"))
    return browser


def said(page: requests.Response, role: str) -> tuple[int, str]:
    main = BeautifulSoup(page.text, "html.parser").select_one("main h1 + p")
    assert main is not None, page.text[:300]
    return page.status_code, main.text.replace(role, "ROLE")


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_a_link_to_a_role_says_the_same_whether_it_exists_or_not(world: World, bob: Browser, destination: str) -> None:
    answers = [
        said(
            bob.http.get(
                f"{world.main.url}/console/{PRODUCTION}/{role}", params={"destination": destination}, timeout=60
            ),
            role,
        )
        for role in ("UpdateApp", "Nowhere1")
    ]
    assert answers[0] == answers[1]
    assert answers[0][0] == 403


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_the_api_says_the_same_whether_a_role_exists_or_not(world: World, bob: Browser, destination: str) -> None:
    answers = []
    header = bearer(world.main.url, bob).header
    for arn in (UPDATE_APP, NOWHERE):
        body = {"role_arn": arn, "destination": destination}
        answer = requests.post(f"{world.main.url}/api/v1/console", json=body, headers=header, timeout=60)
        problem = answer.json()
        answers.append((answer.status_code, problem["code"], problem["detail"].replace(arn.rpartition("/")[2], "ROLE")))
    assert answers[0] == answers[1]
    assert answers[0][:2] == (403, "role_denied")
