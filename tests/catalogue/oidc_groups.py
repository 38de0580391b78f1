"""OpenID Connect, section 2.4: groups, in the shapes in which providers send them or do not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tests.catalogue.homes import Homes, OidcHome
from tests.catalogue.oidc_recipes import Twists, admits, home, refuses
from tests.catalogue.row import Row
from tests.catalogue.visits import OidcVisit
from tests.forges.oidc import LEAVE_OUT, OidcForge

_ID = "oidcc-client-test"
_MANY = [str(UUID(int=number)) for number in range(300)]
_POINTER = {
    "_claim_names": {"groups": "s"},
    "_claim_sources": {"s": {"endpoint": "http://169.254.169.254/latest/meta-data/"}},
}


def _too_many(op: OidcForge) -> None:
    """Somebody in three hundred groups: the token has a pointer instead, and Graph knows them."""
    del op.person["groups"]
    op.person |= {"oid": "5f3ad2e1-0000-4000-8000-0123456789ab", **_POINTER}
    op.graph = {"groups": list(_MANY), "asked": []}


HOMES: Homes = {
    "op-path": home(more='groups_claim = "realm_access.roles"'),
    "op-url": home(more='groups_claim = "https://example.com/claims.groups"'),
    "op-graph": OidcHome(_too_many, 'graph = "{base}"', alone=True),
}


def rows() -> Iterator[Row]:
    yield admits(
        "2.4 overage, looked up at the configured Graph and nowhere else", at="op-graph", groups=sorted(_MANY)[:200]
    )
    pointer = {"_claim_names": {"groups": "s"}, "_claim_sources": {"s": {"endpoint": "http://127.0.0.1:1/"}}}
    inside = {"_claim_names": {"groups": "s"}, "_claim_sources": {"s": {"JWT": "e30.e30."}}}
    yield refuses(f"{_ID}-distributed-claims, 2.4 overage", "oidc.groups-overage", _gives(LEAVE_OUT, **pointer))
    yield refuses(f"{_ID}-aggregated-claims", "oidc.groups-overage", _gives(LEAVE_OUT, **inside))
    yield refuses("2.4 overage, hasgroups", "oidc.groups-overage", _gives(LEAVE_OUT, hasgroups=True))
    yield refuses("2.4 groups missing", "oidc.groups-missing", _asks_userinfo({}))
    yield admits("2.4 control no groups", _gives([]), groups=[])
    for groups in ("aws-dev", "aws-dev,aws-admins", {"aws-dev": True}, ["aws-dev", 7], [["aws-dev"]], None, True, [""]):
        yield refuses(f"2.4 groups of another type {_said(groups)}", "oidc.groups-type", _gives(groups))
    for group in ("aws-dev ", "aws\u200b-dev", "aws-\u202edev", "g" * 257, "e\u0301", "a\x00b"):
        yield refuses(f"2.4 a group {group!a:.20}", "oidc.groups-type", _gives([group]))
    yield admits("2.4 a path is one name, not several", _gives(["/a/b"]), groups=["/a/b"])
    yield admits("2.4 control 1000 groups", _gives([f"g{n}" for n in range(1000)]))
    yield refuses("2.4 1001 groups", "oidc.too-many-groups", _gives([f"g{n}" for n in range(1001)]))
    roles = {"realm_access": {"roles": ["aws-dev"]}}
    yield admits("2.4 nested path", _gives(LEAVE_OUT, **roles), "op-path", groups=["aws-dev"])
    claims = {"https://example.com/claims": {"groups": ["aws-dev"]}}
    yield admits("2.4 a path with dots in its keys", _gives(LEAVE_OUT, **claims), "op-url", groups=["aws-dev"])
    flat = _asks_userinfo({"realm_access": ["aws-dev"]})
    yield refuses("2.4 a path that ends early", "oidc.groups-missing oidc.groups-type", flat, "op-path")


def _gives(groups: Any, **claims: Any) -> Twists:
    def twist(op: OidcForge, _visit: OidcVisit) -> None:
        op.twist.claims.update(groups=groups, **claims)

    return twist


def _asks_userinfo(claims: dict[str, Any]) -> Twists:
    """Without groups in the token userinfo is rightly asked, and says no more."""

    def twist(op: OidcForge, visit: OidcVisit) -> None:
        op.person.pop("groups", None)
        op.twist.claims.update(claims)
        op.twist.userinfo = claims

    return twist


def _said(value: Any) -> str:
    return "absent" if value is LEAVE_OUT else f"{value!a:.24}"
