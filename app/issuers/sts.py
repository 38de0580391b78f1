"""One session from STS: asked for as long as was ordered, and for less where AWS gives less.

The ladder: a role's MaxSessionDuration is often not what the catalog says, and AWS then refuses with the same code
as for a bad name (IAM API Reference, CreateRole; STS, AssumeRole `DurationSeconds`). Failing for it would leave
people without access until somebody edits a file; so the next lower common maximum is tried, and what was learnt
goes back to the caller. A code works once, and may be spent by the call that was refused: then there is one lower
rung, the hour that every role gives, which the next code finds remembered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from app.core.credentials import Credentials
from app.core.roles import Base, RoleArn
from app.issuers.aws import Aws
from app.issuers.order import Issued, Order
from app.issuers.refusals import plain_code, told, unavailable
from app.issuers.regions import asked_regions

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

_RUNGS = (28_800, 14_400, 7_200, 3_600)  # seconds; the maxima that AWS's console offers for a role, but 12 h
_NEXT_CODE_SECONDS = 600  # within which the next code finds remembered what the last one was spent for

Ask = Callable[["STSClient", int], Mapping[str, Any]]  # given a client and a number of seconds


@dataclass(frozen=True, slots=True)
class Sessions:
    """Raises AwsRefused or AwsUnavailable, in every call."""

    aws: Aws
    # Of whom AWS refused a length, and a code with it: by role and person, the deadline of the call that was refused.
    refused_with_code: dict[tuple[RoleArn, str], float] = field(default_factory=dict)

    def unsigned(self, order: Order, ask: Ask) -> Issued:
        """For the two calls that carry their own proof."""
        until = self.aws.until()
        regions = regions_of(order)

        def session(seconds: int) -> Mapping[str, Any]:
            return self.aws.unsigned("sts", regions, lambda sts: ask(sts, seconds), until)

        with told():
            return _laddered(order, order.seconds, _rungs(order.seconds), session)

    def signed(self, order: Order, ask: Ask, *, at_most: int, base: Base | None = None) -> Issued:
        """With the credentials of the order's base. `at_most` is a limit that is known before AWS is asked."""
        until = self.aws.until()
        regions, base, once = regions_of(order), base or order.base, bool(order.mfa_code)

        def session(seconds: int) -> Mapping[str, Any]:
            return self.aws.signed("sts", regions, base, lambda sts: ask(sts, seconds), until, once=once)

        longest = min(order.seconds, at_most)
        with told(with_code=once):
            rungs = self._rungs_for_a_code(order, longest) if once else _rungs(longest)
            return _laddered(order, longest, rungs, session)

    def _rungs_for_a_code(self, order: Order, longest: int) -> Iterator[int]:
        """For the person and for some minutes: AWS says the same of a bad name or tag, which is no length of others."""
        mine, hour = (order.grant.role.arn, order.subject), _RUNGS[-1]
        until = self.aws.until()
        if longest > hour and until > self.refused_with_code.get(mine, float("-inf")) + _NEXT_CODE_SECONDS:
            yield longest
            self.refused_with_code[mine] = until
        yield min(longest, hour)


def regions_of(order: Order) -> tuple[str, ...]:
    return asked_regions(order.grant.role.region, order.fallback_region)


def _laddered(order: Order, longest: int, rungs: Iterator[int], session: Callable[[int], Mapping[str, Any]]) -> Issued:
    """Each rung while AWS takes offence at what may be the length. Only less than `longest` has taught anything: an
    hour of role chaining says nothing of how long the role's sessions may be.
    """
    for seconds in rungs:
        try:
            answer = session(seconds)
        except ClientError as error:
            if plain_code(error) != "ValidationError" or seconds <= _RUNGS[-1]:
                raise
            continue
        learnt = seconds if seconds < longest else None
        return Issued(credentials_in(answer, order.grant.role.arn), learnt, answer.get("PackedPolicySize"))
    raise AssertionError("the last rung returns or raises")


def _rungs(longest: int) -> Iterator[int]:
    yield longest
    yield from (rung for rung in _RUNGS if rung < longest)


def credentials_in(answer: Mapping[str, Any], arn: RoleArn) -> Credentials:
    """Of any of the STS calls; GetSessionToken does not say who it is for, because that is who asked."""
    try:
        found = answer["Credentials"]
        who = answer.get("AssumedRoleUser") or answer.get("FederatedUser") or {"Arn": str(arn)}
        return Credentials(
            found["AccessKeyId"],
            found["SecretAccessKey"],
            found["SessionToken"],
            found["Expiration"],
            arn.account,
            who["Arn"],
        )
    except KeyError:
        # `from None`, and no traceback: the answer may hold the other half of the credentials.
        raise unavailable("aws.incomplete") from None
