"""The choice that a person makes on the page, read from its form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.local import cast
from app.local.idp.refusals import RefusedRequest

PASSWORD_CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
MFA_CONTEXT = "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"

NOBODY = "nobody"  # the button that sends the person back without signing in


@dataclass(frozen=True, slots=True)
class Pick:
    """Somebody signed in: who, when, and whether they said that a second factor took part."""

    member: cast.CastMember
    at: datetime
    mfa: bool

    @property
    def context(self) -> str:
        """The SAML authentication context class; also the OIDC `acr`."""
        return MFA_CONTEXT if self.mfa else PASSWORD_CONTEXT

    @property
    def methods(self) -> list[str]:
        """The OIDC `amr` (RFC 8176)."""
        return ["pwd", "otp", "mfa"] if self.mfa else ["pwd"]


def read(form: Mapping[str, str], now: datetime) -> Pick | None:
    """The pick in a posted form; None when the person chose to be nobody.

    Raises RefusedRequest when the form names somebody who is not of the cast.
    """
    key = form.get("person", "")
    if key == NOBODY:
        return None
    member = cast.find(key)
    if member is None:
        raise RefusedRequest("Pick one of the people on the page.", reason="person")
    return Pick(member, now, mfa=bool(form.get("mfa")))
