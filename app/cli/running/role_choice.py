"""Which role `exec`, `env` and `serve` are to take; the gateway is asked only where what was typed does not say it."""

from __future__ import annotations

import os
from typing import NamedTuple

from .. import configuration, hand_over, profile_map, selection
from ..cached import Cached
from ..failures import DENIED, USAGE, Failure
from ..profiles import aws_settings
from ..profiles.aws_lines import AWS_REGION
from ..selection import Selection


class Choice(NamedTuple):
    """A role of a gateway. `profile` is what `profiles sync` calls it on this machine, empty when it does not;
    `region` is the role's own, empty when nobody says one."""

    selection: Selection
    profile: str
    region: str

    @property
    def name(self) -> str:
        return self.profile or self.selection.role

    def credentials(self, now: float) -> Cached:
        """Through the cache and the lock of `credential-process`, so that nobody asks the gateway twice."""
        return hand_over.credentials(self.selection, now, hand_over.ENOUGH)


def called(role: str | None, profile: str | None, command: str) -> str:
    """What was typed: `ROLE`, or `--profile` as AWS tools write it, or what `AWS_PROFILE` has said before."""
    if role and profile:
        raise Failure(USAGE, "name one role or one profile, not both", run=f"{command} --help")
    found = role or profile or os.environ.get("AWS_PROFILE", "")
    if not found:
        raise Failure(USAGE, "say which role", run=f"{command} --help")
    return found


def choose(name: str, gateway: str, ca_bundle: str) -> Choice:
    """`name` is a profile, an ARN, or what `role_list.one_called` takes; only the last has to be asked for."""
    place = [*(["--gateway", gateway] if gateway else []), *(["--ca-bundle", ca_bundle] if ca_bundle else [])]
    if profile_map.find(name) is not None:
        return Choice(selection.select(["--profile", name, *place]), name, aws_settings.region(name))
    if name.startswith("arn:"):
        return known(selection.select(["--role-arn", name, *place]), "")
    # Only now, because TLS and HTTP cost more than all the rest.
    from .. import role_list
    from ..gateway import Gateway

    address = configuration.gateway(gateway)
    role = role_list.one_called(role_list.fetch(Gateway(address, ca_bundle)), name, address)
    if not role.cli:
        raise Failure(DENIED, f"{name} is a role for the console only", run=f"console {name}")
    # AWS tools make host names of a region: what is none must not become part of one.
    region = role.region if AWS_REGION.fullmatch(role.region) else ""
    return known(selection.select(["--role-arn", role.arn, *place]), region)


def known(chosen: Selection, region: str) -> Choice:
    """With its profile, if it has one."""
    names = (one.name for one in profile_map.load() if (one.role, one.gateway) == (chosen.role, chosen.gateway))
    profile = next(names, "")
    return Choice(chosen, profile, (aws_settings.region(profile) if profile else "") or region)
