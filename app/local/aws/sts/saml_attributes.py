"""AWS's own attributes in an assertion: roles, session name, duration, tags, source identity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from app.local.aws import arns
from app.local.aws.refusals import bad_token
from app.local.aws.sts.carried import NAME, Carried, check_tags, check_transitive
from app.local.aws.sts.saml_signature import invalid_response

PREFIX = "https://aws.amazon.com/SAML/Attributes/"


@dataclass(frozen=True, slots=True)
class Offer:
    """`roles` are (role ARN, provider ARN); `seconds` can only shorten a session of the API."""

    roles: frozenset[tuple[str, str]]
    session_name: str
    seconds: int | None
    carried: Carried


def read_offer(attributes: Mapping[str, tuple[str, ...]]) -> Offer:
    """Raises InvalidIdentityToken, ValidationError or InvalidParameterValue."""
    name = _only(attributes, "RoleSessionName")
    if name is None or not name:
        raise bad_token("RoleSessionName is required in AuthnResponse")
    if not NAME.fullmatch(name):
        raise bad_token("RoleSessionName in AuthnResponse must match [a-zA-Z_0-9+=,.@-]{2,64}")
    return Offer(_roles(attributes), name, _seconds(attributes), _carried(attributes))


def _only(attributes: Mapping[str, tuple[str, ...]], name: str) -> str | None:
    values = attributes.get(PREFIX + name)
    if values is None:
        return None
    if len(values) != 1:
        raise invalid_response()
    return values[0]


def _roles(attributes: Mapping[str, tuple[str, ...]]) -> frozenset[tuple[str, str]]:
    values = attributes.get(PREFIX + "Role", ())
    if not values:
        raise invalid_response()
    return frozenset(_pair(value) for value in values)


def _pair(value: str) -> tuple[str, str]:
    """Role and provider in either order, joined by one comma, without blanks, of one account and partition."""
    found = [arns.parse(part) for part in value.split(",")]
    roles = [arn for arn in found if arn and arn.kind == "role"]
    providers = [arn for arn in found if arn and arn.kind == "saml-provider"]
    if len(found) != 2 or len(roles) != 1 or len(providers) != 1:
        raise invalid_response()
    if (roles[0].partition, roles[0].account) != (providers[0].partition, providers[0].account):
        raise invalid_response()
    return str(roles[0]), str(providers[0])


def _seconds(attributes: Mapping[str, tuple[str, ...]]) -> int | None:
    text = _only(attributes, "SessionDuration")
    if text is None:
        return None
    if not re.fullmatch("[0-9]{3,5}", text) or not 900 <= int(text) <= 43_200:
        raise bad_token("SessionDuration in AuthnResponse must be a number of seconds between 900 and 43200")
    return int(text)


def _carried(attributes: Mapping[str, tuple[str, ...]]) -> Carried:
    head = PREFIX + "PrincipalTag:"
    pairs = []
    for name, values in attributes.items():
        if name.startswith(head):
            if len(values) != 1:
                raise invalid_response()
            pairs.append((name.removeprefix(head), values[0]))
    check_tags(pairs)
    transitive = check_transitive(attributes.get(PREFIX + "TransitiveTagKeys", ()), dict(pairs))
    identity = _only(attributes, "SourceIdentity")
    if identity is not None and not NAME.fullmatch(identity):
        rule = 'Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"'
        raise bad_token(rule)
    return Carried(dict(pairs), transitive, identity or "")
