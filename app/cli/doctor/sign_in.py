"""Is somebody signed in, and do the profiles still mean roles that the gateway gives?"""

from __future__ import annotations

from .. import login, role_list
from ..failures import Failure
from ..gateway import Gateway
from ..output import program
from ..role_list import Role
from .findings import CAREFUL, FINE, WRONG, Finding, Findings, Scene, listed


def look(scene: Scene) -> Findings:
    if not scene.gateway:
        return
    gateway = Gateway(scene.gateway, scene.ca_bundle)
    try:
        me = gateway.me()
        yield Finding("sign-in", FINE, login.name_of(me), f"signed in until {login.end_of(me)}")
        roles = role_list.fetch(gateway)
    except Failure as failure:
        yield Finding("sign-in", WRONG, "sign-in", failure.sentence, f"{program()} {failure.run or 'status'}")
        return
    yield from compared(scene, {role.arn: role for role in roles})


def compared(scene: Scene, given: dict[str, Role]) -> Findings:
    mine = [one for one in scene.profiles if one.gateway == scene.gateway and scene.only in ("", one.name)]
    lost = sorted(one.name for one in mine if one.role not in given)
    if lost:
        sentence = "the gateway does not give you this role (any more)"
        yield Finding("role", WRONG if scene.only else CAREFUL, listed(lost), sentence, f"{program()} profiles sync")
    for one in mine:
        role = given.get(one.role)
        if role is not None and role.whole.get("works") is False:
            reasons = role.whole.get("reasons")
            why = str(reasons[0]) if isinstance(reasons, list) and reasons else "the gateway does not say why"
            yield Finding("role", CAREFUL, one.name, f"does not work right now: {why}", f"{program()} roles")
    known = {one.role for one in mine}
    new = sorted(role.profile or role.arn for role in given.values() if role.cli and role.arn not in known)
    if new and mine and not scene.only:
        yield Finding("role", CAREFUL, listed(new), "has no profile here yet", f"{program()} profiles sync")
