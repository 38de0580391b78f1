"""STS clients, and what its refusals mean.

Regional endpoints always (`AWS_ENDPOINT_URL_STS` replaces them). One client for each region, made once: a
botocore client costs tens of milliseconds, and is safe to share between threads while its session is not.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionError,  # noqa: A004  botocore's own, which is not Python's
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
)
from botocore.parsers import ResponseParserError
from botocore.session import Session as BotocoreSession

from app.core.credentials import Credentials
from app.core.roles import RoleArn
from app.errors import AwsRefused, AwsUnavailable, GatewayError

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

_CONFIG = Config(
    connect_timeout=2,
    read_timeout=6,
    retries={"mode": "standard", "total_max_attempts": 3},  # all in all less than those who wait have patience for
    user_agent_extra="fedgate",
)
_THROTTLED = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "LimitExceededException",
    "SlowDown",
    "PriorRequestNotComplete",
    "IDPCommunicationError",
    "InternalFailure",
    "InternalError",
    "ServiceUnavailable",
}
_ASK = "Show the reference below to the people who manage AWS access."
_SENTENCES = {
    "AccessDenied": f"The role's trust policy in AWS does not let the gateway in this way. {_ASK}",
    "ValidationError": f"AWS does not take this session's length or name; often the role allows less time. {_ASK}",
    "ExpiredTokenException": f"AWS found the gateway's statement about you too old; a clock may be wrong. {_ASK}",
    "InvalidIdentityToken": f"AWS does not accept the gateway's signature for this account. {_ASK}",
    "IDPRejectedClaim": f"AWS could not use the gateway's statement about you. {_ASK}",
    "MalformedPolicyDocument": f"The session policy that the catalog gives this role is not valid. {_ASK}",
    "PackedPolicyTooLarge": f"The session policy and tags of this role are too large for AWS. {_ASK}",
    "RegionDisabledException": f"This account has not turned on AWS STS in the role's region. {_ASK}",
    "InvalidClientTokenId": f"AWS does not know the gateway's own key. {_ASK}",
    "SignatureDoesNotMatch": f"AWS does not accept the gateway's own key. {_ASK}",
    "ExpiredToken": f"The gateway's own AWS credentials have expired. {_ASK}",
}


class StsClients:
    """`unsigned(region)` for the two calls that carry their own proof, `signed(region)` for the others."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._made: dict[tuple[str, bool], STSClient] = {}
        self._session: boto3.Session | None = None

    def unsigned(self, region: str) -> STSClient:
        """Uses no credentials of this process, even if it has some: they must neither break nor leak into it."""
        return self._client(region, signed=False)

    def signed(self, region: str) -> STSClient:
        """With the gateway's own credentials, from boto3's standard chain."""
        return self._client(region, signed=True)

    def temporary(self) -> bool:
        """Whether the gateway's own credentials are a session's: AssumeRole with them is role chaining."""
        with self._lock:
            found = self._own_session().get_credentials()
        return found is not None and bool(found.get_frozen_credentials().token)

    def _client(self, region: str, *, signed: bool) -> STSClient:
        with self._lock:
            if (region, signed) not in self._made:
                self._made[region, signed] = self._make(region, signed=signed)
            return self._made[region, signed]

    def _make(self, region: str, *, signed: bool) -> STSClient:
        if signed:
            return self._own_session().client("sts", region_name=region, config=_CONFIG)
        # Explicit empty-handed credentials keep botocore from walking its chain up to the metadata service; a
        # profile that the process names and the machine lacks would break even a call that needs none.
        nameless = BotocoreSession(session_vars={"profile": (None, [], None, None)})
        session = boto3.Session("unsigned", "unsigned", botocore_session=nameless)
        return session.client("sts", region_name=region, config=_CONFIG.merge(Config(signature_version=UNSIGNED)))

    def _own_session(self) -> boto3.Session:
        if self._session is None:
            self._session = boto3.Session()
        return self._session


def asked(call: Callable[[], Mapping[str, Any]], role: RoleArn) -> Credentials:
    """The credentials in the answer of `call`; AWS's and botocore's errors become ours here.

    `call` makes its client too: with a broken profile or file of settings, that already fails.
    """
    try:
        answer = call()
    except ClientError as error:
        raise refusal(error) from error
    except (NoCredentialsError, CredentialRetrievalError, PartialCredentialsError, ProfileNotFound) as error:
        raise AwsRefused(
            f"The gateway has no AWS credentials of its own, which this role needs. {_ASK}",
            reason=f"aws.{type(error).__name__}",
        ) from error
    except (HTTPClientError, ConnectionError, ResponseParserError, KeyError) as error:
        # A page from something between us and AWS is no answer of AWS's either; botocore's parser fails on some
        # with a plain KeyError.
        raise _unavailable(f"aws.{type(error).__name__}") from error
    except BotoCoreError as error:
        raise AwsRefused(f"The gateway could not ask AWS. {_ASK}", reason=f"aws.{type(error).__name__}") from error
    return _credentials(answer, role)


def _credentials(answer: Mapping[str, Any], role: RoleArn) -> Credentials:
    try:
        found = answer["Credentials"]
        return Credentials(
            found["AccessKeyId"],
            found["SecretAccessKey"],
            found["SessionToken"],
            found["Expiration"],
            role.account,
            answer["AssumedRoleUser"]["Arn"],
        )
    except KeyError:
        # `from None`, and no traceback: the answer may hold the other half of the credentials.
        raise _unavailable("aws.incomplete") from None


def refusal(error: ClientError) -> GatewayError:
    """By code, never by message: messages change, and hold names that people chose."""
    # CloudTrail and some endpoints write PackedPolicyTooLargeException for PackedPolicyTooLarge.
    code = str(error.response.get("Error", {}).get("Code", "unknown"))
    status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    request = str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))
    reason = f"aws.{code} {request}".strip()
    if code in _THROTTLED or status >= 500:
        return _unavailable(reason)
    sentence = _SENTENCES.get(code) or _SENTENCES.get(code.removesuffix("Exception")) or f"AWS said no ({code}). {_ASK}"
    return AwsRefused(sentence, reason=reason)


def _unavailable(reason: str) -> AwsUnavailable:
    sentence = "AWS does not answer, or asks us to wait. Try again in a minute."
    return AwsUnavailable(sentence, reason=reason, retry_after=5)
