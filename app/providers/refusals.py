"""The words with which a sign-in is refused: one table, so that no check invents its own.

Everything that a forger could learn from (signature, structure, decryption, keys, issuer, audience)
has the same sentence; the reason goes to the audit only. Sentences differ where they help an honest
person and tell a forger nothing he did not put there himself.
"""

from __future__ import annotations

from types import MappingProxyType

from app.errors import GroupsUnknown, ProviderUnavailable, SignInRefused, SignOutRefused
from app.providers.text import MOST_GROUPS

UNVERIFIED = (
    "The answer of your identity provider could not be verified. Please sign in again; "
    "if it happens again, tell your administrator the reference below."
)
UNPROVEN = (
    "A message of your identity provider about signing out could not be verified, so nothing was done with it. "
    "To be sure that you are signed out, sign out here and at your identity provider."
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
_WEAKLY_ENCRYPTED = (
    "Your identity provider encrypts in a way that others can break (AES-CBC or RSA 1.5). "
    "Your administrator can choose AES-GCM with RSA-OAEP at the provider, or read about allow_cbc_encryption."
)
_NOT_ENCRYPTED = (
    "Your identity provider sent its answer unencrypted, and this gateway is set to take encrypted ones only. "
    "Your administrator can turn assertion encryption on at the provider, or require_encryption off here."
)
_UNASKED = (
    "Your identity provider sent you here by itself, and sign-ins that begin there are turned off. "
    "Please sign in from this site; your administrator can turn them on with idp_initiated."
)
_NO_SUCH_CONTEXT = (
    "Your identity provider could not sign you in the way that what you asked for needs, such as with a second factor. "
    "Please set one up there, or tell your administrator."
)
_TRANSIENT = (
    "Your identity provider gave you a name that changes at every sign-in (a transient NameID). "
    "Your administrator can choose a persistent one at the provider."
)
_ENCRYPTED_NAME = (
    "Your identity provider encrypted the name in its sign-out message, and this gateway has no key for that. Your "
    "administrator can turn the encryption of name identifiers off at the provider."
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
_NO_STEP_UP = (
    "Your identity provider says that it cannot ask you for the second factor that is needed here. "
    "Your administrator can check that you have one there, and the values of mfa_acr."
)
_OVER = "Your identity provider has ended your sign-in. Please sign in again."
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
        "saml.encryption-algorithm": _WEAKLY_ENCRYPTED,
        "saml.not-encrypted": _NOT_ENCRYPTED,
        "saml.unasked": _UNASKED,
        "saml.step-up-mfa": _NO_SUCH_CONTEXT,
        "saml.transient-subject": _TRANSIENT,
        "saml.validity-too-long": _TOO_LONG,
        "saml.attribute-twice": _TWICE,
        "saml.too-large": _TOO_LARGE,
        "saml.too-many-groups": _TOO_LARGE,
        "saml.logout.encrypted": _ENCRYPTED_NAME,
        "saml.logout.encryption-algorithm": _WEAKLY_ENCRYPTED,
        "oidc.expired": _CLOCK,
        "oidc.too-early": _CLOCK,
        "oidc.started-too-long-ago": _LATE,
        "oidc.cancelled": _CANCELLED,
        "oidc.provider-error": _THEIRS,
        "oidc.client-refused": _CLIENT,
        "oidc.token-too-large": _TOO_LARGE,
        "oidc.too-many-groups": _TOO_LARGE,
        "oidc.refresh-over": _OVER,
        "oidc.step-up-refused": _NO_STEP_UP,
    }
)


def refused(reason: str) -> SignInRefused:
    """The refusal for a reason; the common sentence unless the table has a better one."""
    if ".logout." in reason:
        return SignOutRefused(_SENTENCES.get(reason, UNPROVEN), reason=reason)
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


def overage_unanswered(label: str, reason: str) -> GroupsUnknown:
    """The look-up of somebody with too many groups did not give all of them; some of them are not an answer."""
    return GroupsUnknown(
        f"You are in more groups than {label} puts into one answer, and looking them up did not work. Your "
        "administrator can check that this gateway's application has the permission GroupMember.Read.All (of the "
        f"application, consented) and that you are in no more than {MOST_GROUPS} groups.",
        reason=reason,
    )


def step_up_mfa(kind: str, label: str, expected: str) -> SignInRefused:
    """`expected`: what would have counted as a second factor, in the words of the protocol."""
    return SignInRefused(
        f"{label} signed you in but did not say that you used a second factor, and what you asked for needs one. "
        "Please try again with your second factor. If you did use it, tell your administrator that "
        f"{expected} was expected.",
        reason=f"{kind}.step-up-mfa",
    )


def step_up_age(kind: str, label: str, missing: str = "") -> SignInRefused:
    """`missing`: the protocol's word for the time of a sign-in, where the answer did not have it at all."""
    what = (
        f"{label} did not say when you last signed in there (“{missing}”), and what you asked for needs a fresh "
        f"sign-in. Your administrator can have {label} send it."
        if missing
        else f"What you asked for needs a fresh sign-in, and {label} let you in with an older one. Please try again; "
        f"if it happens every time, sign out at {label} first and tell your administrator."
    )
    return SignInRefused(what, reason=f"{kind}.step-up-age")


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
