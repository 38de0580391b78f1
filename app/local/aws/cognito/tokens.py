"""ID tokens that Cognito itself signs, for its own two flows and for STS.

AWS signs with RS512 and keys of its own; here the key is made when it is first needed and kept with the world.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.local.aws.cognito.things import Identity, IdentityPool
from app.local.aws.policy.shared_issuers import SHARED_ISSUERS
from app.local.aws.refusals import bad_token, expired
from app.local.aws.sts.id_token import Token
from app.local.aws.world import World

AUTHENTICATED = "authenticated"
_ALGORITHM = "RS512"
_TAGS = "https://aws.amazon.com/tags"
ISSUERS = frozenset(f"https://{host}" for host in SHARED_ISSUERS)


def host_of(partition: str) -> str:
    """The issuer's name, which is also what trust policies call it."""
    return next(host for host, found in SHARED_ISSUERS.items() if found == partition)


def signed(
    world: World,
    pool: IdentityPool,
    identity: Identity,
    providers: Sequence[str],
    now: datetime,
    seconds: int,
    tags: Mapping[str, str] | None = None,
) -> str:
    """`amr` says that somebody is authenticated, and by whom."""
    today = int(now.timestamp())
    claims: dict[str, Any] = {
        "sub": identity.id,
        "aud": pool.id,
        "amr": [AUTHENTICATED, *providers],
        "iss": f"https://{host_of(pool.partition)}",
        "iat": today,
        "exp": today + seconds,
    }
    if tags:
        claims[_TAGS] = {"principal_tags": {key: [value] for key, value in tags.items()}}
    header = {"alg": _ALGORITHM, "typ": "JWS", "kid": "local-1"}
    return str(jws.serialize_compact(header, json.dumps(claims).encode(), _key(world), algorithms=[_ALGORITHM]))


def verified(world: World, token: str, now: datetime) -> Token:
    """Raises InvalidIdentityToken or ExpiredTokenException."""
    try:
        claims = json.loads(jws.deserialize_compact(token, _key(world), algorithms=[_ALGORITHM]).payload)
    except (JoseError, ValueError, TypeError):
        raise bad_token("Token signature invalid") from None
    today = int(now.timestamp())
    if today >= claims["exp"]:
        raise expired(f"Token expired: {today} >= {claims['exp']}")
    return Token(claims["iss"], claims["sub"], claims["aud"], (claims["aud"],), claims)


def _key(world: World) -> RSAKey:
    with world.changing():
        if "cognito" not in world.signing_keys:
            made = RSAKey.generate_key(2048, private=True)
            world.signing_keys["cognito"] = made.as_pem(private=True).decode()
        return RSAKey.import_key(world.signing_keys["cognito"])
