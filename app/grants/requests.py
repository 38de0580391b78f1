"""What the CLI asks, parsed: an authorization request, or the beginning of a device sign-in.

What does not parse never gets a redirect: the address to redirect to is part of what was wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from app.core.needs import Needs
from app.errors import InvalidRequest
from app.sessions.session import FEDGATE

CLIENT_ID = "fedgate-cli"
# RFC 8252 sections 7.3 and 8.3: the loopback literal (a name could be pointed elsewhere), any port, our one path.
# IPv4 only: a Content-Security-Policy cannot name an IPv6 address, and the answer's redirect must pass form-action.
_REDIRECT_URI = re.compile(r"http://127\.0\.0\.1:(?P<port>[1-9][0-9]{0,4})/callback")
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
# Anybody can send a link to the question, or a code for it. A name that is a sentence ("is up to date. Press the
# button") would speak there with our voice, so only what a computer may be called is shown.
# Between words stands nothing that a word may have (as `_`): read in two ways each, sixty of them took weeks.
_COMPUTER = re.compile(r"\w+(?:[ .'\u2019-]\w+)*")
_BEGIN_AGAIN = "Run `fedgate login` again."
MFA = "mfa"  # our one value of acr_values; others are passed over, since they are wishes (OpenID Connect Core, 3.1.2.1)
# Seconds. Below a minute nobody would come back from the provider in time; above a day it says nothing.
_YOUNGEST, _OLDEST = 60, 86_400


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """`client`: which program the tokens are for (`sessions.session`). `client_id`: as it registered; a tool of AWS's
    has another one for each of its registrations."""

    redirect_uri: str
    state: str
    code_challenge: str
    device: str  # the terminal's own name for itself: shown to the person, never trusted
    needs: Needs = field(default_factory=Needs)  # how the person must have signed in (RFC 9470)
    client: str = FEDGATE
    client_id: str = CLIENT_ID

    @classmethod
    def parse(cls, query: Mapping[str, str]) -> AuthorizationRequest:
        """Raises InvalidRequest."""
        if query.get("client_id") != CLIENT_ID or query.get("response_type") != "code":
            raise InvalidRequest(f"This is not a request of the fedgate CLI. {_BEGIN_AGAIN}", reason="oauth.client")
        redirect_uri = query.get("redirect_uri", "")
        found = _REDIRECT_URI.fullmatch(redirect_uri)
        if found is None or int(found["port"]) > 65535:
            sentence = f"The terminal's address is not a loopback one. {_BEGIN_AGAIN}"
            raise InvalidRequest(sentence, reason="oauth.redirect")
        challenge = _challenge(query)
        state = query.get("state", "")
        if not 8 <= len(state) <= 512 or not state.isascii():
            raise InvalidRequest(f"The request has no usable state. {_BEGIN_AGAIN}", reason="oauth.state")
        return cls(redirect_uri, state, challenge, _device(query), needs_of(query))

    def answer(self, issuer: str, **values: str) -> str:
        """The loopback address with our answer, which always says who answers (RFC 9207)."""
        return f"{self.redirect_uri}?{urlencode({**values, 'state': self.state, 'iss': issuer})}"

    def fields(self) -> dict[str, str]:
        """To carry the request through the page; it is parsed again on the way back."""
        return {
            "client_id": self.client_id,
            "response_type": "code",
            "redirect_uri": self.redirect_uri,
            "state": self.state,
            "code_challenge": self.code_challenge,
            "code_challenge_method": "S256",
            "device_name": self.device,
            **asked_of(self.needs),
        }


@dataclass(frozen=True, slots=True)
class DeviceRequest:
    """RFC 8628 section 3.1, with PKCE: a device code that is read on its way must not be worth a sign-in."""

    code_challenge: str
    device: str
    needs: Needs = field(default_factory=Needs)
    client: str = FEDGATE

    @classmethod
    def parse(cls, form: Mapping[str, str]) -> DeviceRequest:
        """Raises InvalidRequest. The client has been checked."""
        return cls(_challenge(form), _device(form), needs_of(form))


def _challenge(query: Mapping[str, str]) -> str:
    challenge = query.get("code_challenge", "")
    if query.get("code_challenge_method") != "S256" or not _CHALLENGE.fullmatch(challenge):
        raise InvalidRequest(f"The request has no PKCE challenge (S256). {_BEGIN_AGAIN}", reason="oauth.pkce")
    return challenge


def _device(query: Mapping[str, str]) -> str:
    """Empty for what is no computer's name."""
    name = "".join(c for c in query.get("device_name", "")[:64] if c.isprintable())
    return name if _COMPUTER.fullmatch(name) else ""


def needs_of(query: Mapping[str, str]) -> Needs:
    """Raises InvalidRequest."""
    said = query.get("max_age", "")
    if said and not (said.isascii() and said.isdigit() and len(said) <= 5 and _YOUNGEST <= int(said) <= _OLDEST):
        sentence = f"The age of the sign-in (max_age) is from {_YOUNGEST} to {_OLDEST} seconds. {_BEGIN_AGAIN}"
        raise InvalidRequest(sentence, reason="oauth.max_age")
    return Needs(MFA in query.get("acr_values", "").split(), timedelta(seconds=int(said)) if said else None)


def asked_of(needs: Needs) -> dict[str, str]:
    """The parameters that `needs_of` reads."""
    found = {"acr_values": MFA} if needs.mfa else {}
    return found if needs.max_age is None else {**found, "max_age": str(int(needs.max_age.total_seconds()))}
