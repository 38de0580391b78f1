"""Whoever carries Redis away has nothing; whoever can write to it can end sessions and revive none."""

from __future__ import annotations

import json
import secrets

from app.sessions.live import Alive, SidOwner
from app.store.sealing import Sealer
from tests.prompt import ask
from tests.theft.conftest import PROVIDER, Dump, Scene, stolen
from tests.world import UPDATE_APP

WHO = json.dumps([PROVIDER, "subject-of-alice"])


def test_a_dump_shows_no_name_no_group_no_token_and_no_key_of_aws(scene: Scene) -> None:
    alice = scene.arrive("alice")
    tokens = scene.terminal(alice)
    given = ask(scene.url, alice, tokens, UPDATE_APP).json()
    whole = scene.dump().whole
    keys = [given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"]]
    shown = [*keys, *alice.http.cookies.values(), tokens.access, tokens.refresh, *scene.company.refresh_tokens]
    for secret in (*shown, "alice", "Developers", "ASIA", "eyJ", "UpdateApp", PROVIDER, "127.0.0.1", "Firefox"):
        assert secret.encode() not in whole
    assert b"credentials" in whole  # there was something to hide


def test_a_dump_with_somebody_elses_cookies_and_even_the_sealing_key_opens_no_session(scene: Scene) -> None:
    alice = scene.arrive("alice")
    scene.terminal(alice)
    mine = scene.dump()
    bob = scene.arrive("bob")
    theirs = scene.terminal(bob)
    thief, tried = Sealer([scene.key]), 0
    for shelf in ("browser", "terminal", "access", "refresh", "upstream"):
        for name, sealed in mine.of(shelf).items():
            tried += 1
            for guess in (*_guesses(name), *bob.http.cookies.values(), theirs.access, theirs.refresh):
                assert thief.open(shelf, guess, name.decode(), sealed) is None
    assert tried >= 5


def test_a_dump_with_alices_own_cookie_but_without_the_sealing_key_opens_nothing_either(scene: Scene) -> None:
    alice = scene.arrive("alice")
    cookies = list(alice.http.cookies.values())
    thief = Sealer([secrets.token_bytes(32)])
    for name, sealed in scene.dump().values.items():
        shelf = name.decode().split(":")[1]
        for guess in (*cookies, WHO, *_guesses(name)):
            assert thief.open(shelf, guess, name.decode(), sealed) is None


def test_what_can_be_read_with_redis_and_the_sealing_key_is_what_the_book_says_and_no_more(scene: Scene) -> None:
    """`app/sessions/__init__.py` tells operators."""
    alice = scene.arrive("alice")
    scene.terminal(alice)
    alive = scene.opener.opened("live", Alive).get(WHO)
    assert alive is not None
    assert {type(one).__name__ for one in alive.sessions} == {"LiveSession"}
    read = repr(alive)
    for secret in ("Developers", "127.0.0.1", "Firefox", *alice.http.cookies.values()):
        assert secret not in read
    owner = scene.opener.opened("sid", SidOwner).get(json.dumps([PROVIDER, scene.company.person["sid"]]))
    assert owner == SidOwner("subject-of-alice")


def test_documents_that_somebody_exchanges_between_two_people_make_nobody_the_other(scene: Scene) -> None:
    alice, before = scene.arrive("alice"), set(scene.dump().values)
    bob = scene.arrive("bob")
    dump = scene.dump()
    for shelf in ("browser", "live", "upstream"):
        mine = {name: value for name, value in dump.of(shelf).items() if name in before}
        theirs = {name: value for name, value in dump.of(shelf).items() if name not in before}
        scene.put_back({name: next(iter(mine.values())) for name in theirs})
    assert not scene.is_in(bob)
    assert scene.is_in(alice)


def test_a_document_under_a_new_name_is_no_session_under_a_cookie_of_the_thiefs_making(scene: Scene) -> None:
    scene.arrive("alice")
    thief, cookie = scene.arrive("bob"), secrets.token_urlsafe(32)
    names = Sealer([scene.key]).names("browser", cookie)
    for value in scene.dump().of("browser").values():
        scene.put_back({names[0].encode(): value})
        thief.http.cookies.set("fedgate", cookie, domain="127.0.0.1", path="/")
        assert not scene.is_in(thief)


def test_an_old_dump_that_is_put_back_after_a_sign_out_is_noticed_and_ends_everything(scene: Scene) -> None:
    """With the cookie jar, too, which alone is worth nothing by then."""
    alice = scene.arrive("alice")
    tokens, thief, old = scene.terminal(alice), stolen(alice), scene.dump()
    other = scene.arrive("alice")
    scene.sign_out(alice)
    assert scene.is_in(other)
    before = len(scene.events("session.put_back"))
    _restore(scene, old)
    assert not scene.is_in(thief)
    assert not scene.may(tokens)
    assert not scene.is_in(other)
    noticed = scene.events("session.put_back")
    assert len(noticed) == before + 1
    assert noticed[-1]["subject"] == "subject-of-alice"
    assert scene.is_in(scene.arrive("alice"))


def test_credentials_that_were_kept_before_a_sign_out_are_found_by_nobody_after_it(scene: Scene) -> None:
    alice = scene.arrive("alice")
    first = ask(scene.url, alice, scene.terminal(alice), UPDATE_APP).json()
    old = scene.dump()
    scene.sign_out(alice)
    scene.put_back(old.of("credentials"))
    again = scene.arrive("alice")
    assert ask(scene.url, again, scene.terminal(again), UPDATE_APP).json()["AccessKeyId"] != first["AccessKeyId"]


def test_an_emptied_redis_signs_everybody_out(scene: Scene) -> None:
    alice = scene.arrive("alice")
    tokens = scene.terminal(alice)
    scene.redis.kill()
    scene.redis.start()
    assert not scene.is_in(alice)
    assert not scene.may(tokens)
    assert scene.is_in(scene.arrive("alice"))


def _guesses(name: bytes) -> tuple[str, ...]:
    text = name.decode()
    return "", text, text.rpartition(":")[2], WHO, "subject-of-alice", "alice"


def _restore(scene: Scene, dump: Dump) -> None:
    scene.put_back(dump.values)
