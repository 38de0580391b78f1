"""What `profiles sync` says: the patch or the lines on standard output, everything else beside it."""

from __future__ import annotations

from collections.abc import Sequence

from .. import output
from ..failures import Failure, printable
from . import aws_config, aws_paths, aws_sections, aws_settings
from .aws_lines import sso_commands
from .block_plan import Plan

SIGNS = {"added": "+", "changed": "~", "removed": "-", "kept": "="}


def patch(plan: Plan, as_json: bool) -> None:
    """What would change."""
    if as_json:
        output.as_json(described(plan, written=False))
    else:
        for line in difference(plan):
            output.data(line)
    warn(plan)
    output.tell("Nothing to do." if plan.new == plan.seen.content else "Nothing was written (--dry-run).")


def difference(plan: Plan) -> list[str]:
    """With three lines around each change, so that nobody has to read a long file."""
    import difflib

    old, new = (text.decode("utf-8", "replace").splitlines() for text in (plan.seen.content, plan.new))
    found = difflib.unified_diff(old, new, plan.seen.path, plan.seen.path, lineterm="")
    return [printable(line.replace("\t", "    ")) for line in found]


def lines(plan: Plan) -> None:
    for line in plan.lines:
        output.data(line.encode("utf-8", "replace").decode("utf-8"))
    warn(plan)
    output.tell(f"Nothing was written to {plan.seen.path} (--print).")


def done(plan: Plan, as_json: bool, besides: Sequence[str] = ()) -> None:
    """`besides` are other files that were written."""
    changed = plan.new != plan.seen.content
    if as_json:
        output.as_json(described(plan, changed))
    warn(plan)
    if changed:
        tell_changes(plan)
    elif not besides:
        output.tell("Nothing to do: the profiles are up to date." if plan.changes else nothing(plan))
    for path in besides:
        output.tell(f"Wrote {path}.")
    for name in plan.names("added")[:1]:
        commands = sso_commands(name, plan.session) if plan.session else sso_commands(name)[1:]
        output.tell("\n     ".join([f"Try: {commands[0]}", *commands[1:]]))


def tell_changes(plan: Plan) -> None:
    for one in plan.changes:
        if one.kind in SIGNS:
            output.tell(f"  {SIGNS[one.kind]} {one.profile}{' (you no longer have the role)' * (one.kind == 'kept')}")
    output.tell(f"Wrote {plan.seen.path}.")


def nothing(plan: Plan) -> str:
    return "No profile was written." if plan.taken or plan.skipped else "The gateway gives you no role for the prompt."


def described(plan: Plan, written: bool) -> dict[str, object]:
    return {
        "file": plan.seen.path,
        "written": written,
        "profiles": [{"profile": one.profile, "role_arn": one.arn, "change": one.kind} for one in plan.changes],
        "taken": [{"profile": one.profile, "role_arn": one.role.arn} for one in plan.taken],
        "skipped": [{"role_arn": arn, "reason": reason} for arn, reason in plan.skipped],
    }


def warn(plan: Plan) -> None:
    for one in plan.taken:
        output.tell(f"Left alone: profile {one.profile} is already in {plan.seen.path}, {place(plan, one.profile)}.")
    for arn, reason in plan.skipped:
        output.tell(printable(f"Left out: {arn} does not work right now: {reason}"))
    for change in plan.changes:
        if change.before:
            output.tell(f"Careful: profile {change.profile} was {change.before} until now, and is {change.arn}.")
    if plan.new != plan.seen.content:
        for line in plan.lost:
            output.tell(printable(f"Not kept, with the profile that it stood in: {line}"))
    with_keys = set() if plan.session else stored()  # IAM Identity Center comes before stored keys
    for name in sorted(with_keys & {one.profile for one in plan.changes if one.kind != "removed"}):
        output.tell(
            f"Careful: [{name}] in {aws_paths.credentials()} holds keys, and AWS tools prefer those to fedgate."
        )
    if plan.seen.names > 1 and plan.new != plan.seen.content:
        output.tell(f"{plan.seen.path} has a second name (a hard link), which keeps the file as it was.")


def place(plan: Plan, name: str) -> str:
    lines = aws_sections.split(plan.seen.content)
    for block in aws_config.blocks(lines):
        if name in aws_config.profiles(lines[block.begin : block.end]):
            way = "configure --native" if block.owner.endswith("/sso") else "profiles sync"
            return f"among the lines of `fedgate {way}` (another --prefix has room for both)"
    return "outside fedgate's block"


def stored() -> set[str]:
    """The names in the credentials file. The profiles are written by now: that this file cannot be read is a warning,
    and no failure."""
    try:
        return {one.name for one in aws_settings.every(aws_paths.credentials())}
    except Failure as failure:
        output.tell(printable(f"Careful: {failure.sentence}"))
        return set()
