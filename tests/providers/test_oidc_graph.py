"""Olga is in three hundred groups: Entra ID puts a pointer into her token instead, and Graph knows them.

Also `aggregated-claims` and `distributed-claims` of the suite: processed only here, and only from our own address."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app.errors import ConfigurationProblems, GatewayError, GroupsUnknown, ProviderUnavailable
from tests.forges.oidc import LEAVE_OUT, OidcForge
from tests.providers.conftest import OidcSignIn

OID = "5f3ad2e1-0000-4000-8000-0123456789ab"
MANY = [str(UUID(int=number)) for number in range(300)]
POINTER = {
    "_claim_names": {"groups": "src1"},
    "_claim_sources": {"src1": {"endpoint": "http://169.254.169.254/latest/meta-data/"}},
}
Begin = Callable[..., OidcSignIn]


@pytest.fixture
def olga(begin_oidc: Begin, op: OidcForge) -> Callable[..., OidcSignIn]:
    """Olga has left for her provider."""

    def begin(**changes: Any) -> OidcSignIn:
        del op.person["groups"]
        op.person |= {"oid": OID, **POINTER}
        op.graph = {"groups": list(MANY), "asked": []}
        return begin_oidc(**{"graph": op.base, **changes})

    return begin


def refused(sign_in: OidcSignIn) -> GatewayError:
    with pytest.raises(GatewayError) as caught:
        sign_in.returns()
    return caught.value


def test_distributed_claims_all_of_her_groups_are_looked_up(olga: Begin) -> None:
    sign_in = olga()
    assert sign_in.arrives().groups == set(MANY)
    path, scope, question = sign_in.op.graph["asked"][0]
    assert path == f"/v1.0/users/{OID}/getMemberGroups"
    assert scope == f"{sign_in.op.base}/.default"
    assert question == {"securityEnabledOnly": False}
    assert sign_in.op.hits["/userinfo"] == 0  # nobody gives half an answer


def test_aggregated_claims_of_the_token_are_not_read(olga: Begin, op: OidcForge) -> None:
    op.person["_claim_sources"] = {"src1": {"JWT": "eyJhbGciOiJub25lIn0.eyJncm91cHMiOlsiYXdzLWFkbWlucyJdfQ."}}
    assert "aws-admins" not in olga().arrives().groups


def test_without_graph_she_is_refused_and_told_why(olga: Begin) -> None:
    no = refused(olga(graph=""))
    assert isinstance(no, GroupsUnknown)
    assert no.reason == "oidc.groups-overage"
    assert "more groups" in no.sentence


def test_a_flag_is_enough_to_ask(olga: Begin, op: OidcForge) -> None:
    sign_in = olga()
    del op.person["_claim_names"]
    op.person["hasgroups"] = "true"
    assert sign_in.arrives().groups == set(MANY)


def test_whoever_fits_into_the_token_is_not_looked_up(begin_oidc: Begin, op: OidcForge) -> None:
    assert begin_oidc(graph=op.base).arrives().groups == {"aws-dev", "everyone"}
    assert op.graph["asked"] == []


@pytest.mark.parametrize("oid", [LEAVE_OUT, "", "me", f"{OID}/../x", OID.upper(), f"{OID}\n", 7, [OID], "../" + OID])
def test_the_object_id_is_a_guid_or_nothing_is_asked(olga: Begin, oid: Any) -> None:
    sign_in = olga()
    sign_in.op.twist.claims["oid"] = oid
    assert refused(sign_in).reason == "oidc.graph-oid"
    assert sign_in.op.graph["asked"] == []


def test_only_a_signed_object_id_counts(olga: Begin) -> None:
    sign_in = olga()
    sign_in.op.twist.claims |= {"oid": LEAVE_OUT, "_claim_names": LEAVE_OUT}
    sign_in.op.userinfo_claims = {"oid": OID, **POINTER}
    assert refused(sign_in).reason == "oidc.graph-oid"


@pytest.mark.parametrize(
    "answer",
    [
        {"value": [str(UUID(int=number)) for number in range(1001)]},
        {"value": [*MANY, "aws-admins"]},
        {"value": [*MANY, 7]},
        {"value": "aws-admins"},
        {"value": LEAVE_OUT},
        {"value": None},
        {"@odata.nextLink": "https://graph.microsoft.com/next"},
    ],
)
def test_an_answer_that_is_not_all_of_her_groups_is_none(olga: Begin, answer: dict[str, Any]) -> None:
    sign_in = olga()
    sign_in.op.twist.graph_response = answer
    no = refused(sign_in)
    assert isinstance(no, GroupsUnknown)
    assert no.reason == "oidc.graph-refused"
    assert "GroupMember.Read.All" in no.sentence


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("500", "oidc.graph"),
        ("429", "oidc.graph"),
        ("redirect", "oidc.graph"),
        ("large", "oidc.graph"),
        ("403", "oidc.graph-refused"),
        ("400", "oidc.graph-refused"),
        ("404", "oidc.graph-refused"),
        ("rubbish", "oidc.graph-refused"),
    ],
)
def test_graph_is_broken(olga: Begin, how: str, reason: str) -> None:
    sign_in = olga()
    sign_in.op.twist.broken = {f"/v1.0/users/{OID}/getMemberGroups": how}
    no = refused(sign_in)
    assert no.reason == reason
    assert isinstance(no, ProviderUnavailable if reason == "oidc.graph" else GroupsUnknown)


def test_the_gateways_own_token_is_kept_until_it_ends(olga: Begin) -> None:
    sign_in = olga()
    sign_in.arrives()
    sign_in.again().arrives()
    assert sign_in.op.hits["/token"] == 3  # two codes, one token of ours
    assert sign_in.provider.people.graph is not None
    endpoints = sign_in.provider.endpoints.get(sign_in.now)
    sign_in.provider.people.graph.groups(OID, endpoints, sign_in.now + timedelta(minutes=58))
    assert sign_in.op.hits["/token"] == 3
    sign_in.provider.people.graph.groups(OID, endpoints, sign_in.now + timedelta(minutes=59, seconds=1))
    assert sign_in.op.hits["/token"] == 4


def test_a_token_that_graph_does_not_take_is_not_tried_for_an_hour(olga: Begin) -> None:
    sign_in = olga()
    sign_in.arrives()
    sign_in.op.access_tokens.clear()
    assert refused(sign_in.again()).reason == "oidc.graph-refused"
    assert sign_in.again().arrives().groups == set(MANY)


def test_she_is_looked_up_again_at_a_refresh(olga: Begin, op: OidcForge) -> None:
    op.offers_refresh = True
    sign_in = olga()
    arrival = sign_in.returns()
    op.graph["groups"] = MANY[:250]
    renewal = sign_in.provider.renew(arrival.upstream, arrival.identity, sign_in.now)
    assert renewal is not None
    assert renewal.identity.groups == set(MANY[:250])
    op.twist.refresh_claims["oid"] = LEAVE_OUT
    with pytest.raises(GatewayError) as caught:
        sign_in.provider.renew(renewal.upstream, renewal.identity, sign_in.now)
    assert caught.value.reason == "oidc.graph-oid"


def test_groups_at_a_nested_path_are_looked_up_too(olga: Begin) -> None:
    """A path is looked for in the pointers by its first part."""
    assert olga(groups_claim="groups.of.her").arrives().groups == set(MANY)


@pytest.mark.parametrize(
    "address",
    [
        "http://graph.microsoft.com",
        "graph.microsoft.com",
        "https://graph.microsoft.com/v1.0",
        "https://graph.microsoft.com?x=1",
        "https://user:password@graph.microsoft.com",
        "https://169.254.169.254",
        "http://[",
    ],
)
def test_an_address_of_graph_that_may_not_be(begin_oidc: Begin, address: str) -> None:
    with pytest.raises(ConfigurationProblems, match="provider okta: graph"):
        begin_oidc(graph=address)


def test_graph_at_a_private_address_needs_the_operators_word(begin_oidc: Begin) -> None:
    with pytest.raises(ConfigurationProblems, match="graph"):
        begin_oidc(graph="http://127.0.0.1:9", allow_private_network=False)
