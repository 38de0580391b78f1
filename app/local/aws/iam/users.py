"""Users and their access keys."""

from __future__ import annotations

from typing import Any

from app.local.aws.desk import Visit
from app.local.aws.iam.common import (
    already_exists,
    arn,
    delete_conflict,
    limit_exceeded,
    no_such_entity,
    path_of,
    permit,
    tag_list,
    tags_of,
)
from app.local.aws.refusals import invalid
from app.local.aws.things import AccessKey, User

MOST_KEYS = 2


def create_user(visit: Visit) -> dict[str, Any]:
    name, path, world = visit.text("UserName"), path_of(visit), visit.desk.world
    user_arn = arn(visit, "user", path.lstrip("/") + name)
    permit(visit, user_arn)
    if world.user(visit.signer.account, name) is not None:
        raise already_exists(f"User with name {name} already exists.")
    user = User(
        arn=user_arn,
        account=visit.signer.account,
        partition=visit.signer.partition,
        path=path,
        name=name,
        user_id=visit.desk.unique_id("AIDA"),
        created=visit.now,
        tags=tags_of(visit),
    )
    world.users[user_arn] = user
    return {"User": _shown(user)}


def get_user(visit: Visit) -> dict[str, Any]:
    return {"User": _shown(required_user(visit))}


def delete_user(visit: Visit) -> dict[str, Any]:
    user = required_user(visit)
    if user.attached():
        raise delete_conflict("Cannot delete entity, must detach all policies first.")
    if user.policies():
        raise delete_conflict("Cannot delete entity, must delete policies first.")
    if visit.desk.world.devices_of(user.account, user.name):
        raise delete_conflict("Cannot delete entity, must delete MFA device first.")
    if visit.desk.world.keys_of(user.account, user.name):
        raise delete_conflict("Cannot delete entity, must delete access keys first.")
    del visit.desk.world.users[user.arn]
    return {}


def create_access_key(visit: Visit) -> dict[str, Any]:
    """The only time that the secret is shown."""
    user, world = required_user(visit), visit.desk.world
    if len(world.keys_of(user.account, user.name)) >= MOST_KEYS:
        raise limit_exceeded(f"Cannot exceed quota for AccessKeysPerUser: {MOST_KEYS}")
    key = AccessKey(visit.desk.key_id("AKIA"), visit.desk.secret(), user.account, user.name, visit.now)
    world.keys[key.id] = key
    shown = _shown_key(key) | {"SecretAccessKey": key.secret}
    return {"AccessKey": shown}


def list_access_keys(visit: Visit) -> dict[str, Any]:
    user = required_user(visit)
    keys = visit.desk.world.keys_of(user.account, user.name)
    return {"AccessKeyMetadata": [_shown_key(key) for key in keys], "IsTruncated": False}


def delete_access_key(visit: Visit) -> dict[str, Any]:
    user, key_id = required_user(visit), visit.text("AccessKeyId")
    if key_id not in [key.id for key in visit.desk.world.keys_of(user.account, user.name)]:
        raise no_such_entity(f"The Access Key with id {key_id} cannot be found.")
    del visit.desk.world.keys[key_id]
    return {}


def required_user(visit: Visit) -> User:
    """The user that the call names; without a name, the caller."""
    name = visit.text("UserName") or (visit.signer.user.name if visit.signer.user else "")
    if not name:
        raise invalid("Must specify userName when calling with non-User credentials")
    user = visit.desk.world.user(visit.signer.account, name)
    permit(visit, user.arn if user else arn(visit, "user", name))
    if user is None:
        raise no_such_entity(f"The user with name {name} cannot be found.")
    return user


def _shown(user: User) -> dict[str, Any]:
    return {
        "Path": user.path,
        "UserName": user.name,
        "UserId": user.user_id,
        "Arn": user.arn,
        "CreateDate": user.created,
        "Tags": tag_list(user.tags),
    }


def _shown_key(key: AccessKey) -> dict[str, Any]:
    return {"UserName": key.user, "AccessKeyId": key.id, "Status": "Active", "CreateDate": key.created}
