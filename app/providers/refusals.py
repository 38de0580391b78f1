"""The words with which a sign-in is refused: one table, so that no check invents its own.

Everything that a forger could learn from (signature, structure, decryption, keys, issuer, audience)
has the same sentence; the reason goes to the audit only. Sentences differ where they help an honest
person and tell a forger nothing he did not put there himself.
"""

from __future__ import annotations

from types import MappingProxyType

from app.errors import GroupsUnknown, ProviderUnavailable, SignInRefused

UNVERIFIED = (
    "The answer of your identity provider could not be verified. Please sign in again; "
    "if it happens again, tell your administrator the reference below."
)
_CLOCK = (
    "The answer of your identity provider has expired or is not valid yet. Please sign in again; "
    "if it happens every time, a clock is wrong: tell your administrator."
)
_LATE = "Signing in took longer than ten minutes. Please start again."
_CANCELLED = "You cancelled, or your identity provider did not let you in. You can try again."
_THEIRS = "Your identity provider reported a problem of its own. Please try again in a minute."
_ENCRYPTED = (
    "Your identity provider encrypted its answer, and this gateway has no key for that. "
    "Your administrator can turn assertion encryption off at the provider."
)
_TRANSIENT = (
    "Your identity provider gave you a name that changes at every sign-in (a transient NameID). "
    "Your administrator can choose a persistent one at the provider."
)
_TWICE = (
    "Your identity provider sent the same attribute twice. Your administrator can have it send one attribute with "
    "several values instead."
)
_CLIENT = (
    "Your identity provider does not know this gateway, or not by this secret. "
    "Your administrator can check the client id and the client secret."
)
_TOO_LONG = (
    "The answers of your identity provider stay valid for longer than this gateway accepts. Your administrator can "
    "shorten them at the provider, or allow more with max_validity_minutes."
)
_TOO_LARGE = "The answer of your identity provider is too large. Your administrator can send fewer groups."

_SENTENCES = MappingProxyType(
    {
        "saml.expired": _CLOCK,
        "saml.too-early": _CLOCK,
        "saml.session-expired": _CLOCK,
        "saml.started-too-long-ago": _LATE,
        "saml.cancelled": _CANCELLED,
        "saml.provider-error": _THEIRS,
        "saml.encrypted": _ENCRYPTED,
        "saml.transient-subject": _TRANSIENT,
        "saml.validity-too-long": _TOO_LONG,
        "saml.attribute-twice": _TWICE,
        "saml.too-large": _TOO_LARGE,
        "saml.too-many-groups": _TOO_LARGE,
        "oidc.expired": _CLOCK,
        "oidc.too-early": _CLOCK,
        "oidc.started-too-long-ago": _LATE,
        "oidc.cancelled": _CANCELLED,
        "oidc.provider-error": _THEIRS,
        "oidc.client-refused": _CLIENT,
        "oidc.token-too-large": _TOO_LARGE,
        "oidc.too-many-groups": _TOO_LARGE,
    }
)


def refused(reason: str) -> SignInRefused:
    """The refusal for a reason; the common sentence unless the table has a better one."""
    return SignInRefused(_SENTENCES.get(reason, UNVERIFIED), reason=reason)


def groups_missing(kind: str, label: str, expected: str) -> GroupsUnknown:
    """Missing is not empty: yesterday's groups are never kept, and none are assumed."""
    what = "attribute" if kind == "saml" else "claim"
    return GroupsUnknown(
        f"{label} did not say which groups you are in: the {what} “{expected}” was expected and did not come. "
        f"Your administrator can have {label} send it.",
        reason=f"{kind}.groups-missing",
    )


def groups_overage(kind: str, label: str) -> GroupsUnknown:
    """Entra ID's answer for people in more groups than fit: a pointer, which is never followed (SSRF)."""
    return GroupsUnknown(
        f"You are in more groups than {label} puts into one answer, so it sent none. "
        "Your administrator can have it send only the groups assigned to this application.",
        reason=f"{kind}.groups-overage",
    )


def value_missing(kind: str, label: str, expected: str) -> SignInRefused:
    """A name that CloudTrail is to show is never replaced by another without the operator's word."""
    what = "attribute" if kind == "saml" else "claim"
    return SignInRefused(
        f"{label} did not say what you are called: exactly one value of the {what} “{expected}” was expected. "
        f"Your administrator can have {label} send it, or choose another in the configuration.",
        reason=f"{kind}.name-missing",
    )


def unavailable(label: str, reason: str) -> ProviderUnavailable:
    return ProviderUnavailable(f"{label} cannot be reached at the moment. Please try again in a minute.", reason=reason)
