"""A signing key that never leaves AWS KMS: kms:GetPublicKey once, kms:Sign for each signature.

KMS is asked with the standard chain's credentials, in the region of the key's ARN, and gets digests only. It has no
fallback: a key lives in one region (each copy of a multi-Region key has an ARN of its own).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from app.core.roles import Base
from app.errors import AwsRefused, AwsUnavailable
from app.issuers.aws import Answer, Aws
from app.issuers.kms_refusals import WANTED, told_by_kms, word
from app.minting.certificates import always_the_same
from app.minting.keys import SMALLEST_KEY, SigningKey, public_jwk
from app.minting.places import KmsKeyArn

ALGORITHM = "RSASSA_PKCS1_V1_5_SHA_256"
# Seconds for one signature. A SAML response has two of them, and STS wants its own time after that: all of it must end
# before people and their programs give up.
_PATIENCE = 8.0

T = TypeVar("T")


class KmsSigner:
    """Raises AwsRefused or AwsUnavailable, in every call, and remembers the last one for `problem`."""

    def __init__(self, aws: Aws, arn: KmsKeyArn) -> None:
        self._aws, self._arn = aws, arn
        self._problem = ""

    def sign(self, digest: bytes) -> bytes:
        wanted = {"Message": digest, "MessageType": "DIGEST", "SigningAlgorithm": ALGORITHM}
        try:
            made = self._asked("sign", lambda answer: bytes(answer["Signature"]), **wanted)
        except (AwsRefused, AwsUnavailable) as error:
            self._problem = word(error)
            raise
        self._problem = ""
        return made

    def problem(self) -> str:
        return self._problem

    def public_key(self) -> RSAPublicKey:
        """Raises ValueError for a key that cannot sign what AWS believes."""
        der, spec, usage = self._asked("get_public_key", lambda it: (it["PublicKey"], it["KeySpec"], it["KeyUsage"]))
        usable = usage == "SIGN_VERIFY" and str(spec).startswith("RSA_")
        public = load_der_public_key(der) if usable else None
        if not isinstance(public, RSAPublicKey) or public.key_size < SMALLEST_KEY:
            raise ValueError(f"is {spec} for {usage}; expected {WANTED}")
        return public

    def _asked(self, question: str, of_it: Callable[[Answer], T], **given: object) -> T:
        """`question` is a method of boto3's client. `of_it` takes what is wanted out of the answer, which is none
        without it (KeyError)."""
        with told_by_kms():
            until, regions = self._aws.until(_PATIENCE), (self._arn.region,)
            return of_it(
                self._aws.signed(
                    "kms", regions, Base(), lambda kms: getattr(kms, question)(KeyId=self._arn, **given), until
                )
            )


def kms_key(aws: Aws, arn: KmsKeyArn) -> SigningKey:
    """Ready to sign. Raises what `KmsSigner` does, and ValueError."""
    signer = KmsSigner(aws, arn)
    public = signer.public_key()
    return SigningKey(arn.key_id, always_the_same(public, signer), public_jwk(public), signer)
