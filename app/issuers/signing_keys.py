"""All keys with which the gateway signs for AWS, wherever they are, in the order of the setting."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from app.errors import AwsRefused, AwsUnavailable, ConfigurationProblems
from app.issuers.aws import Aws
from app.issuers.kms import kms_key
from app.issuers.kms_refusals import advice
from app.minting.keys import SigningKey, SigningKeys, load_keys
from app.minting.places import KmsKeyArn, Place

_NOTHING = hashlib.sha256(b"fedgate: can this key sign?").digest()  # no token and no assertion has this digest


def load_signing_keys(places: Sequence[Place], aws: Aws | None = None) -> SigningKeys:
    """Raises ConfigurationProblems with a sentence for each key that cannot be used; `passing` if AWS KMS was away.

    `aws` asks with the standard chain's credentials, and needs no token of the gateway's own.
    """
    aws, keys, problems, passing = aws or Aws(), list[SigningKey](), list[str](), True
    for place in places:
        try:
            keys += [kms_key(aws, place)] if isinstance(place, KmsKeyArn) else load_keys(place).keys
        except ConfigurationProblems as found:
            problems, passing = [*problems, *found.problems], False
        except (AwsRefused, AwsUnavailable) as error:
            problems, passing = [*problems, f"{place}: {advice(error)}"], passing and isinstance(error, AwsUnavailable)
        except ValueError as problem:
            problems, passing = [*problems, f"{place}: {problem}"], False
    if problems:
        raise ConfigurationProblems(problems, passing=passing)
    return SigningKeys(tuple(keys))


def try_to_sign(keys: SigningKeys | None) -> None:
    """With the key that signs, if there is one, for probes: a key in KMS can be switched off at any time.

    Raises AwsRefused or AwsUnavailable.
    """
    if keys is not None:
        keys.newest.signer.sign(_NOTHING)
