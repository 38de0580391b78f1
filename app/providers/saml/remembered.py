"""What a SAML sign-in asked for, as its attempt keeps it until the answer comes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from app.core.needs import Needs
from app.providers.refusals import refused

_MFA, _MAX_AGE = "mfa", "max_age"


def remembered(needs: Needs) -> dict[str, str]:
    kept = {_MFA: "asked"} if needs.mfa else {}
    return kept if needs.max_age is None else {**kept, _MAX_AGE: str(int(needs.max_age.total_seconds()))}


def needs_of(kept: Mapping[str, str]) -> Needs:
    """Raises SignInRefused for what `remembered` did not write."""
    age = kept.get(_MAX_AGE)
    if age is not None and not (age.isascii() and age.isdigit() and len(age) < 10):
        raise refused("saml.attempt")
    return Needs(_MFA in kept, None if age is None else timedelta(seconds=int(age)))
