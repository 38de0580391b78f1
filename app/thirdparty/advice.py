"""What to tell whom. The person: whom to ask. The owner of the account: what exactly to put into the trust policy."""

from __future__ import annotations

import json
from collections.abc import Sequence

from app.core.roles import Account, Role
from app.thirdparty.trial import Trial, Verdict

_ASK = "Ask the people who manage AWS access."


def closed_for_a_person(role: Role, account: Account) -> str:
    return (
        f"The role {role.label} is closed: the owner of the account {account.name} ({account.id}) must first correct "
        f"the role's trust policy in AWS. {_ASK} They can see what is wrong."
    )


def not_proven_for_a_person(role: Role) -> str:
    return (
        f"The role {role.label} is in somebody else's account, and AWS does not answer well enough to check that only "
        "the gateway is let in. Try again in a minute."
    )


def condition(external_ids: Sequence[str]) -> str:
    """The condition that every statement for the gateway needs, as JSON on one line."""
    value = external_ids[0] if len(external_ids) == 1 else list(external_ids)
    return json.dumps({"Condition": {"StringEquals": {"sts:ExternalId": value}}})


def for_the_owner(trial: Trial, external_ids: Sequence[str]) -> str:
    """One paragraph without names of people; made to be sent to the owner as it is."""
    wanted = condition(external_ids)
    match trial.verdict:
        case Verdict.PASSED:
            return "The role asks for the external id. Nothing needs to be done."
        case Verdict.UNKNOWN:
            return "AWS gave no clear answer, so nothing is known about the trust policy. Try again in a minute."
        case Verdict.FAILED if trial.is_open_to_others:
            how = "with a wrong external id" if trial.wrong.word == "yes" else "without an external id"
            return (
                f"The role lets the gateway in {how}, so anybody who can make the gateway ask for it gets into the "
                "account. Add to every statement of its trust policy that allows sts:AssumeRole to the gateway: "
                f"{wanted} "
                "It must be StringEquals with this exact value: StringLike with a *, StringEqualsIfExists, Null, and a "
                "second statement without the condition leave the role open."
            )
        case Verdict.FAILED:
            return (
                "The role does not let the gateway in with the right external id. Its trust policy must allow the "
                "gateway's principal sts:AssumeRole, sts:TagSession and sts:SetSourceIdentity, with: "
                f"{wanted} If it does, the gateway's own policy must allow the same three actions on this role."
            )
