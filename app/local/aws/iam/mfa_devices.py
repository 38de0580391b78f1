"""Virtual MFA devices: made, enabled for a user with two codes in a row, taken away again.

Source: IAM API Reference, EnableMFADevice and its siblings. The seed is shown once, when the device is made.
"""

from __future__ import annotations

import base64
from dataclasses import replace
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
)
from app.local.aws.iam.users import required_user
from app.local.aws.refusals import Refusal
from app.local.aws.things import MfaDevice, User
from app.local.aws.totp import consecutive_steps

SEED_BYTES = 40  # 64 characters of base32, as AWS's are
MOST = 8  # IAM quotas, "MFA devices per user"


def create_virtual_mfa_device(visit: Visit) -> dict[str, Any]:
    name, world = visit.text("VirtualMFADeviceName"), visit.desk.world
    serial = arn(visit, "mfa", path_of(visit).lstrip("/") + name)
    permit(visit, serial)
    if serial in world.mfa_devices:
        raise already_exists("MFADevice entity at the same path and name already exists.")
    device = MfaDevice(serial, visit.signer.account, visit.desk.random_bytes(SEED_BYTES))
    world.mfa_devices[serial] = device
    return {"VirtualMFADevice": {"SerialNumber": serial, "Base32StringSeed": base64.b32encode(device.seed)}}


def enable_mfa_device(visit: Visit) -> dict[str, Any]:
    """Two codes that follow each other. Both are spent: the first sign-in needs the next one."""
    user = required_user(visit)
    device, world = _required(visit), visit.desk.world
    if device.user:
        raise already_exists("MFA Device is already in use.")
    if len(world.devices_of(user.account, user.name)) >= MOST:
        raise limit_exceeded(f"Cannot exceed quota for MFADevicesPerUser: {MOST}")
    first, second = visit.text("AuthenticationCode1"), visit.text("AuthenticationCode2")
    step = consecutive_steps(device.seed, first, second, visit.now)
    if step is None:
        raise Refusal("InvalidAuthenticationCode", "Authentication code for device is not valid.", 403)
    world.mfa_devices[device.serial] = replace(device, user=user.name, enabled=visit.now, last_step=step)
    return {}


def list_mfa_devices(visit: Visit) -> dict[str, Any]:
    user = required_user(visit)
    devices = visit.desk.world.devices_of(user.account, user.name)
    shown = [{"UserName": d.user, "SerialNumber": d.serial, "EnableDate": d.enabled} for d in devices]
    return {"MFADevices": shown, "IsTruncated": False}


def deactivate_mfa_device(visit: Visit) -> dict[str, Any]:
    device = _of_user(visit, required_user(visit))
    visit.desk.world.mfa_devices[device.serial] = replace(device, user="", enabled=None)
    return {}


def delete_virtual_mfa_device(visit: Visit) -> dict[str, Any]:
    permit(visit, visit.text("SerialNumber"))
    device = _required(visit)
    if device.user:
        raise delete_conflict("MFA VirtualDevice in use. Must deactivate first.")
    del visit.desk.world.mfa_devices[device.serial]
    return {}


def _of_user(visit: Visit, user: User) -> MfaDevice:
    device = _required(visit)
    if device.user != user.name:
        raise no_such_entity(f"MFA Device {device.serial} is not associated with user {user.name}.")
    return device


def _required(visit: Visit) -> MfaDevice:
    serial = visit.text("SerialNumber")
    device = visit.desk.world.mfa_devices.get(serial)
    if device is None or device.account != visit.signer.account:
        raise no_such_entity(f"VirtualMFADevice with serial number {serial} does not exist.")
    return device
