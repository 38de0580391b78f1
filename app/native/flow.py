"""The steps of AWS's protocols, without HTTP. What happens in them is `grants`' and `issuance`'s."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.core.credentials import Credentials
from app.core.decisions import Purpose
from app.errors import InvalidRequest, SignInRequired, TooManyRequests
from app.grants.device import GRANT
from app.grants.device_documents import Codes
from app.grants.flow import TOKENS_A_MINUTE, TerminalSignIn
from app.grants.redemption import Refused, Seen
from app.grants.requests import DeviceRequest
from app.issuance import Issuance, Principal, Request
from app.native.clients import Client, Registered, client_of, may_redirect_to, register
from app.native.portal import Portal
from app.sessions import Tokens
from app.sessions.session import AWS_TOOLS
from app.store.counters import Counters

_REGISTRATIONS_A_MINUTE = 300  # of one network address: many people share one, and each does it once in 90 days
_CODE = {"client_id": "clientId", "code": "code", "redirect_uri": "redirectUri", "code_verifier": "codeVerifier"}
_NO_CLIENT = (
    "This registration is none of a gateway like this one. Delete the files in ~/.aws/sso/cache, then run: "
    "aws sso login"
)
_OFF = (
    "This gateway does not sign terminals in by a code. With a browser on this machine and AWS CLI 2.22 or newer, run: "
    "aws sso login. Without one, ask who runs the gateway to turn on device_sign_in."
)


@dataclass(frozen=True, slots=True)
class AwsTools:
    """`base_url`: the gateway's own address."""

    base_url: str
    sign_in: TerminalSignIn
    portal: Portal
    issuance: Issuance
    counters: Counters
    clock: Callable[[], datetime]

    def register(self, name: str, kind: str, redirects: Sequence[str], seen: Seen) -> Registered | Refused:
        """RegisterClient. Raises TooManyRequests."""
        self.counters.spend_of_address("aws.register", seen.address, _REGISTRATIONS_A_MINUTE, timedelta(minutes=1))
        if kind != "public":
            return Refused("invalid_client_metadata", "clientType: only `public` clients can register.")
        if not all(may_redirect_to(one) for one in redirects):
            said = "redirectUris: expected http://127.0.0.1/oauth/callback, and no other address."
            return Refused("invalid_redirect_uri", said)
        return register(name, bool(redirects), self.clock())

    def begin(self, client_id: str, secret: str, seen: Seen) -> Codes | Refused:
        """StartDeviceAuthorization. The secret becomes the PKCE verifier of this sign-in: a device code that was read
        on its way is worth nothing without it. Raises TooManyRequests."""
        client = _client(client_id, secret)
        if client is None:
            return Refused("invalid_client", _NO_CLIENT)
        device = self.sign_in.device
        if device is None:
            return Refused("unauthorized_client", _OFF)
        return device.begin(DeviceRequest(_challenge(secret), client.label, client=AWS_TOOLS), seen)

    def token(self, body: Mapping[str, str], seen: Seen) -> Tokens | Refused:
        """CreateToken, for all grants. Raises TooManyRequests, StoreUnavailable, AuditUnavailable."""
        grant = body["grantType"]
        try:
            self.counters.spend_of_address("token", seen.address, TOKENS_A_MINUTE, timedelta(minutes=1))
        except TooManyRequests:
            if grant != GRANT:
                raise
            return Refused(
                "slow_down", "Ask less often."
            )  # who waits for an answer goes on waiting, and no error ends it
        if _client(body["clientId"], body["clientSecret"]) is None:
            return Refused("invalid_client", _NO_CLIENT)
        try:
            return self._granted(grant, body, seen)
        except SignInRequired as ended:
            return Refused("invalid_grant", ended.sentence)

    def _granted(self, grant: str, body: Mapping[str, str], seen: Seen) -> Tokens | Refused:
        match grant:
            case "authorization_code":
                return self.sign_in.redeem({ours: body[theirs] for ours, theirs in _CODE.items()}, AWS_TOOLS, seen)
            case "refresh_token":
                return self.sign_in.refresh(body["refreshToken"], AWS_TOOLS, seen)
            case _ if grant == GRANT:
                if self.sign_in.device is None:
                    return Refused("access_denied", _OFF)
                form = {"device_code": body["deviceCode"], "code_verifier": body["clientSecret"]}
                return self.sign_in.device.poll(form, AWS_TOOLS, seen)
            case _:
                return Refused("unsupported_grant_type", "Expected authorization_code, refresh_token or device_code.")

    def credentials(self, principal: Principal, account: str, name: str) -> Credentials:
        """GetRoleCredentials. Raises what `Issuance.issue` raises, and InvalidRequest for no name."""
        if not account or not name:
            raise InvalidRequest("Name an account_id and a role_name.", reason="native.role_name")
        role = self.portal.role(account, name)
        if role is None:
            raise self.issuance.unknown(principal, account, name)
        return self.issuance.issue(principal, Request(role, Purpose.CLI))


def _client(client_id: str, secret: str) -> Client | None:
    """As RFC 7636 bounds a verifier. It proves nothing but that who polls is who began."""
    return client_of(client_id) if 43 <= len(secret) <= 128 and secret.isascii() else None


def _challenge(secret: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()).decode().rstrip("=")
