"""Where the keys are with which the gateway signs for AWS: in directories, and in AWS KMS.

/etc/fedgate/issuer-keys                                                            one directory
arn:aws:kms:eu-west-1:111111111111:key/1234abcd-…,arn:aws:kms:…                     newest first
/etc/fedgate/issuer-keys,arn:aws:kms:…                                              on the way from one to the other
"""

from __future__ import annotations

import re
from pathlib import Path

from app.core.roles import region_partition
from app.errors import ConfigurationProblems

_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}"
_KEY_ARN = re.compile(
    r"arn:(?P<partition>aws|aws-us-gov|aws-cn):kms:(?P<region>[a-z]{2}(?:-[a-z]+)+-[0-9]):[0-9]{12}:"
    rf"key/(?:{_ID})"
)
_OF_KMS = re.compile(rf"arn:.*|alias/.*|(?:key/)?(?:{_ID})")  # what is meant for KMS, if not written as it wants


class KmsKeyArn(str):
    """Of a key, never of an alias: an alias can be moved to another key, and the gateway would sign with one that
    nobody has told AWS to believe (KMS Developer Guide, "Key identifiers")."""

    __slots__ = ()

    def __new__(cls, value: str) -> KmsKeyArn:
        if "alias/" in value:
            raise ValueError("is an alias, which can be moved to another key; expected the ARN of the key itself")
        found = _KEY_ARN.fullmatch(value)
        if found is None or region_partition(found["region"]) != found["partition"]:
            raise ValueError("expected the whole ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/KEY-ID")
        return super().__new__(cls, value)

    @property
    def region(self) -> str:
        return self.split(":")[3]

    @property
    def key_id(self) -> str:
        return self.rpartition("/")[2]


Place = Path | KmsKeyArn


def key_places(text: str) -> tuple[Place, ...]:
    """In the order in which they stand: newest first. A directory alone may have a comma in its name.

    Raises ConfigurationProblems with a sentence for each that is wrong.
    """
    texts = [part.strip() for part in text.split(",")] if "arn:" in text else [text]
    places: list[Place] = []
    problems = []
    for position, one in enumerate(texts, start=1):
        try:
            places.append(_place(one))
        except ValueError as problem:
            problems.append(f"key {position}: {problem}" if len(texts) > 1 else str(problem))
    names = [place.key_id if isinstance(place, KmsKeyArn) else str(place) for place in places]
    if len(set(names)) < len(names):  # by id: the copies of a multi-Region key are one key
        problems.append("names the same key twice")
    if problems:
        raise ConfigurationProblems(problems)
    return tuple(places)


def _place(text: str) -> Place:
    if "-----BEGIN" in text:  # not repeated: this sentence is for a log
        raise ValueError("is a key itself; expected a directory of *.pem files, or the ARN of a KMS key")
    if _OF_KMS.fullmatch(text):
        return KmsKeyArn(text)
    if not text.strip():
        raise ValueError("is empty; take one comma out")
    try:
        there = Path(text).is_dir()
    except OSError as error:
        raise ValueError(f"the path that it holds cannot be looked at ({error.strerror})") from None
    if not there:
        raise ValueError(
            "no directory at the path that it holds; make one with: python -m app.minting.keys new DIRECTORY"
        )
    return Path(text)
