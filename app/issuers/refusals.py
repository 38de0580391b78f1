"""What AWS's refusals mean: the one table from its codes to our errors, and botocore's exceptions beside it.

By code, never by message: messages change, and hold names that people chose. The person reads what to do; AWS's
code and request id are in `reason`, for the log and the journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

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

from app.errors import AwsRefused, AwsUnavailable, GatewayError

# The throttling family of botocore (`retries/standard.py`), and what AWS itself calls passing.
THROTTLED = frozenset(
    {
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "RequestLimitExceeded",
        "TooManyRequestsException",
        "LimitExceededException",
        "BandwidthLimitExceeded",
        "ProvisionedThroughputExceededException",
        "TransactionInProgressException",
        "EC2ThrottledException",
        "SlowDown",
        "PriorRequestNotComplete",
    }
)
# AWS is well, and whom it asked is not: the issuer of one account's provider.
OF_OTHERS = frozenset({"IDPCommunicationError", "ExternalServiceException"})
PASSING = frozenset(
    {
        *OF_OTHERS,
        "InternalFailure",
        "InternalError",
        "InternalErrorException",
        "ServiceUnavailable",
    }
)
# The key that signed is of no use (any more); another may stand in its place by now.
WORTHLESS_KEY = frozenset(
    {
        "InvalidClientTokenId",
        "UnrecognizedClient",
        "SignatureDoesNotMatch",
        "InvalidSignature",  # of services that speak JSON, as the next one
        "ExpiredTokenException",
        "ExpiredToken",
    }
)
REGION_DISABLED = "RegionDisabled"
_ASK = "Show the reference below to the people who manage AWS access."
_SENTENCES = {
    "AccessDenied": f"AWS has no such role, or its trust policy does not let the gateway in this way. {_ASK}",
    "NotAuthorized": f"The identity pool in AWS does not let the gateway in this way. {_ASK}",
    "ValidationError": f"AWS does not take this session's length or name; often the role allows less time. {_ASK}",
    "InvalidParameter": f"AWS does not take what the catalog says of this role. {_ASK}",
    "InvalidParameterValue": f"AWS does not take what the catalog says of this role. {_ASK}",
    "MissingParameter": f"AWS does not take what the catalog says of this role. {_ASK}",
    "ResourceNotFound": f"AWS does not know the identity pool that the catalog gives this role. {_ASK}",
    "ResourceConflict": f"The identity pool in AWS already knows you as somebody else. {_ASK}",
    "InvalidIdentityPoolConfiguration": f"The identity pool in AWS gives you no role, or more than one. {_ASK}",
    "ExpiredTokenException": f"AWS found the gateway's statement about you too old; a clock may be wrong. {_ASK}",
    "InvalidIdentityToken": f"AWS does not accept the gateway's signature for this account. {_ASK}",
    "IDPRejectedClaim": f"AWS could not use the gateway's statement about you. {_ASK}",
    "MalformedPolicyDocument": f"The session policy that the catalog gives this role is not valid. {_ASK}",
    "PackedPolicyTooLarge": f"The session policy and tags of this role are too large for AWS. {_ASK}",
    REGION_DISABLED: f"This account has not turned on AWS STS in the role's region. {_ASK}",
    "InvalidClientTokenId": f"AWS does not know the gateway's own key. {_ASK}",
    "UnrecognizedClient": f"AWS does not know the gateway's own key. {_ASK}",
    "SignatureDoesNotMatch": f"AWS does not accept the gateway's own key. {_ASK}",
    "IncompleteSignature": f"AWS does not accept the gateway's own key. {_ASK}",
    "MissingAuthenticationToken": f"AWS does not accept the gateway's own key. {_ASK}",
    "OptInRequired": f"AWS does not let the gateway's own account use this service. {_ASK}",
    "ExpiredToken": f"The gateway's own AWS credentials have expired. {_ASK}",
}
_WRONG_CODE = (
    "AWS did not take this code, or does not let the gateway in this way. Each code works once: wait for the next one "
    f"and try again. If it does not help: {_ASK}"
)


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", "unknown"))


def plain_code(error: ClientError) -> str:
    """CloudTrail and some endpoints write PackedPolicyTooLargeException for PackedPolicyTooLarge."""
    code = code_of(error)
    return code if code in _SENTENCES else code.removesuffix("Exception")


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def is_passing(error: ClientError) -> bool:
    """May the same call work in a moment?"""
    return code_of(error) in THROTTLED | PASSING or status_of(error) >= 500


def refusal(error: ClientError, *, with_code: bool = False) -> GatewayError:
    """`with_code`: the call carried an MFA code, which AWS refuses in the words of every other refusal."""
    request = str(error.response.get("ResponseMetadata", {}).get("RequestId", ""))
    reason = f"aws.{code_of(error)} {request}".strip()
    if is_passing(error):
        return unavailable(reason)
    if with_code and plain_code(error) == "AccessDenied":
        return AwsRefused(_WRONG_CODE, reason=reason)
    return AwsRefused(_SENTENCES.get(plain_code(error), f"AWS said no ({code_of(error)}). {_ASK}"), reason=reason)


@contextmanager
def told(*, with_code: bool = False) -> Iterator[None]:
    """AWS's and botocore's errors become ours here. Making a client belongs inside: with a broken profile or file of
    settings, that already fails."""
    try:
        yield
    except ClientError as error:
        raise refusal(error, with_code=with_code) from error
    except (NoCredentialsError, CredentialRetrievalError, PartialCredentialsError, ProfileNotFound) as error:
        raise AwsRefused(
            f"The gateway has no AWS credentials of its own, which this role needs. {_ASK}",
            reason=f"aws.{type(error).__name__}",
        ) from error
    except (HTTPClientError, ConnectionError, ResponseParserError, KeyError) as error:
        # A page from something between us and AWS is no answer of AWS's either; botocore's parser fails on some
        # with a plain KeyError.
        raise unavailable(f"aws.{type(error).__name__}") from error
    except BotoCoreError as error:
        raise AwsRefused(f"The gateway could not ask AWS. {_ASK}", reason=f"aws.{type(error).__name__}") from error


def unavailable(reason: str) -> AwsUnavailable:
    sentence = "AWS does not answer, or asks us to wait. Try again in a minute."
    return AwsUnavailable(sentence, reason=reason, retry_after=5)


def in_short(refused: AwsRefused) -> str:
    """For lists and pages, where no reference stands below: what is wrong, and AWS's code if it gave one."""
    code = refused.reason.removeprefix("aws.").partition(" ")[0]
    said = refused.sentence.removesuffix(_ASK).rstrip()
    return f"{said.removesuffix('.')} ({code})." if code[:1].isupper() and code not in said else said


def not_as_granted(sentence: str, reason: str) -> AwsRefused:
    """What AWS has does not fit what the catalog says; `sentence` ends before the request to ask somebody."""
    return AwsRefused(f"{sentence} {_ASK}", reason=reason)
