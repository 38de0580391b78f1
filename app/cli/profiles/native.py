"""`fedgate configure --native`: AWS tools then reach the gateway by themselves, with nothing of ours in between."""

from __future__ import annotations

from typing import NamedTuple

from .. import configuration, output, problems, profile_map, role_list
from ..failures import DENIED, Failure
from ..gateway import Gateway
from ..locks import Lock
from . import (
    aws_config,
    aws_default,
    aws_models,
    aws_paths,
    aws_sections,
    block_plan,
    native_plan,
    native_roots,
    shared_file,
    sync_report,
)
from .block_plan import Plan, Request
from .native_plan import Extras
from .shared_file import Seen
from .sync import DRY_RUN, PRINT
from .sync_options import Naming


class Wish(NamedTuple):
    """What was typed. `what` is write, dry-run or print."""

    gateway: str
    ca_bundle: str
    naming: Naming
    aws_config: str
    what: str
    as_json: bool
    default: bool
    models: bool


def run(wish: Wish) -> int:
    wish.naming.check()
    gateway = Gateway(wish.gateway, wish.ca_bundle)
    roles = role_list.fetch(gateway)
    refuse_where_it_is_off(gateway)
    asked = Request(wish.gateway, roles, wish.naming, "", aws_paths.config(wish.aws_config))
    extras = Extras(wish.default, native_roots.planned(wish.gateway, wish.ca_bundle))
    if wish.what == DRY_RUN:
        sync_report.patch(native_plan.make(asked, extras), wish.as_json)
    elif wish.what == PRINT:
        sync_report.lines(native_plan.make(asked, extras))
    else:
        write(wish, asked, extras)
    return 0


def refuse_where_it_is_off(gateway: Gateway) -> None:
    """Lines that lead to a closed door would be found by whoever runs the AWS CLI next."""
    answer = gateway.wire.get("/assignment/accounts")  # without a token: 401 where AWS tools are served
    if answer.status == 404:
        said = problems.failure(answer).sentence if answer.object_or_none() else "this gateway is too old for it"
        raise Failure(DENIED, said, run="profiles sync")


def write(wish: Wish, asked: Request, extras: Extras) -> None:
    with Lock(profile_map.path(), configuration.WAIT):
        if wish.models:
            aws_models.found()  # refuses what is not ours before anything is written
        if extras.ca_bundle:
            native_roots.install(wish.gateway, wish.ca_bundle)
        plan = shared_file.rewrite(lambda: written(asked, extras))
        models = aws_models.install(wish.gateway, f"{plan.session}-1") if wish.models else []
    sync_report.done(plan, wish.as_json, models)
    advise(wish, plan)


def written(asked: Request, extras: Extras) -> Plan:
    plan = native_plan.make(asked, extras)
    if plan.new != plan.seen.content:
        shared_file.replace(plan.seen, plan.new)
    return plan


def advise(wish: Wish, plan: Plan) -> None:
    section = aws_default.default(plan.new)
    if section is None or section.settings.get("services") != plan.session:
        output.tell(
            f"JavaScript programs that name a profile in their code, and `aws sso login` without --profile, look for "
            f"the gateway in [default] only: `{output.program()} configure --native --default` adds a line to it."
        )
    own = native_roots.private(wish.ca_bundle) if native_roots.planned(wish.gateway, wish.ca_bundle) else ""
    if own:
        output.tell(f"JavaScript programs trust your private CA only with NODE_EXTRA_CA_CERTS={own}")


def remove(gateway: str, typed_config: str) -> int:
    """Takes everything out again that `run` has put in. Asks the gateway nothing."""
    with Lock(profile_map.path(), configuration.WAIT):
        seen = shared_file.rewrite(lambda: taken_out(gateway, aws_paths.config(typed_config)))
        models = aws_models.remove(gateway)
        native_roots.remove(gateway)
    for place in [*([seen] if seen else []), *models]:
        output.tell(f"Removed fedgate's lines from {place}.")
    if not seen and not models:
        output.tell(f"Nothing to remove: no lines of `configure --native` for {gateway}.")
    return 0


def taken_out(gateway: str, path: str) -> str:
    """The file, if it changed."""
    with aws_sections.named(path):
        return without(shared_file.look(path), gateway)


def without(seen: Seen, gateway: str) -> str:
    owner = native_plan.native_owner(gateway)
    if not aws_config.inside(seen.content, owner):
        return ""
    name = native_plan.session_name(seen.content, gateway)
    content = block_plan.healed(seen.content, owner, lambda one: native_plan.is_ours(one, name), native_plan.SETTINGS)
    new = aws_default.without_services(aws_config.removed(content, owner), name)
    shared_file.replace(seen, new)
    return seen.path
