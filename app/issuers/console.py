"""The console federation endpoint (IAM User Guide, "Enable custom identity broker access to the AWS console").

    POST getSigninToken (credentials) ──► SigninToken ──► the sign-in address, worth a session for 15 minutes

`SessionDuration` is left out always: it fails for chained and federation credentials, and must be less
than the role's maximum, which we need not know. Without it the console session lasts as long as the
credentials. Credentials go in a POST body, never in an address; neither body nor address is ever logged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode

import requests

from app.core.credentials import Credentials
from app.core.destinations import Destination
from app.core.roles import Partition
from app.errors import AwsRefused, AwsUnavailable

_ENDPOINTS = {
    Partition.AWS: "https://signin.aws.amazon.com/federation",
    Partition.US_GOV: "https://signin.amazonaws-us-gov.com/federation",
    Partition.CHINA: "https://signin.amazonaws.cn/federation",
}
_SECONDS = (3.0, 10.0)  # connect, read
_LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class SignInUrl:
    """A bearer secret for 15 minutes: for one Location header, and nothing else."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Console:
    endpoint: str = ""  # replaces every partition's (the local AWS)

    def sign_in_url(
        self, credentials: Credentials, partition: Partition, destination: Destination, issuer: str
    ) -> SignInUrl:
        """`issuer` is where the console sends the person when the session has ended.

        Raises AwsRefused or AwsUnavailable.
        """
        endpoint = self.endpoint or _ENDPOINTS[partition]
        query = {
            "Action": "login",
            "Issuer": issuer,
            "Destination": destination,
            "SigninToken": _signin_token(endpoint, credentials),
        }
        return SignInUrl(f"{endpoint}?{urlencode(query)}")


def _signin_token(endpoint: str, credentials: Credentials) -> str:
    session = json.dumps(
        {
            "sessionId": credentials.access_key_id,
            "sessionKey": credentials.secret_access_key,
            "sessionToken": credentials.session_token,
        }
    )
    try:
        answer = requests.post(
            endpoint,
            data={"Action": "getSigninToken", "Session": session},
            timeout=_SECONDS,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        # `from None`: the exception's text may hold the address and body.
        raise AwsUnavailable(
            "The AWS sign-in service does not answer. Try again in a minute.",
            reason=f"console.{type(error).__name__}",
            retry_after=5,
        ) from None
    token = _token_in(answer) if answer.status_code == 200 else ""
    if token:
        return token
    if answer.status_code >= 500 or answer.status_code == 429:
        raise AwsUnavailable(
            "The AWS sign-in service does not answer. Try again in a minute.",
            reason=f"console.{answer.status_code}",
            retry_after=5,
        )
    raise AwsRefused(
        "The AWS sign-in service did not accept the session for the console. "
        "Show the reference below to the people who manage AWS access.",
        reason=f"console.{answer.status_code}",
    )


def _token_in(answer: requests.Response) -> str:
    try:
        found = json.loads(answer.content[:_LONGEST_ANSWER])
    except (ValueError, RecursionError):
        return ""
    token = found.get("SigninToken") if isinstance(found, dict) else None
    return token if isinstance(token, str) else ""
