"""AWS, as the issuers ask it: unsigned, signed as an account's base, or with credentials that were just issued."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from app.core.credentials import Credentials
from app.core.roles import Base, ProviderArn, RoleArn
from app.errors import AwsRefused
from app.issuers.asking import DEADLINE, Asking
from app.issuers.base import Bases, Caller
from app.issuers.circuits import Circuits
from app.issuers.clients import Clients, lent_to_this_call
from app.issuers.refusals import WORTHLESS_KEY, not_as_granted, plain_code, told
from app.issuers.regions import home_regions

if TYPE_CHECKING:
    from mypy_boto3_sts import STSClient

Answer = Mapping[str, Any]
Call = Callable[[Any], Answer]  # given a client
TokenFor = Callable[[RoleArn, ProviderArn], str]  # a token of the gateway's own issuer, for itself

_OWN_SESSION = "fedgate"  # the gateway's own name in CloudTrail, where it takes a role for itself
_OWN_SECONDS = 3_600


class Aws:
    """One for the whole process: clients, what is known of the regions, and the gateway's own credentials."""

    def __init__(
        self,
        token_for: TokenFor | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """`token_for` is None where the gateway has no signing keys."""
        self._token_for = token_for
        self._asking = Asking(Circuits(clock), clock, sleep, chance)
        self._clients = Clients()
        self._bases = Bases(self._assumed)

    def until(self, seconds: float = DEADLINE) -> float:
        """The deadline of work that begins now."""
        return self._asking.until(seconds)

    def unsigned(self, service: str, regions: Sequence[str], call: Call, until: float, *, once: bool = False) -> Answer:
        def asked(region: str) -> Answer:
            return call(self._clients.unsigned(service, region))

        return self._asking.ask(service, regions, asked, until, once=once)

    def signed(
        self, service: str, regions: Sequence[str], base: Base, call: Call, until: float, *, once: bool = False
    ) -> Answer:
        self._bases.keys(base)  # before the clock of a single try runs, because renewing them is a call too

        def asked(region: str) -> Answer:
            return call(self._clients.signed(service, region, base, lambda: self._bases.session(base)))

        try:
            return self._asking.ask(service, regions, asked, until, once=once)
        except ClientError as error:
            if plain_code(error) in WORTHLESS_KEY:
                self._bases.forget(base)
                self._clients.forget(base)
            raise

    def caller(self, base: Base, regions: Sequence[str], until: float) -> Caller:
        """What the gateway's own credentials are."""

        def ask() -> str:
            return str(self.signed("sts", regions, base, lambda sts: sts.get_caller_identity(), until)["Arn"])

        return self._bases.caller(base, ask)

    def owner(self, credentials: Credentials, regions: Sequence[str], until: float) -> str:
        """The ARN that these credentials are, as AWS says."""

        def asked(region: str) -> Answer:
            with lent_to_this_call(credentials):
                return self._who(self._clients.borrowed("sts", region))

        return str(self._asking.ask("sts", regions, asked, until)["Arn"])

    @staticmethod
    def _who(sts: STSClient) -> Answer:
        return sts.get_caller_identity()

    def _assumed(self, base: Base) -> Answer:
        try:
            with told():
                return self._assume(base)
        except AwsRefused as refused:
            if refused.reason.startswith("kms."):
                raise  # nobody was asked for the role: the gateway could not sign its own token
            sentence = "AWS does not give the gateway the role that it takes for itself in this account."
            raise not_as_granted(sentence, f"base.{refused.reason}") from refused

    def _assume(self, base: Base) -> Answer:
        """The credentials of a base that is a role."""
        role, until = base.role, self.until()
        assert role is not None
        regions = home_regions(role.aws_partition, os.environ.get("AWS_REGION", ""))
        given = {"RoleArn": role, "RoleSessionName": _OWN_SESSION, "DurationSeconds": _OWN_SECONDS}
        if base.provider_arn is None:
            return self.signed("sts", regions, Base(), lambda sts: sts.assume_role(**given), until)
        if self._token_for is None:
            raise not_as_granted("The gateway has no key to sign for AWS with.", "base.keys")
        token = self._token_for(role, base.provider_arn)
        return self.unsigned(
            "sts",
            regions,
            lambda sts: sts.assume_role_with_web_identity(**given, WebIdentityToken=token),
            until,
        )
