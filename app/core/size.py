"""How much of AWS's space a session's policies and tags will take, and which tags stay at home if that is too much.

AWS packs the session policy, the policy ARNs and the tags into a binary form with a limit of its own, says the size
in percent (`PackedPolicySize`) and refuses what is over 100 with PackedPolicyTooLarge (STS API Reference,
AssumeRole). The packing is not published. Known from a call to AWS: nine tags, each a key of 2 and a value of 250
equal letters, are 498 % (aws-actions/configure-aws-credentials#1898). So tags are not compressed, and with two bytes
for each tag around its text, 459 bytes are the whole. A policy of 2,048 characters could never be packed without
compression; raw DEFLATE of the text without its blanks is our guess for it. A guess: what AWS really said
(`PackedPolicySize`) is worth more, where the gateway has seen it.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.core.roles import MAX_POLICY_CHARACTERS, Method, Role
from app.core.session_tags import SessionTags

SPACE = 459  # bytes
AROUND_EACH = 2  # bytes
CLI_PERCENT = 100
CONSOLE_PERCENT = 75  # the console's sign-in adds data of its own, how much is not published


@dataclass(frozen=True, slots=True)
class Budget:
    """`percent` is what the kept tags and the policies will take; over the limit if even that does not fit.

    `dropped` are the keys of the tags that were left out, in the order in which they were given up.
    """

    percent: int
    dropped: tuple[str, ...] = ()

    def keeps(self, tags: SessionTags) -> SessionTags:
        return SessionTags({key: value for key, value in tags.items() if key not in self.dropped})


def fits(role: Role, tags: SessionTags, limit: int = CLI_PERCENT) -> Budget:
    """Leaves tags out in the order of `role.shorten`, and no more of them than `limit` (percent) asks for.

    A tag that is not named there is never left out: a policy that asks whether somebody's tag is *not* something
    would open if the tag were gone.
    """
    if role.method is Method.SESSION_TOKEN:
        return Budget(0)  # GetSessionToken takes neither policies nor tags
    kept = dict(tags)
    dropped: list[str] = []
    for key in role.shorten:
        if percent(role.policy, role.policy_arns, kept) <= limit:
            break
        if kept.pop(key, None) is not None:
            dropped.append(key)
    return Budget(percent(role.policy, role.policy_arns, kept), tuple(dropped))


def percent(policy: str, policy_arns: Sequence[str], tags: Mapping[str, str]) -> int:
    """Rounded down, as AWS's own number is; 0 if nothing is packed."""
    return _bytes(policy, policy_arns, tags) * 100 // SPACE


def never_fits(role: Role, tags: Mapping[str, str]) -> str:
    """What is wrong if no person could ever take the role, with the numbers; empty if all is well.

    `tags` are the role's with what is fixed of their values: what a person adds can only make them larger.
    """
    plain = len(role.policy) + sum(len(arn) for arn in role.policy_arns)
    if plain > MAX_POLICY_CHARACTERS:
        return f"policy and policy_arns have {plain} characters together, and AWS takes {MAX_POLICY_CHARACTERS}"
    kept = {key: value for key, value in tags.items() if key not in role.shorten}
    least = percent(role.policy, role.policy_arns, kept)
    if least > CLI_PERCENT:
        return f"policy, policy_arns and tags take {least} % of AWS's space at the least; shorten them"
    if role.console and least > CONSOLE_PERCENT:
        return (
            f"policy, policy_arns and tags take {least} % of AWS's space at the least, and the console needs a quarter "
            f"of it: shorten them to {CONSOLE_PERCENT} %, or set console = false"
        )
    return ""


def _bytes(policy: str, policy_arns: Sequence[str], tags: Mapping[str, str]) -> int:
    names = sum(len(arn.encode()) + AROUND_EACH for arn in policy_arns)
    labels = sum(len(key.encode()) + len(value.encode()) + AROUND_EACH for key, value in tags.items())
    return (len(_deflated(policy)) if policy else 0) + names + labels


def _deflated(policy: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(_compact(policy).encode()) + packer.flush()


def _compact(policy: str) -> str:
    try:
        return json.dumps(json.loads(policy), separators=(",", ":"))
    except (ValueError, RecursionError):
        return policy  # no policy at all, which whoever reads the catalog says in other words
