"""`fedgate profiles sync`: one profile in `~/.aws/config` for each role that may be used at the prompt."""

from __future__ import annotations

import os
from typing import NamedTuple

from . import aws_config, configuration, output, own_path, profile_map, profile_names, role_list, shared_file
from .gateway import Gateway
from .locks import Lock
from .profile_map import Profile
from .profile_names import Named
from .shared_file import Seen


class Wish(NamedTuple):
    """What was typed; an empty `region` means each role's own."""

    gateway: str
    ca_bundle: str
    dry_run: bool
    prefix: str
    region: str


class Plan(NamedTuple):
    """What the file is, what it shall be, and which profiles somebody else already wrote."""

    owner: str
    seen: Seen
    new: bytes
    taken: list[str]
    added: list[str]
    removed: list[str]


def run(wish: Wish) -> int:
    profile_names.check_region(wish.region)
    roles = role_list.fetch(Gateway(wish.gateway, wish.ca_bundle))
    named = profile_names.named([role for role in roles if role.cli], wish.prefix)
    start = own_path.command()
    if wish.dry_run:
        show(plan(wish, named, start))
        return 0
    with Lock(profile_map.path(), configuration.WAIT):
        # The map first: should we be killed in between, no profile is left that nobody can resolve.
        remember(wish.gateway, named)
        write(plan(wish, named, start))
    return 0


def plan(wish: Wish, named: list[Named], start: str) -> Plan:
    owner = wish.gateway.partition("://")[2]
    seen = shared_file.look(config_path())
    outside = aws_config.profiles_outside(seen.content, owner)
    ours = [one for one in named if one.profile not in outside]
    new = aws_config.replaced(seen.content, owner, block(wish, owner, ours, start))
    before, after = aws_config.profiles_inside(seen.content, owner), {one.profile for one in ours}
    taken = sorted({one.profile for one in named} & outside)
    return Plan(owner, seen, new, taken, sorted(after - before), sorted(before - after))


def config_path() -> str:
    return os.path.expanduser(os.environ.get("AWS_CONFIG_FILE", "") or "~/.aws/config")


def credentials_path() -> str:
    return os.path.expanduser(os.environ.get("AWS_SHARED_CREDENTIALS_FILE", "") or "~/.aws/credentials")


def block(wish: Wish, owner: str, ours: list[Named], start: str) -> list[str]:
    """ASCII only, since some readers open the file in the locale's encoding; no comment behind a value, since AWS's
    format has none."""
    options = [f" --prefix {wish.prefix}" if wish.prefix else "", f" --region {wish.region}" if wish.region else ""]
    lines = [f"# BEGIN fedgate {owner} - generated, edits inside are lost: fedgate profiles sync{''.join(options)}"]
    for one in ours:
        helper = f"{start} credential-process --profile {one.profile}"
        lines += [f"[profile {one.profile}]", f"credential_process = {helper}"]
        region = wish.region or profile_names.region_of(one.role)
        lines += [f"region = {region}"] if region else []
    return [*lines, f"# END fedgate {owner}"]


def remember(gateway: str, named: list[Named]) -> None:
    others = [one for one in profile_map.load() if one.gateway != gateway]
    mine = [Profile(one.profile, one.role.arn, gateway) for one in named]
    profile_names.refuse_foreign(mine, others)
    profile_map.save([*others, *mine])


def show(planned: Plan) -> None:
    """What would change, as a patch on standard output."""
    import difflib

    old, new = (text.decode("utf-8", "replace").splitlines() for text in (planned.seen.content, planned.new))
    path = planned.seen.path
    for line in difflib.unified_diff(old, new, path, path, lineterm=""):
        output.data(line)
    warn(planned)
    output.tell("Nothing to do." if planned.new == planned.seen.content else "Nothing was written (--dry-run).")


def write(planned: Plan) -> None:
    warn(planned)
    if planned.new == planned.seen.content:
        output.tell("Nothing to do: the profiles are up to date.")
        return
    shared_file.replace(planned.seen, planned.new)
    for sign, names in (("+", planned.added), ("-", planned.removed)):
        for name in names:
            output.tell(f"  {sign} {name}")
    output.tell(f"Wrote {planned.seen.path}.")
    if planned.added:
        output.tell(f"Try: aws sts get-caller-identity --profile {planned.added[0]}")


def warn(planned: Plan) -> None:
    for name in planned.taken:
        output.tell(f"Left alone: profile {name} is already in {planned.seen.path}, outside fedgate's block.")
    stored = aws_config.sections(shared_file.look(credentials_path()).content)
    for name in sorted(stored & aws_config.profiles_inside(planned.new, planned.owner)):
        output.tell(f"Careful: [{name}] in {credentials_path()} holds keys, and AWS tools prefer those to fedgate.")
