"""SerialNumber and TokenCode: the one-time code of an IAM user's own device."""

from __future__ import annotations

from dataclasses import replace

from app.local.aws.desk import Visit
from app.local.aws.refusals import Refusal, access_denied
from app.local.aws.totp import matching_step


def given_code(visit: Visit) -> bool:
    """False when none was given. Raises AccessDenied for half of it, a foreign device, or a wrong or spent code.

    The code is spent here, whatever becomes of the call: a guess must not be free because the role refused.
    """
    serial, code = visit.parameters.get("SerialNumber"), visit.parameters.get("TokenCode")
    if serial is None and code is None:
        return False
    if serial is None or code is None:
        raise _failed(", must provide both MFA serial number and one time pass code.")
    with visit.desk.world.changing():
        _spend(visit, serial, code)
    visit.desk.save()
    return True


def _spend(visit: Visit, serial: str, code: str) -> None:
    user, world = visit.signer.user, visit.desk.world
    device = world.mfa_devices.get(serial)
    if user is None or device is None or (device.account, device.user) != (user.account, user.name):
        unknown = "Please verify your MFA serial number is valid and associated with this user."
        raise _failed(f", unable to validate MFA code. {unknown}")
    step = matching_step(device.seed, code, visit.now, device.last_step)
    if step is None:
        raise _failed(" with invalid MFA one time pass code.")
    world.mfa_devices[serial] = replace(device, last_step=step)


def _failed(why: str) -> Refusal:
    return access_denied(f"MultiFactorAuthentication failed{why}")
