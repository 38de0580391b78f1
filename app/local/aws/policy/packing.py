"""PackedPolicySize, approximated.

AWS packs session policy, policy ARNs and tags into a binary form and reports its size as a percentage; the
packing is not documented. Known from a call to AWS: nine tags, each a key of 2 and a value of 250 equal
letters, are 498 % (aws-actions/configure-aws-credentials#1898). So tags are not compressed, and with two
bytes of overhead for each tag the allotted space is 459 bytes: 9 x (2 + 250 + 2) / 459 = 498.04 %.
Policies must be compressed, or 2,048 characters of plain text could never be packed; we take raw DEFLATE of
the text without insignificant blanks. The budget is a knob.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence

from app.local.aws.refusals import Refusal

OVERHEAD = 2
PLAIN_TEXT_LIMIT = 2_048


def packed_percent(policy: str | None, policy_arns: Sequence[str], tags: Mapping[str, str], budget: int) -> int | None:
    """None when nothing is packed: AWS then leaves PackedPolicySize out. Raises PackedPolicyTooLarge."""
    if policy is None and not policy_arns and not tags:
        return None
    text = _deflated(policy) if policy is not None else 0
    names = sum(len(arn.encode()) + OVERHEAD for arn in policy_arns)
    labels = sum(len(k.encode()) + len(v.encode()) + OVERHEAD for k, v in tags.items())
    percent = (text + names + labels) * 100 // budget
    if percent > 100:
        raise _too_large(percent, policies=policy is not None or bool(policy_arns))
    return max(percent, 1)


def check_plain_text(policy: str | None, policy_arns: Sequence[str]) -> None:
    """The plain text that passes policies, inline and by ARN, may be 2,048 characters together."""
    size = len(policy or "") + sum(len(arn) for arn in policy_arns)
    if size > PLAIN_TEXT_LIMIT:
        raise _too_large(size * 100 // PLAIN_TEXT_LIMIT, policies=True)


def check_serialized(texts: Sequence[str], limit: int) -> None:
    """A second limit, hit now and then while PackedPolicySize is below 50 %. Where it lies is not published; 0: off."""
    if 0 < limit < sum(len(text.encode()) for text in texts):
        raise Refusal("PackedPolicyTooLarge", "Serialized token too large for session")


def _deflated(policy: str) -> int:
    compact = json.dumps(json.loads(policy), separators=(",", ":"))
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return len(packer.compress(compact.encode()) + packer.flush())


def _too_large(percent: int, *, policies: bool) -> Refusal:
    if policies:
        text = f"Packed policy consumes {percent}% of allotted space, please use smaller policy."
    else:
        text = f"Packed size of session tags consumes {percent}% of allotted space."
    return Refusal("PackedPolicyTooLarge", text)
