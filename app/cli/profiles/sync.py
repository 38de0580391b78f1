"""`fedgate profiles sync`: one profile in `~/.aws/config` for each role that may be used at the prompt."""

from __future__ import annotations

from typing import NamedTuple

from .. import configuration, launcher, own_path, profile_map, role_list
from ..gateway import Gateway
from ..locks import Lock
from ..profile_map import Profile
from . import aws_paths, profile_names, shared_file, sync_plan, sync_report
from .block_plan import Plan, Request
from .sync_options import Naming

WRITE, DRY_RUN, PRINT = "write", "dry-run", "print"


class Wish(NamedTuple):
    """What was typed; an empty `aws_config` means the file that AWS tools read. `what` is write, dry-run or print."""

    gateway: str
    ca_bundle: str
    naming: Naming
    aws_config: str
    what: str
    as_json: bool


def run(wish: Wish) -> int:
    wish.naming.check()
    roles = role_list.fetch(Gateway(wish.gateway, wish.ca_bundle))
    asked = Request(wish.gateway, roles, wish.naming, own_path.command(), aws_paths.config(wish.aws_config))
    if wish.what == DRY_RUN:
        sync_report.patch(sync_plan.make(asked), wish.as_json)
        return 0
    with Lock(profile_map.path(), configuration.WAIT):
        if wish.what == PRINT:
            sync_report.lines(printed(asked))
            return 0
        sync_report.done(shared_file.rewrite(lambda: written(asked)), wish.as_json)
    return 0


def printed(asked: Request) -> Plan:
    """The names are kept in the map: the lines are of use to whoever puts them into a file by another way."""
    plan = sync_plan.make(asked)
    remember(asked.gateway, plan, forget=False)
    return plan


def written(asked: Request) -> Plan:
    """The map grows first and shrinks last: killed in between, no profile is left that nobody can resolve."""
    plan = sync_plan.make(asked)
    remember(asked.gateway, plan, forget=False)
    if plan.new != plan.seen.content:
        shared_file.replace(plan.seen, plan.new)
    remember(asked.gateway, plan, forget=True)
    return plan


def remember(gateway: str, plan: Plan, forget: bool) -> None:
    """What the map holds besides stays: another gateway's profiles, and those of another file of settings."""
    mine = [Profile(one.profile, one.role.arn, gateway) for one in plan.named]
    there = {one.profile for one in plan.changes if one.kind != "added"}
    current = {one.role for one in mine}
    before = profile_map.load()
    profile_names.refuse_foreign(mine, [one for one in before if one.gateway != gateway])
    # The same name in another file would turn into another role there, behind the person's back.
    elsewhere = [one for one in before if one.gateway == gateway and one.name not in there and one.role in current]
    meant = {(one.name, one.role) for one in mine}
    profile_names.refuse_foreign(mine, [one for one in elsewhere if (one.name, one.role) not in meant])
    gone = {one.name for one in mine} | (set(plan.names("removed")) if forget else set())
    after = sorted([one for one in before if one.gateway != gateway or one.name not in gone] + mine, key=name)
    launcher.forget(after)
    profile_map.save(after)
    own_path.install()


def name(one: Profile) -> str:
    return one.name
