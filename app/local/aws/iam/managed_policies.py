"""Customer managed policies. Each has one version, `v1`; AWS's own are known by ARN (`policy/managed.py`)."""

from __future__ import annotations

from typing import Any

from app.local.aws import arns
from app.local.aws.desk import Visit
from app.local.aws.iam.common import (
    already_exists,
    arn,
    delete_conflict,
    encoded,
    invalid_input,
    limit_exceeded,
    no_such_entity,
    path_of,
    permit,
    tag_list,
    tags_of,
    weight,
)
from app.local.aws.policy.documents import Use, parse
from app.local.aws.policy.managed import text_of
from app.local.aws.things import ManagedPolicy

LARGEST = 6_144  # characters without blanks (IAM quotas)
VERSION = "v1"


def create_policy(visit: Visit) -> dict[str, Any]:
    name, path, world = visit.text("PolicyName"), path_of(visit), visit.desk.world
    policy_arn, text = arn(visit, "policy", path.lstrip("/") + name), visit.text("PolicyDocument")
    permit(visit, policy_arn)
    parse(text, Use.PERMISSIONS)
    if weight(text) > LARGEST:
        raise limit_exceeded(f"Cannot exceed quota for PolicySize: {LARGEST}")
    if world.policy(visit.signer.account, name) is not None:
        raise already_exists(f"A policy called {name} already exists. Duplicate names are not allowed.")
    world.policies[policy_arn] = ManagedPolicy(
        arn=policy_arn,
        account=visit.signer.account,
        path=path,
        name=name,
        policy_id=visit.desk.unique_id("ANPA"),
        document=text,
        created=visit.now,
        description=visit.text("Description"),
        tags=tags_of(visit),
    )
    return {"Policy": _shown(visit, world.policies[policy_arn])}


def get_policy(visit: Visit) -> dict[str, Any]:
    return {"Policy": _shown(visit, required_policy(visit))}


def get_policy_version(visit: Visit) -> dict[str, Any]:
    policy, version = required_policy(visit), visit.text("VersionId")
    if version != VERSION:
        raise no_such_entity(f"Policy {policy.arn} version {version} does not exist or is not attachable.")
    return {"PolicyVersion": _version(policy) | {"Document": encoded(policy.document)}}


def list_policy_versions(visit: Visit) -> dict[str, Any]:
    return {"Versions": [_version(required_policy(visit))], "IsTruncated": False}


def list_policies(visit: Visit) -> dict[str, Any]:
    """The account's own: the local AWS does not claim to know all of AWS's."""
    permit(visit, arn(visit, "policy", "*"))
    own = [] if visit.text("Scope") == "AWS" else visit.desk.world.policies_of(visit.signer.account)
    return {"Policies": [_shown(visit, policy) for policy in own], "IsTruncated": False}


def delete_policy(visit: Visit) -> dict[str, Any]:
    policy, world = required_policy(visit), visit.desk.world
    if world.policies.get(policy.arn) is None:
        raise invalid_input("AWS managed policies cannot be deleted.")
    if world.holders(policy.arn):
        raise delete_conflict("Cannot delete a policy attached to entities.")
    del world.policies[policy.arn]
    return {}


def required_policy(visit: Visit) -> ManagedPolicy:
    """The policy that the call names, the account's own or AWS's. Raises NoSuchEntity."""
    policy_arn, world = visit.text("PolicyArn"), visit.desk.world
    permit(visit, policy_arn)
    own = world.policies.get(policy_arn)
    if own is not None and own.account == visit.signer.account:
        return own
    text = text_of(policy_arn, world, visit.signer.partition, visit.signer.account)
    if text is None:
        raise no_such_policy(policy_arn)
    name = policy_arn.rsplit("/", 1)[-1]
    return ManagedPolicy(policy_arn, "aws", "/", name, "ANPA" + "AWSMANAGED".ljust(17, "0"), text, visit.now)


def no_such_policy(policy_arn: str) -> Exception:
    if arns.parse(policy_arn, "policy") is None and ":iam::aws:policy/" not in policy_arn:
        return invalid_input(f"ARN {policy_arn} is not valid.")
    return no_such_entity(f"Policy {policy_arn} does not exist or is not attachable.")


def _version(policy: ManagedPolicy) -> dict[str, Any]:
    return {"VersionId": VERSION, "IsDefaultVersion": True, "CreateDate": policy.created}


def _shown(visit: Visit, policy: ManagedPolicy) -> dict[str, Any]:
    mine = [holder for holder in visit.desk.world.holders(policy.arn) if holder.account == visit.signer.account]
    return {
        "PolicyName": policy.name,
        "PolicyId": policy.policy_id,
        "Arn": policy.arn,
        "Path": policy.path,
        "DefaultVersionId": VERSION,
        "AttachmentCount": len(mine),
        "IsAttachable": True,
        "CreateDate": policy.created,
        "UpdateDate": policy.created,
        "Tags": tag_list(policy.tags),
    } | ({"Description": policy.description} if policy.description else {})
