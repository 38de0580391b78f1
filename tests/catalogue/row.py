"""What a row of the catalogue is, and what makes its outcome good."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.catalogue.stage import Stage

UNVERIFIED = "The answer of your identity provider could not be verified."
NOTHING_SAID = "nothing-recorded"  # in the journal: there is nothing at this address, for anybody
_REFERENCE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}\b")
_NONCE = re.compile(r'nonce="[^"]*"')


class Verdict(StrEnum):
    IN = "in"  # signed in, as the person that the provider vouched for
    REFUSED = "refused"
    ENDED = "ended"  # a session that stood is over
    AWAY = "away"  # the provider cannot be used: told as such, 424, nobody signed in
    MISSING = "no answer"


# What helps an honest person, and tells a forger nothing that he did not put there himself.
OPEN = {
    "saml.expired": "expired or is not valid yet",
    "saml.too-early": "expired or is not valid yet",
    "saml.session-expired": "expired or is not valid yet",
    "oidc.expired": "expired or is not valid yet",
    "oidc.too-early": "expired or is not valid yet",
    "saml.validity-too-long": "valid for longer",
    "saml.cancelled": "You cancelled",
    "oidc.cancelled": "You cancelled",
    "saml.provider-error": "a problem of its own",
    "oidc.provider-error": "a problem of its own",
    "saml.encrypted": "encrypted its answer",
    "saml.transient-subject": "changes at every sign-in",
    "saml.attribute-twice": "the same attribute twice",
    "saml.too-large": "too large",
    "saml.too-many-groups": "too large",
    "oidc.token-too-large": "too large",
    "oidc.too-many-groups": "too large",
    "saml.groups-missing": "did not say which groups",
    "oidc.groups-missing": "did not say which groups",
    "saml.groups-overage": "in more groups",
    "oidc.groups-overage": "in more groups",
    "saml.name-missing": "did not say what you are called",
    "oidc.name-missing": "did not say what you are called",
    "oidc.client-refused": "client secret",
    "saml.logout.replay": "has been here already",
    "saml.logout.encrypted": "encrypted",
    "saml.logout.encryption-algorithm": "AES-GCM",
    "saml.encryption-algorithm": "encrypt",
    "saml.not-encrypted": "unencrypted",
    "saml.unasked": "sign in from this site",
    "saml.replay": "began in another browser",
    "signin.state": "began in another browser",
    "signin.ticket": "began in another browser",
    "signin.binding": "began in another browser",
    "saml.step-up-mfa": "second factor",
    "saml.step-up-age": "a fresh sign-in",
    "oidc.step-up-mfa": "second factor",
    "oidc.step-up-age": "a fresh sign-in",
    "oidc.step-up-refused": "second factor",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `reason` is the audit's, found by the reference on the page."""

    verdict: Verdict
    status: int = 0
    reason: str = ""
    body: str = ""
    milliseconds: float = 0.0
    session: bool = False  # the answer set a session cookie
    said: str = ""  # more that went wrong, of a row's own checks
    program: bool = False  # the answer went to a program, which reads a code and no sentence

    @property
    def shape(self) -> str:
        """The body but for what differs from one request to the next."""
        return _NONCE.sub("", _REFERENCE.sub("", self.body))


@dataclass(frozen=True, slots=True)
class Row:
    id: str
    expected: Verdict
    reasons: frozenset[str]  # of a refusal: one, or the few that mean the same
    act: Callable[[Stage], Outcome]

    def judge(self, got: Outcome, uniform: Mapping[str, str]) -> list[str]:
        """What is wrong with it; nothing if the row is as expected. `uniform`: the pages of all that nobody may learn
        from, without their reference, of a `sign-in` and of a `sign-out`."""
        wrong = [got.said] if got.said else []
        if got.verdict is not self.expected:
            wrong.append(f"{got.verdict} instead of {self.expected}")
        if got.status >= 500:
            wrong.append(f"status {got.status}")
        if self.expected is Verdict.AWAY and not got.reason.startswith(("saml.", "oidc.")):
            wrong.append(f"the journal does not say why: {got.reason}")
        if self.expected is Verdict.REFUSED:
            wrong += self._refusal(got, uniform)
        return wrong

    def _refusal(self, got: Outcome, uniform: Mapping[str, str]) -> list[str]:
        wrong = []
        if not 400 <= got.status < 500:
            wrong.append(f"status {got.status}")
        if got.reason not in self.reasons:
            wrong.append(f"reason {got.reason or 'none'} instead of {' or '.join(sorted(self.reasons))}")
        if got.session:
            wrong.append("a session cookie was set")
        if got.program:
            return wrong
        sentence = OPEN.get(got.reason)
        if got.reason == NOTHING_SAID and got.status == 404:
            return wrong
        shared = uniform["sign-out" if ".logout." in got.reason else "sign-in"]
        if sentence is None and got.shape != shared:
            wrong.append("the page is not the one that all refusals share")
        if sentence is not None and sentence not in got.body:
            wrong.append(f"the page does not say “{sentence}”")
        return wrong


def refused(name: str, reasons: str, act: Callable[[Stage], Outcome]) -> Row:
    """`reasons`: words of the audit, in one string."""
    return Row(name, Verdict.REFUSED, frozenset(reasons.split()), act)


def goes_in(name: str, act: Callable[[Stage], Outcome]) -> Row:
    return Row(name, Verdict.IN, frozenset(), act)


def away(name: str, act: Callable[[Stage], Outcome]) -> Row:
    return Row(name, Verdict.AWAY, frozenset(), act)


def ends(name: str, act: Callable[[Stage], Outcome]) -> Row:
    return Row(name, Verdict.ENDED, frozenset(), act)
