"""Whatever shapes credentials is part of the name under which they are kept."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.core.decisions import Grant
from app.core.identity import Identity
from app.core.names import opaque_subject, session_name, source_identity
from app.core.roles import Assertion, Method, ProviderArn, Role, RoleArn
from app.core.session_tags import SessionTags
from app.issuance.orders import cache_key
from app.issuers.order import Order
from app.sessions import Session
from tests.core.people import NOW, a_role, person

TEXT = st.sampled_from(["", "a", "b", "ab", '"', ",", "\\"])
ARN = st.sampled_from([f"arn:aws:iam::{n * 12}:role/{name}" for n in "19" for name in ("A", "a", "p/A")])
PROVIDER = st.sampled_from([None, *(ProviderArn(f"arn:aws:iam::{'9' * 12}:saml-provider/{n}") for n in "ab")])
INPUTS = st.fixed_dictionaries(
    {
        "provider": TEXT,
        "subject": TEXT,
        "name": st.sampled_from(["alice", "bob"]),
        "arn": ARN,
        "region": st.sampled_from(["eu-west-1", "us-east-1"]),
        "method": st.sampled_from(Method),
        "provider_arn": PROVIDER,
        "seconds": st.sampled_from([900, 3600]),
        "tags": st.dictionaries(st.sampled_from(["a", "b"]), st.sampled_from(["", "x"])),
        "transitive": st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True).map(tuple),
        "policy": TEXT,
        "policy_arns": st.lists(TEXT, max_size=2).map(tuple),
    }
)


@given(INPUTS, INPUTS)
def test_two_orders_share_a_key_only_if_they_are_the_same(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert (_key(one) == _key(other)) == (one == other)


@given(INPUTS, st.data())
def test_changing_any_one_input_changes_the_key(inputs: dict[str, Any], data: st.DataObject) -> None:
    other = data.draw(INPUTS)
    for name in inputs:
        changed = inputs | {name: other[name]}
        assert (_key(changed) == _key(inputs)) == (changed == inputs), name


def _key(inputs: dict[str, Any]) -> str:
    identity: Identity = person(provider=inputs["provider"], subject=inputs["subject"], name=inputs["name"])
    grant = Grant(
        role=replace(a_role(), arn=RoleArn(inputs["arn"]), region=inputs["region"]),
        method=inputs["method"],
        provider_arn=inputs["provider_arn"],
        max_seconds=43_200,
        tags=SessionTags(inputs["tags"]),
        transitive_tags=inputs["transitive"],
        policy=inputs["policy"],
        policy_arns=inputs["policy_arns"],
        purposes=frozenset(),
    )
    names = session_name(identity), source_identity(identity), opaque_subject(identity.person)
    return cache_key(identity, Order(grant, *names, inputs["seconds"]), _session(identity, "a session"))


def _session(identity: Identity, handle: str, epoch: str = "an epoch") -> Session:
    return Session(identity, NOW, NOW, handle, epoch=epoch)


def _key_of(role: Role, identity: Identity, session: str) -> str:
    return cache_key(identity, _order_of(role, identity), _session(identity, session))


def _order_of(role: Role, identity: Identity) -> Order:
    names = session_name(identity), source_identity(identity), opaque_subject(identity.person)
    grant = Grant(role, role.method, None, 3_600, SessionTags({}), (), "", (), frozenset())
    return Order(grant, *names, 3_600)


def test_what_aws_read_out_of_one_sign_in_is_not_given_after_the_next() -> None:
    """The company may have taken a tag away in between, and says so only in the new statement."""
    before = person("alice")
    after = replace(before, verified_at=before.verified_at + timedelta(minutes=1))
    passed = replace(a_role(), method=Method.SAML, assertion=Assertion.PASSTHROUGH, unenforced=True)
    assert _key_of(passed, before, "one") != _key_of(passed, after, "two")
    assert _key_of(passed, before, "one") == _key_of(passed, before, "two")  # a terminal approved from this sign-in
    assert _key_of(a_role(), before, "one") == _key_of(a_role(), after, "two")


def test_what_a_code_brought_stays_in_the_session_into_which_it_was_typed() -> None:
    """Or a stolen terminal token would share in the second factor that its thief does not have."""
    alice = person("alice")
    careful = replace(a_role(), mfa_serial=f"arn:aws:iam::{'9' * 12}:mfa/phone")
    assert _key_of(careful, alice, "browser") != _key_of(careful, alice, "terminal")
    assert _key_of(careful, alice, "browser") == _key_of(careful, alice, "browser")
    assert _key_of(a_role(), alice, "browser") == _key_of(a_role(), alice, "terminal")


def test_what_was_kept_before_the_end_of_any_session_is_not_found_after_it() -> None:
    """Credentials that a thief had the gateway keep would be the next sign-in's, too."""
    alice = person("alice")
    order = _order_of(a_role(), alice)
    before, after = (_session(alice, "browser", epoch) for epoch in ("one", "two"))
    assert cache_key(alice, order, before) != cache_key(alice, order, after)
    assert cache_key(alice, order, before) == cache_key(alice, order, _session(alice, "terminal", "one"))
