"""Redis dies, or hangs: everything is refused soon and plainly, nothing is given out, and it all comes back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import requests

from tests.failures.conftest import Scene, frozen, in_time, is_page, is_problem
from tests.office import page_of
from tests.prompt import ask, bearer, refresh
from tests.servers.browser import Browser, Stopped, User
from tests.servers.redis_server import RedisServer
from tests.world import READ_ONLY, UPDATE_APP, World

pytestmark = pytest.mark.slow
Break = Callable[[RedisServer], Iterator[None]]


@contextmanager
def killed(redis: RedisServer) -> Iterator[None]:
    redis.kill()
    try:
        yield
    finally:
        redis.start()


@pytest.fixture(params=[killed, frozen], ids=["killed", "frozen"])
def without_redis(request: pytest.FixtureRequest, scene: Scene, world: World) -> Iterator[Scene]:
    world.forget_calls()
    with request.param(scene.redis):
        yield scene
    assert world.calls("AssumeRole") + world.calls("AssumeRoleWithSAML") == [], "AWS was asked"


def test_programs_are_told(without_redis: Scene) -> None:
    here = without_redis
    is_problem(in_time(lambda: ask(here.url, here.alice, here.tokens, UPDATE_APP)), 503, "store_unavailable")
    is_problem(in_time(lambda: refresh(here.url, here.alice, here.tokens)), 503, "store_unavailable")


def test_people_are_told(without_redis: Scene) -> None:
    here, stranger = without_redis, Browser()
    is_page(in_time(lambda: page_of(here.alice.open(f"{here.url}/"))), 503, "store_unavailable")
    is_page(in_time(lambda: page_of(stranger.open(f"{here.url}/signin/corp-oidc"))), 503, "store_unavailable")


def test_operators_are_told(without_redis: Scene) -> None:
    status, checks = without_redis.is_ready()
    assert status == 503
    assert checks["store"].startswith("redis.")
    assert checks["audit"] == "ok"
    assert requests.get(f"{without_redis.url}/healthz", timeout=60).status_code == 200


def test_a_refusal_says_when_to_come_back(without_redis: Scene) -> None:
    answer = ask(without_redis.url, without_redis.alice, without_redis.tokens, UPDATE_APP)
    assert int(answer.headers["Retry-After"]) > 0


def test_a_sign_in_under_way_ends_without_a_session(scene: Scene) -> None:
    browser = Browser(until=f"{scene.url}/signin/corp-oidc/callback")
    answer = browser.sign_in(browser.open(f"{scene.url}/signin/corp-oidc"), User("bob"))
    assert isinstance(answer, Stopped)
    browser.until = ""
    before = len(scene.office.gateway.events())
    with killed(scene.redis):
        is_page(in_time(lambda: page_of(browser.open(answer.url))), 503, "store_unavailable")
    assert [event["kind"] for event in scene.office.gateway.events()[before:]] == []
    assert page_of(browser.open(f"{scene.url}/")).url != f"{scene.url}/", "somebody is signed in"


def test_what_hung_goes_on(scene: Scene) -> None:
    """A Redis that hung has forgotten nothing: the same cookie and the same token work again."""
    browser, tokens = scene.office.terminal("alice")
    with frozen(scene.redis):
        assert ask(scene.url, browser, tokens, UPDATE_APP).status_code == 503
    assert ask(scene.url, browser, tokens, UPDATE_APP).status_code == 200
    assert refresh(scene.url, browser, tokens).status_code == 200
    assert page_of(browser.open(f"{scene.url}/")).url == f"{scene.url}/"


def test_when_it_is_back_everything_works(scene: Scene) -> None:
    """An empty Redis: people sign in again, and that is all."""
    with killed(scene.redis):
        pass
    status, checks = scene.is_ready()
    assert (status, set(checks.values())) == (200, {"ok"})
    is_problem(ask(scene.url, scene.alice, scene.tokens, READ_ONLY), 401, "sign_in_required")
    browser = scene.office.arrive("alice")
    tokens = bearer(scene.url, browser)
    assert ask(scene.url, browser, tokens, READ_ONLY).status_code == 200
    assert refresh(scene.url, browser, tokens).status_code == 200
