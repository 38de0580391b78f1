"""Our two files below `~/.aws/models`, for an AWS CLI older than 2.13; never anybody else's.

Each holds one rule for each gateway on this machine, and goes when the last one does.
"""

from __future__ import annotations

import json
import os
from typing import Any

from .. import private_files
from ..failures import USAGE, Failure
from . import aws_paths
from .aws_lines import models_path, models_text
from .aws_rules import MARK, SERVICES


def install(gateway: str, region: str) -> list[str]:
    """The files that changed. Whether they are ours is asked of all before the first is written."""
    return put({place: {**rules, region: gateway} for place, rules in found().items()})


def remove(gateway: str) -> list[str]:
    return put(
        {place: {name: url for name, url in rules.items() if url != gateway} for place, rules in found().items()}
    )


def found() -> dict[str, dict[str, str]]:
    """Service to the gateways of its file: made-up region to address."""
    return {service: rules_of(path(service)) for service in SERVICES}


def path(service: str) -> str:
    return os.path.join(aws_paths.models(), *models_path(service).split("/"))


def rules_of(place: str) -> dict[str, str]:
    content = private_files.read(place)
    if content is None:
        return {}
    try:
        whole = json.loads(content)
        ours = whole["parameters"]["Region"]["documentation"] == MARK
        rules = [one for one in whole["rules"] if ours and len(one["conditions"]) == 2 and one["type"] == "endpoint"]
        return read(rules) if ours else foreign(place)
    except (ValueError, TypeError, KeyError, RecursionError):
        return foreign(place)


def read(rules: list[Any]) -> dict[str, str]:
    return {str(one["conditions"][1]["argv"][1]): str(one["endpoint"]["url"]) for one in rules}


def foreign(place: str) -> dict[str, str]:
    raise Failure(USAGE, f"{place} is not fedgate's; it was left alone.\nMove it away, or leave out --models.")


def put(wanted: dict[str, dict[str, str]]) -> list[str]:
    changed = []
    for service, rules in wanted.items():
        place = path(service)
        before = private_files.read(place)
        after = models_text(service, rules).encode("ascii") if rules else None
        if after == before:
            continue
        changed.append(place)
        if after is None:
            clear(place)
        else:
            private_files.write(place, after)
    return changed


def clear(place: str) -> None:
    """With the directories above it that are empty now, up to `models`."""
    os.unlink(place)
    directory = os.path.dirname(place)
    while directory.startswith(aws_paths.models()) and not os.listdir(directory):
        os.rmdir(directory)
        directory = os.path.dirname(directory)
