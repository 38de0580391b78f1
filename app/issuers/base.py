"""With whose credentials the gateway signs: by the account's `base`, and what kind they really are.

    base = {}                        boto3's standard chain
    base = { profile = ... }         a profile of the AWS files
    base = { role = ... }            a role that the standard chain assumes first
    base = { role, provider_arn }    a role taken with a token of the gateway's own issuer: no AWS key at rest

What they are decides what is possible (a role session's AssumeRole lasts an hour; GetFederationToken wants an IAM
user's own key), so it is asked of AWS and never guessed: credentials of GetSessionToken look like a user's by
their ARN and like a role's by their token.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import boto3
from botocore.credentials import CredentialProvider, DeferredRefreshableCredentials, ReadOnlyCredentials
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    ReadTimeoutError,
)

from app.core.credentials import as_zulu
from app.core.roles import Base
from app.issuers.asking import DEADLINE
from app.issuers.clients import session_of
from app.issuers.refusals import code_of, is_passing, not_as_granted
from app.issuers.within import within

Assume = Callable[[Base], Mapping[str, Any]]  # the answer of the STS call that gives a base's credentials
_MOST_FETCHING = 32  # at once for one base: more threads would only wait for the same answer


class Kind(StrEnum):
    USER = "IAM user"
    USER_SESSION = "session of an IAM user"  # of GetSessionToken
    ROLE_SESSION = "role session"
    FEDERATED = "federated session"  # of GetFederationToken
    ROOT = "root of an account"


@dataclass(frozen=True, slots=True)
class Caller:
    kind: Kind
    arn: str


_KINDS = (
    (re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:user/.+"), Kind.USER),
    (re.compile(r"arn:[a-z-]+:sts::[0-9]{12}:assumed-role/.+"), Kind.ROLE_SESSION),
    (re.compile(r"arn:[a-z-]+:sts::[0-9]{12}:federated-user/.+"), Kind.FEDERATED),
    (re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:root"), Kind.ROOT),
)


def caller_of(arn: str, *, temporary: bool) -> Caller:
    """From GetCallerIdentity's `Arn`. Raises AwsRefused for a kind of caller that nobody has described."""
    for shape, kind in _KINDS:
        if shape.fullmatch(arn):
            return Caller(Kind.USER_SESSION if kind is Kind.USER and temporary else kind, arn)
    raise not_as_granted("The gateway's own AWS credentials are of an unknown kind.", "aws.caller")


class Bases:
    """Sessions by base, made once; botocore renews what expires, fifteen minutes before it does.

    `patience`, in seconds: where botocore fetches credentials by itself (a pod's token, a profile's role), it waits
    minutes for an STS that is gone, and soon every thread of the gateway would.
    """

    def __init__(self, assume: Assume, patience: float = DEADLINE) -> None:
        self._assume = assume
        self._patience = patience
        self._lock = threading.Lock()
        self._fetching: dict[Base, threading.Semaphore] = {}
        self._locks: dict[Base, threading.RLock] = {}
        self._sessions: dict[Base, boto3.Session] = {}
        self._callers: dict[Base, tuple[str, Caller]] = {}  # with the access key id that it is of

    def session(self, base: Base) -> boto3.Session:
        with self._lock_of(base):
            if base not in self._sessions:
                self._sessions[base] = self._made(base)
            return self._sessions[base]

    def keys(self, base: Base) -> ReadOnlyCredentials:
        """The credentials of this moment, renewed if it is time. Raises NoCredentialsError, CredentialRetrievalError
        where they cannot be had, or ReadTimeoutError."""
        with self._lock:
            free = self._fetching.setdefault(base, threading.Semaphore(_MOST_FETCHING))
        if not free.acquire(timeout=self._patience):
            raise ReadTimeoutError(endpoint_url="credentials")

        def fetched() -> ReadOnlyCredentials:
            try:
                with _for_ourselves():
                    return self._fetched(base)
            finally:
                free.release()

        return within(self._patience, fetched, "credentials")

    def _fetched(self, base: Base) -> ReadOnlyCredentials:
        with self._lock_of(base):
            found = self.session(base).get_credentials()
            if found is None:
                self.forget(base)
                raise NoCredentialsError
        return found.get_frozen_credentials()

    def forget(self, base: Base) -> None:
        """The next one reads the AWS files again: botocore reads them once, and keys in them are rotated."""
        with self._lock_of(base):
            self._sessions.pop(base, None)

    def caller(self, base: Base, ask: Callable[[], str]) -> Caller:
        """`ask` is GetCallerIdentity with these credentials; asked once for each access key."""
        keys = self.keys(base)
        access_key = str(keys.access_key)
        key, caller = self._callers.get(base, ("", None))
        if caller is None or key != access_key:
            caller = caller_of(ask(), temporary=bool(keys.token))
            self._callers[base] = (access_key, caller)
        return caller

    def _lock_of(self, base: Base) -> threading.RLock:
        """One for each: a search for credentials that are nowhere takes seconds, and holds up no other account."""
        with self._lock:
            return self._locks.setdefault(base, threading.RLock())

    def _made(self, base: Base) -> boto3.Session:
        if base.role is not None:
            return session_of(_Assumed(lambda: _metadata(self._assume(base))))
        return boto3.Session(profile_name=base.profile or None)


@contextmanager
def _for_ourselves() -> Iterator[None]:
    """A profile's role, a program or a token's file that gives botocore nothing says nothing of the role that somebody
    wants: an AccessDenied from there, read as its owner's no, would close a third party's role with an alarm."""
    try:
        yield
    except BotoCoreError:
        raise
    except ClientError as error:
        if is_passing(error):
            raise
        raise CredentialRetrievalError(provider="AWS", error_msg=code_of(error)) from error
    except (OSError, ValueError, TypeError) as error:
        raise CredentialRetrievalError(provider="AWS", error_msg=type(error).__name__) from error


class _Assumed(CredentialProvider):
    METHOD, CANONICAL_NAME = "fedgate-base", "customFedgateBase"

    def __init__(self, fetch: Callable[[], dict[str, str]]) -> None:
        super().__init__()
        self._fetch = fetch

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(self._fetch, self.METHOD)


def _metadata(answer: Mapping[str, Any]) -> dict[str, str]:
    """As botocore's refreshable credentials want it."""
    found = answer["Credentials"]
    return {
        "access_key": found["AccessKeyId"],
        "secret_key": found["SecretAccessKey"],
        "token": found["SessionToken"],
        "expiry_time": as_zulu(found["Expiration"]),
    }
