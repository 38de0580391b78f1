"""A phone with an authenticator: one-time codes by RFC 6238, with code of its own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.local.aws.bench import Bench


@dataclass(frozen=True)
class Phone:
    serial: str
    seed: bytes = field(repr=False)  # as it was shown: base32

    def code(self, at: datetime, step: int = 0) -> str:
        """The code of that moment; `step` -1 is the one before it."""
        counter = struct.pack(">Q", int(at.timestamp()) // 30 + step)
        digest = hmac.new(base64.b32decode(self.seed), counter, hashlib.sha1).digest()
        (number,) = struct.unpack(">I", digest[digest[19] & 15 :][:4])
        return f"{(number & 0x7FFFFFFF) % 1_000_000:06d}"

    def codes(self, at: datetime) -> dict[str, str]:
        """Two in a row, for EnableMFADevice: the one before, and the one that counts now."""
        return {"AuthenticationCode1": self.code(at, -1), "AuthenticationCode2": self.code(at)}


def new_phone(bench: Bench, account: str, name: str) -> Phone:
    """A device that nobody has enabled yet."""
    iam = bench.operator(account, "iam")
    made: dict[str, Any] = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    return Phone(made["SerialNumber"], made["Base32StringSeed"])


def phone_of(bench: Bench, account: str, user: str) -> Phone:
    """Enabled for the user. The next code that works is that of the coming thirty seconds: `step=1`."""
    phone = new_phone(bench, account, user)
    iam = bench.operator(account, "iam")
    iam.enable_mfa_device(UserName=user, SerialNumber=phone.serial, **phone.codes(bench.now()))
    return phone
