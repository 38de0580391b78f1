"""A copied refresh token, and a grant of the company that is over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import requests

from app.sessions.terminals import RefreshToken
from tests.prompt import Tokens, ask
from tests.theft.conftest import Scene
from tests.world import UPDATE_APP


def test_the_thiefs_own_use_is_noticed_when_its_owner_refreshes(scene: Scene) -> None:
    alice = scene.arrive("alice")
    tokens = scene.terminal(alice)
    thiefs = scene.refresh(tokens)
    assert isinstance(thiefs, Tokens)
    _after_the_grace(scene, tokens)
    before = len(scene.events("terminal.token_reused"))
    assert scene.refresh(tokens) == "invalid_grant"
    assert not scene.may(thiefs)
    assert scene.refresh(thiefs) == "invalid_grant"
    assert len(scene.events("terminal.token_reused")) == before + 1
    assert scene.is_in(alice)  # her browser was not stolen


def test_an_old_refresh_token_ends_the_session_instead_of_giving_one(scene: Scene) -> None:
    tokens = scene.terminal(scene.arrive("alice"))
    fresh = scene.refresh(tokens)
    assert isinstance(fresh, Tokens)
    _after_the_grace(scene, tokens)
    assert scene.refresh(tokens) == "invalid_grant"
    assert not scene.may(fresh)


def test_after_her_sign_out_or_fedgate_logout_it_gives_nothing(scene: Scene) -> None:
    alice = scene.arrive("alice")
    laptop, desktop = scene.terminal(alice), scene.terminal(alice)
    requests.post(f"{scene.url}/oauth/revoke", data=laptop.leaving, timeout=60).raise_for_status()
    assert scene.refresh(laptop) == "invalid_grant"
    assert scene.may(desktop)
    scene.sign_out(alice)
    assert scene.refresh(desktop) == "invalid_grant"


def test_after_fedgate_logout_the_credentials_that_were_kept_are_given_to_nobody(scene: Scene) -> None:
    alice = scene.arrive("alice")
    laptop, desktop = scene.terminal(alice), scene.terminal(alice)
    first, same = (ask(scene.url, alice, tokens, UPDATE_APP).json() for tokens in (laptop, desktop))
    assert first == same
    requests.post(f"{scene.url}/oauth/revoke", data=laptop.leaving, timeout=60).raise_for_status()
    assert ask(scene.url, alice, laptop, UPDATE_APP).status_code == 401
    assert ask(scene.url, alice, desktop, UPDATE_APP).json()["AccessKeyId"] != first["AccessKeyId"]


def test_a_group_that_was_taken_away_at_the_company_is_gone_with_the_next_refresh(scene: Scene) -> None:
    tokens = scene.terminal(scene.arrive("alice"))
    assert len(_roles(scene, tokens)) == 2
    scene.company.person["groups"] = ["Staff"]
    assert len(_roles(scene, tokens)) == 2
    scene.opener.age_groups(tokens)
    fresh = scene.refresh(tokens)
    assert isinstance(fresh, Tokens)
    assert [role["arn"].rpartition("/")[2] for role in _roles(scene, fresh)] == ["ReadOnly"]


def test_a_grant_that_the_company_ended_ends_the_browser_and_every_terminal(scene: Scene) -> None:
    alice = scene.arrive("alice")
    laptop, desktop = scene.terminal(alice), scene.terminal(alice)
    scene.company.refresh_tokens.clear()
    scene.opener.age_groups(laptop)
    assert scene.refresh(laptop) == "invalid_grant"
    assert not scene.is_in(alice)
    assert not scene.may(desktop)
    assert _reason(scene) == "oidc.refresh-over"


def test_refresh_token_invalid_sub(scene: Scene) -> None:
    """The OpenID conformance suite's: an answer about somebody else makes nobody somebody else."""
    alice = scene.arrive("alice")
    tokens = scene.terminal(alice)
    scene.company.twist.refresh_claims["sub"] = "subject-of-bob"
    scene.opener.age_groups(tokens)
    try:
        assert scene.refresh(tokens) == "invalid_grant"
    finally:
        scene.company.twist.refresh_claims.clear()
    assert not scene.is_in(alice)
    assert _reason(scene) == "oidc.refresh-subject"


def _roles(scene: Scene, tokens: Tokens) -> list[dict[str, str]]:
    answer = requests.get(f"{scene.url}/api/v1/roles", headers=tokens.header, timeout=60)
    assert answer.status_code == 200, answer.text
    found = answer.json()["roles"]
    assert isinstance(found, list)
    return found


def _reason(scene: Scene) -> str:
    facts = scene.events("signin.ended")[-1]["facts"]
    assert isinstance(facts, Mapping)
    return str(facts["reason"])


def _after_the_grace(scene: Scene, tokens: Tokens) -> None:
    """Two minutes pass for this token only, which its owner and the holder of the sealing key can bring about."""

    def aged(doc: RefreshToken) -> RefreshToken:
        assert doc.rotated_at is not None
        return replace(doc, rotated_at=doc.rotated_at - timedelta(minutes=2))

    assert scene.opener.opened("refresh", RefreshToken).change(tokens.refresh, aged) is not None
