"""The patch in the forms in which it is applied: JSON with its command, CloudFormation and Terraform."""

from __future__ import annotations

from dataclasses import dataclass

from app.awsside.account import description_of
from app.awsside.cloudformation import as_cloudformation
from app.awsside.documents import AccountSide, TrustedRole
from app.awsside.terraform import as_terraform
from app.doctor.diagnosis import Patient
from app.doctor.mending import Mended, as_text

_QUOTA = 2_048  # characters of a trust policy, blanks not counted (IAM quotas)
_SHORTEST = 3_600  # seconds: IAM's smallest MaxSessionDuration


@dataclass(frozen=True, slots=True)
class Patch:
    """`changes`: a sentence each. `commands`: for a shell with credentials of the role's account."""

    changes: tuple[str, ...]
    json: str
    commands: tuple[str, ...]
    cloudformation: str
    terraform: str


def handed_over(patient: Patient, mended: Mended, longest_seconds: int | None, description: str | None) -> Patch:
    """`longest_seconds` and `description` are what the role has now; None where that is not known."""
    arn, wanted = patient.role.arn, max(_SHORTEST, patient.role.max_seconds)
    seconds = max(wanted, longest_seconds or 0)
    described = description_of(patient.role) if description is None else description
    role = TrustedRole(arn, described, seconds, mended.document, _notes(patient))
    side = AccountSide(patient.account, (), (), (role,), (), (), ())
    commands = [f"aws iam update-assume-role-policy --role-name {arn.name} --policy-document file://trust.json"]
    changes = list(mended.changes)
    if longest_seconds is not None and longest_seconds < wanted:
        commands.append(f"aws iam update-role --role-name {arn.name} --max-session-duration {wanted}")
        changes.append(f"MaxSessionDuration becomes {wanted} seconds.")
    if (size := len("".join(as_text(mended.document).split()))) > _QUOTA:
        changes.append(f"Mind its size: it has {size} characters, and IAM takes {_QUOTA} unless the quota was raised.")
    return Patch(tuple(changes), as_text(mended.document), tuple(commands), as_cloudformation(side), as_terraform(side))


def _notes(patient: Patient) -> tuple[str, ...]:
    command = f"terraform import ADDRESS {patient.role.arn.name}"
    return (
        f"The role exists already: import it into your stack or state first ({command}), or copy the policy alone.",
    )
