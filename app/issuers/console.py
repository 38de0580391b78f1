"""The console federation endpoint (IAM User Guide, "Enable custom identity broker access to the AWS console").

    POST getSigninToken (credentials) ──► SigninToken ──► the sign-in address, worth a session for 15 minutes

`SessionDuration` is left out always: it fails for chained and federation credentials, and must be less
than the role's maximum, which we need not know. Without it the console session lasts as long as the
credentials. Credentials go in a POST body, never in an address; neither body nor address is ever logged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from urllib.parse import urlencode, urlsplit

import requests
from botocore.exceptions import ReadTimeoutError

from app.core.credentials import Credentials
from app.core.destinations import CONSOLE_HOSTS, Destination
from app.core.roles import HOME_REGIONS, Partition
from app.errors import AwsRefused, AwsUnavailable
from app.issuers.regions import asked_regions
from app.issuers.within import within

_HOSTS = {
    Partition.AWS: "signin.aws.amazon.com",
    Partition.US_GOV: "signin.amazonaws-us-gov.com",
    Partition.CHINA: "signin.amazonaws.cn",
}
_SECONDS = (2.0, 5.0)  # connect, read; twice that is what a person waits at the worst
_LONGEST_ANSWER = 64 * 1024


@dataclass(frozen=True, slots=True)
class SignInUrl:
    """A bearer secret for 15 minutes: for one Location header, and nothing else."""

    value: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Console:
    endpoint: str = ""  # replaces every partition's (the local AWS)
    address: str = "https://{host}/federation"

    def sign_in_url(
        self, credentials: Credentials, partition: Partition, destination: Destination, issuer: str, region: str = ""
    ) -> SignInUrl:
        """`issuer` is where the console sends the person when the session has ended. With a `region`, a regional host
        is asked when the partition's own does not answer: that one is in one region, and fails with it.

        Raises AwsRefused or AwsUnavailable.
        """
        first, *others = self._endpoints(partition, region)
        try:
            return _sign_in_url(first, credentials, destination, issuer)
        except AwsUnavailable:
            if not others:
                raise
            return _sign_in_url(others[0], credentials, destination, issuer)

    def targets(self, partition: Partition) -> str:
        """Where a form of ours may end up by redirects (CSP `form-action`): AWS's sign-in, and the console behind it.
        Chromium holds every redirect of a submitted form against them, AWS's own too.
        """
        if self.endpoint:
            parts = urlsplit(self.endpoint)
            return f"{parts.scheme}://{parts.netloc}"
        hosts = (_HOSTS[partition], CONSOLE_HOSTS[partition])
        return " ".join(f"https://{host} https://*.{host}" for host in hosts)

    def _endpoints(self, partition: Partition, region: str) -> list[str]:
        if self.endpoint:
            return [self.endpoint]
        host = _HOSTS[partition]
        home = HOME_REGIONS[partition]
        elsewhere = [f"{place}.{host}" for place in asked_regions(region or home) if place != home]
        return [self.address.format(host=name) for name in (host, *elsewhere[:1])]


def _sign_in_url(endpoint: str, credentials: Credentials, destination: Destination, issuer: str) -> SignInUrl:
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
    asked = {"Action": "getSigninToken", "Session": session}
    try:
        answer = within(
            sum(_SECONDS),  # for all of it: `timeout` counts from one read to the next
            lambda: requests.post(endpoint, data=asked, timeout=_SECONDS, allow_redirects=False),
            "console",
        )
    except (requests.RequestException, ReadTimeoutError) as error:
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
