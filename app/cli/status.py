"""`fedgate status`: who is signed in here, until when, and which credentials lie ready."""

from __future__ import annotations

import time
from typing import Any

from . import cached, login, output, profile_map, sign_in
from .failures import SIGN_IN, Failure, printable
from .gateway import Gateway


def run(gateway: str, ca_bundle: str, check: bool, as_json: bool, min_ttl: float = 0.0) -> int:
    """With `check` nothing is printed: 0 signed in, 4 not, or for fewer seconds than `min_ttl`; 3 when the gateway
    cannot be asked."""
    try:
        me = Gateway(gateway, ca_bundle).me()
    except Failure as failure:
        if check:
            return failure.code
        if as_json and failure.code == SIGN_IN:
            output.as_json({"signed_in": False, "gateway": gateway})
        raise
    if not check:
        show(gateway, me, as_json)
    return 0 if login.seconds_left(me) >= min_ttl else SIGN_IN


def show(gateway: str, me: dict[str, Any], as_json: bool) -> None:
    ready = credentials(gateway)
    if as_json:
        output.as_json({"signed_in": True, "gateway": gateway, **me, "credentials": ready})
        return
    for label, value in lines(gateway, me):
        output.data(f"{label:<12}{printable(value)}")
    output.data(f"{'credentials':<12}{len(ready) or 'none'} ready")
    for one in ready:
        name = one["profile"] or one["role_arn"]
        output.data(f"{'':<12}{printable(name)} until {output.until(one['expires_at'], time.time())}")


def lines(gateway: str, me: dict[str, Any]) -> list[tuple[str, str]]:
    provider, groups = me.get("provider"), me.get("groups")
    through = str(provider.get("label") or provider.get("id")) if isinstance(provider, dict) else "unknown"
    named = ", ".join(str(group) for group in groups) if isinstance(groups, list) else ""
    return [
        ("person", login.name_of(me)),
        ("through", through),
        ("groups", named or "none"),
        ("gateway", gateway),
        ("signed in", f"until {login.end_of(me)}"),
    ]


def credentials(gateway: str) -> list[dict[str, str]]:
    kept = sign_in.load(gateway)
    names = {one.role: one.name for one in profile_map.load() if one.gateway == gateway}
    found = cached.every(gateway, kept.id) if kept else []
    alive = [one for one in found if one.left(time.time()) > 0]
    return [
        {"profile": names.get(one.role, ""), "role_arn": one.role, "expires_at": output.zulu(one.expires)}
        for one in alive
    ]
