"""The world in a JSON file, so that a restart of the local stack keeps roles, buckets and sessions.

The file holds secrets: it is written with mode 0600, beside its place, and moved there in one step.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from app.local.aws import session, things
from app.local.aws.cognito import things as cognito
from app.local.aws.world import World

_KINDS: Mapping[str, type] = {
    kind.__name__: kind
    for kind in (
        things.Account, things.PolicyChange, things.Role, things.User, things.AccessKey, things.SamlProvider,
        things.ManagedPolicy, things.MfaDevice, things.OidcProvider, things.StoredObject, things.Bucket,
        session.Session, cognito.IdentityPool, cognito.RoleMapping, cognito.RoleRule, cognito.Identity,
    )
}  # fmt: skip
_PARTS = (
    "accounts", "roles", "users", "keys", "policies", "mfa_devices", "saml_providers", "oidc_providers", "buckets",
    "sessions", "identity_pools", "identities", "signing_keys",
)  # fmt: skip
_ALWAYS = frozenset({"accounts", "roles", "users", "keys", "sessions"})


def save(world: World, file: Path) -> None:
    with world.changing():
        text = json.dumps({part: _plain(getattr(world, part)) for part in _PARTS})
        draft = file.with_name(file.name + ".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as target:
            target.write(text)
        draft.replace(file)


def load(file: Path) -> World:
    """Raises ValueError or KeyError when the file is not ours. A file from before a part existed is ours too."""
    stored = json.loads(file.read_text())
    if missing := _ALWAYS - stored.keys():
        raise ValueError(f"{file.name} is not a kept world: {', '.join(sorted(missing))} missing")
    return World(**{part: _typed(stored[part]) for part in _PARTS if part in stored})


def saver(world: World, file: Path | None) -> Callable[[], None]:
    return (lambda: None) if file is None else (lambda: save(world, file))


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return {"$time": value.isoformat()}
        case bytes():
            return {"$bytes": base64.b64encode(value).decode()}
        case session.Kind():
            return {"$kind": value.value}
        case tuple():
            return {"$tuple": [_plain(item) for item in value]}
        case dict():
            return {"$map": [[key, _plain(item)] for key, item in value.items()]}
        case _ if is_dataclass(value) and not isinstance(value, type):
            return {"$": type(value).__name__, **{f.name: _plain(getattr(value, f.name)) for f in fields(value)}}
        case _:
            return value


def _typed(value: Any) -> Any:
    match value:
        case {"$time": text}:
            return datetime.fromisoformat(text)
        case {"$bytes": text}:
            return base64.b64decode(text)
        case {"$kind": text}:
            return session.Kind(text)
        case {"$tuple": items}:
            return tuple(_typed(item) for item in items)
        case {"$map": pairs}:
            return {key: _typed(item) for key, item in pairs}
        case {"$": kind, **parts}:
            return _KINDS[kind](**{str(name): _typed(item) for name, item in parts.items()})
        case _:
            return value
