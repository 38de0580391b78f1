"""More than "who is it": a second factor, a fresh sign-in. What is asked, and that it was given.

A provider may ignore every one of these parameters (`acr_values` is voluntary, Core 3.1.2.1), so that only
its signed answer counts, and what was asked is remembered with the attempt: whoever strips `max_age` from
the address bar still comes back to an attempt that asked for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.core.identity import Identity
from app.core.needs import Needs
from app.providers.arrival import Asked
from app.providers.oidc.claims import Claims
from app.providers.refusals import refused, step_up_age, step_up_mfa
from app.providers.settings import OidcSettings

_MOST_HINT = 256  # characters; more is nobody's e-mail address


def parameters(asked: Asked, settings: OidcSettings) -> dict[str, str]:
    """What goes into the authorization request (Core 3.1.2.1)."""
    needs, more = asked.needs, dict[str, str]()
    if needs.max_age is not None:
        more |= {"max_age": str(_seconds(needs.max_age)), "prompt": "login"}
    if needs.mfa and settings.mfa_acr:
        more["acr_values"] = " ".join(settings.mfa_acr)
    elif needs.mfa:  # it cannot be asked for by name; a new sign-in at least offers it
        more["prompt"] = "login"
    if asked.login_hint and len(asked.login_hint) <= _MOST_HINT:
        more["login_hint"] = asked.login_hint
    return more


def remembered(needs: Needs) -> dict[str, str]:
    """What the attempt keeps of it."""
    kept = {"mfa": "asked"} if needs.mfa else {}
    return kept if needs.max_age is None else {**kept, "max_age": str(_seconds(needs.max_age))}


def check_given(kept: Mapping[str, str], signed: Claims, identity: Identity, settings: OidcSettings) -> None:
    """Raises SignInRefused for an answer that lacks what the attempt asked for."""
    needs = _needs(kept)
    if needs.max_age is not None and "auth_time" not in signed:  # then it is required (Core 2), and `iat` will not do
        raise step_up_age("oidc", settings.label, "auth_time")
    if not Needs(max_age=needs.max_age).met_on_arrival(identity, identity.verified_at):
        raise step_up_age("oidc", settings.label)
    if needs.mfa and not identity.mfa:
        raise step_up_mfa("oidc", settings.label, _counted(settings))


def is_mfa(signed: Claims, settings: OidcSettings) -> bool:
    """Did the provider sign that it saw more than a password, in words that the operator listed?"""
    context = signed.get("acr")
    if context is not None and not isinstance(context, str):
        raise refused("oidc.acr")
    return bool(_methods(signed) & set(settings.mfa_amr)) or context in settings.mfa_acr


def _methods(signed: Claims) -> set[str]:
    methods = signed.get("amr", [])
    if not isinstance(methods, list) or not all(isinstance(method, str) for method in methods):
        raise refused("oidc.amr")
    return set(methods)


def _needs(kept: Mapping[str, str]) -> Needs:
    seconds = kept.get("max_age")
    if seconds is not None and not (seconds.isascii() and seconds.isdigit() and len(seconds) < 10):
        raise refused("oidc.attempt")
    return Needs("mfa" in kept, None if seconds is None else timedelta(seconds=int(seconds)))


def _counted(settings: OidcSettings) -> str:
    ways = [("amr", settings.mfa_amr), ("acr", settings.mfa_acr)]
    said = [f"{claim} {', '.join(values)}" for claim, values in ways if values]
    return " or ".join(said) or "something that the configuration of this gateway does not name (mfa_amr, mfa_acr)"


def _seconds(age: timedelta) -> int:
    return max(0, int(age.total_seconds()))
