"""AWS's own claims in an ID token: tags, source identity, roles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.local.aws.refusals import bad_token
from app.local.aws.sts.carried import NAME, Carried, check_tags, check_transitive

PREFIX = "https://aws.amazon.com/"
_NESTED = PREFIX + "tags"
_FLAT_TAG = PREFIX + "tags/principal_tags/"
_FLAT_KEYS = PREFIX + "tags/transitive_tag_keys"


def carried_by(claims: Mapping[str, Any]) -> Carried:
    """Tags nested (each value a list of one) or flattened (each value a string). Raises InvalidIdentityToken."""
    pairs, transitive = _nested(claims) if _NESTED in claims else _flat(claims)
    check_tags(pairs)
    identity = claims.get(PREFIX + "source_identity")
    if identity is not None and not (isinstance(identity, str) and NAME.fullmatch(identity)):
        raise bad_token('Source Identity must match [a-zA-Z_0-9+=,.@-]{2,64} and not begin with "aws:"')
    return Carried(dict(pairs), check_transitive(transitive, dict(pairs)), identity or "")


def authorized_by_idp(claims: Mapping[str, Any], role_arn: str) -> bool:
    """False when the claim is absent. Raises when it is there and does not name the role, exactly: no wildcards."""
    raw = claims.get(PREFIX + "roles")
    if raw is None:
        return False
    if role_arn not in (raw if isinstance(raw, list) else [raw]):
        raise bad_token("The target role ARN is not present in the roles claim of the identity token")
    return True


def _nested(claims: Mapping[str, Any]) -> tuple[list[tuple[str, str]], list[str]]:
    raw = claims[_NESTED]
    if not isinstance(raw, Mapping) or not isinstance(raw.get("principal_tags", {}), Mapping):
        raise _malformed()
    pairs = []
    for key, values in raw.get("principal_tags", {}).items():
        if not isinstance(values, list) or len(values) != 1 or not isinstance(values[0], str):
            raise _malformed()
        pairs.append((key, values[0]))
    return pairs, _keys(raw.get("transitive_tag_keys", []))


def _flat(claims: Mapping[str, Any]) -> tuple[list[tuple[str, str]], list[str]]:
    pairs = [(name.removeprefix(_FLAT_TAG), value) for name, value in claims.items() if name.startswith(_FLAT_TAG)]
    if not all(isinstance(value, str) for _, value in pairs):
        raise _malformed()
    return pairs, _keys(claims.get(_FLAT_KEYS, []))


def _keys(raw: object) -> list[str]:
    if not isinstance(raw, list) or not all(isinstance(item, str) for item in raw):
        raise _malformed()
    return raw


def _malformed() -> Exception:
    return bad_token("The tags claim of the identity token is malformed")
