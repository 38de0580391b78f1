"""Which profile of `~/.aws/config` means which role of which gateway: `name TAB role TAB gateway`, one a line.

Written by `profiles sync`, read by `credential-process`; `~/.aws/config` is never asked, because a profile there can
be edited to name anything.
"""

from __future__ import annotations

from . import places, private_files


class Profile:
    """One line of the map: the profile's name, the role's ARN, the gateway's address."""

    __slots__ = ("name", "role", "gateway")

    def __init__(self, name: str, role: str, gateway: str) -> None:
        self.name = name
        self.role = role
        self.gateway = gateway


def path() -> str:
    return places.config("profiles")


def load() -> list[Profile]:
    content = private_files.read(path()) or b""
    parts = [line.split("\t") for line in content.decode("ascii", "replace").splitlines()]
    return [Profile(*part) for part in parts if len(part) == 3]


def find(name: str) -> Profile | None:
    return next((one for one in load() if one.name == name), None)


def save(profiles: list[Profile]) -> None:
    lines = [f"{one.name}\t{one.role}\t{one.gateway}\n" for one in profiles]
    private_files.write(path(), "".join(lines).encode("ascii"))
