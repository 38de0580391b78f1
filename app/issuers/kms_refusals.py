"""What AWS KMS's refusals mean: for the person whose session was not signed, and for the operator at the start.

KMS API Reference, "Sign" and "GetPublicKey", Errors; KMS Developer Guide, "Key states of AWS KMS keys". `reason`, for
the journal and the log, has KMS's own code and its request id, behind `kms.`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType

from app.errors import AwsRefused, AwsUnavailable
from app.issuers.refusals import not_as_granted, told, unavailable

WANTED = "an asymmetric RSA key of 2048, 3072 or 4096 bits for SIGN_VERIFY"
_OWN_CREDENTIALS = "AWS does not accept the gateway's own credentials"
_GIVE_CREDENTIALS = "give it a role of its machine or task, or the AWS_… variables of a user that has not lost its key"


@dataclass(frozen=True, slots=True)
class Words:
    """`told`: to a person, without the request to ask somebody. `advice`: to the operator, what to do."""

    told: str
    advice: str


_WORDS: Mapping[str, Words] = MappingProxyType(
    {
        "AccessDenied": Words(
            "AWS KMS does not let the gateway use its signing key.",
            "AWS KMS does not let the gateway use it; allow the gateway's own user or role kms:GetPublicKey and "
            "kms:Sign on it (deploy/iam/kms), and in the key's policy if the key is another account's",
        ),
        "NotFound": Words(
            "The gateway's signing key is not in AWS KMS any more.",
            "AWS KMS has no such key; look at the region, the account and the id in the ARN",
        ),
        "Disabled": Words(
            "The gateway's signing key in AWS KMS is switched off.",
            "it is disabled; switch it on (aws kms enable-key), or take it out of the setting",
        ),
        "KMSInvalidState": Words(
            "The gateway's signing key in AWS KMS cannot be used now; it may be waiting for its deletion.",
            "it cannot be used now; `aws kms describe-key` says why. If it waits for its deletion: aws kms "
            "cancel-key-deletion and enable-key, or take it out of the setting",
        ),
        "UnsupportedOperation": Words(
            "The gateway's signing key in AWS KMS is of the wrong kind.", f"it cannot sign; expected {WANTED}"
        ),
        "InvalidKeyUsage": Words(
            "The gateway's signing key in AWS KMS is of the wrong kind.", f"it cannot sign; expected {WANTED}"
        ),
        "InvalidArn": Words("The gateway's signing key has a wrong name.", "AWS KMS does not take the ARN; look it up"),
        "NoCredentialsError": Words(
            "The gateway has no AWS credentials of its own, with which it could sign.",
            f"the gateway has no AWS credentials of its own; {_GIVE_CREDENTIALS}",
        ),
        **dict.fromkeys(
            ("UnrecognizedClient", "InvalidClientTokenId", "InvalidSignature", "IncompleteSignature", "ExpiredToken"),
            Words(f"{_OWN_CREDENTIALS}.", f"{_OWN_CREDENTIALS}; {_GIVE_CREDENTIALS}"),
        ),
    }
)


@contextmanager
def told_by_kms() -> Iterator[None]:
    """As `told`; and in the journal and the log it is KMS that said so, not STS."""
    try:
        with told():
            yield
    except AwsUnavailable as error:
        raise unavailable(_reason(error)) from error
    except AwsRefused as error:
        words = _WORDS.get(_code(error))
        if words is None:
            raise AwsRefused(error.sentence, reason=_reason(error)) from error
        raise not_as_granted(words.told, _reason(error)) from error


def advice(error: AwsRefused | AwsUnavailable) -> str:
    """For the operator, at the start: what there is to do about it, and what AWS said."""
    if isinstance(error, AwsUnavailable):
        text = "AWS KMS does not answer, or asks us to wait; look at the way to its region, then start again"
    else:
        words = _WORDS.get(_code(error))
        text = words.advice if words else "AWS KMS refuses it"
    return f"{text} ({error.reason.removeprefix('kms.')})"


def word(error: AwsRefused | AwsUnavailable) -> str:
    """For probes, which anybody may read: without AWS's request id."""
    return error.reason.partition(" ")[0]


def _reason(error: AwsRefused | AwsUnavailable) -> str:
    return f"kms.{error.reason.removeprefix('aws.')}"


def _code(error: AwsRefused | AwsUnavailable) -> str:
    code = word(error).partition(".")[2]
    return code if code in _WORDS else code.removesuffix("Exception")
