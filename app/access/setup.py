"""The lines of the page "Set up your terminal", for one person's roles.

What stands in AWS's own files comes from `app.cli.aws_lines`, so that the page and `fedgate configure --native` cannot
disagree. Here is only which roles, and what is typed into a shell. No secret passes through: what the lines lead to is
a sign-in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from app.access.flow import Offer
from app.cli import aws_lines
from app.cli.aws_lines import Entry
from app.core.decisions import Purpose

PROGRAM = "~/.local/bin/fedgate"
_NOT_AT_THE_PROMPT = "It is given out for the console only."
_NAME = "AWS tools could not read its profile's name; ask for another name of the account."
_TWICE = "Another of your roles would have the same profile; ask for another name of the account."


@dataclass(frozen=True, slots=True)
class Lines:
    """To be copied as they are. `anchor` is their id on the page, `what` their heading."""

    anchor: str
    what: str
    text: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    offer: Offer
    why: str


@dataclass(frozen=True, slots=True)
class Served:
    """What the gateway has for terminals. `digest`: SHA-256 of fedgate.pyz, in hexadecimal."""

    gateway: str
    digest: str
    takes_codes: bool  # does it sign terminals in by a code typed elsewhere?


@dataclass(frozen=True, slots=True)
class Chosen:
    """The roles to write lines for, sorted by profile, and of those at the prompt how many there are in all."""

    offers: tuple[Offer, ...]
    usable: tuple[Offer, ...]
    left_out: tuple[LeftOut, ...]


def choose(offers: Sequence[Offer], query: str) -> Chosen:
    """The roles that can be used at the prompt, and of these the one with that profile, or all that hold every word."""
    profiles = Counter(offer.profile for offer in offers if Purpose.CLI in offer.grant.purposes)
    judged = [(offer, _why_not(offer, profiles)) for offer in sorted(offers, key=lambda offer: offer.profile)]
    usable = tuple(offer for offer, why in judged if not why)
    named = tuple(offer for offer in usable if offer.profile == query)
    found = named or tuple(offer for offer in usable if offer.matches(query))
    return Chosen(found, usable, tuple(LeftOut(offer, why) for offer, why in judged if why))


def _why_not(offer: Offer, profiles: Counter[str]) -> str:
    """The CLI refuses names like these as a whole; here the other roles need not wait for better ones."""
    if Purpose.CLI not in offer.grant.purposes:
        return _NOT_AT_THE_PROMPT
    if not offer.plan.works:
        return offer.plan.problem
    if not aws_lines.PROFILE.fullmatch(offer.profile) or offer.profile == "default":
        return _NAME
    return _TWICE if profiles[offer.profile] > 1 else ""


def entry(offer: Offer) -> Entry:
    role = offer.grant.role
    region = role.region if aws_lines.AWS_REGION.fullmatch(role.region) else ""
    return Entry(offer.profile, role.arn.account, role.arn.name, role.arn, region)


def with_fedgate(served: Served, first: str) -> tuple[Lines, ...]:
    folder = PurePosixPath(PROGRAM).parent
    # Joined by `&&`: a file that is not what the gateway serves must not become a program.
    download = (
        f"mkdir -p {folder} &&",
        f"curl -fsS -o {PROGRAM} {served.gateway}/cli/fedgate.pyz &&",
        f'echo "{served.digest}  $HOME{PROGRAM[1:]}" |',
        "  sha256sum --check &&",
        f"chmod +x {PROGRAM}",
    )
    return (
        Lines("fedgate-get", "Download it, and check what came", _joined(download)),
        Lines(
            "fedgate-sign-in", "Sign in, and write a profile for each role", "fedgate login\nfedgate profiles sync\n"
        ),
        Lines("fedgate-try", "Try it", _joined(aws_lines.sso_commands(first)[1:])),
    )


def try_it(offer: Offer) -> Lines | None:
    """The first call as this role, of whoever is set up; None where no tool could make it."""
    if _why_not(offer, Counter()):
        return None
    return Lines("try", "As this role", _joined(aws_lines.sso_commands(offer.profile)[1:]))


def on_windows(served: Served) -> Lines:
    lines = (
        f"curl.exe -fsS -o fedgate.pyz {served.gateway}/cli/fedgate.pyz",
        "py fedgate.pyz login",
        "py fedgate.pyz profiles sync",
    )
    return Lines("fedgate-windows", "In PowerShell", _joined(lines))


def with_text_alone(served: Served, roles: Sequence[Entry]) -> tuple[Lines, ...]:
    """AWS's own sign-in, led to the gateway."""
    settings = "\n[".join(_joined(aws_lines.sso(served.gateway, roles)).split("["))  # an empty line between sections
    return (
        Lines("sso-config", "Add this to ~/.aws/config", settings.lstrip("\n")),
        Lines("sso-login", "Sign in, and try it", _joined(aws_lines.sso_commands(roles[0].profile))),
    )


def models(served: Served) -> dict[str, str]:
    """The two files for older AWS CLIs: path below `~/.aws/models` to text."""
    return aws_lines.sso_models(served.gateway)


def fetch_models(served: Served) -> Lines:
    lines: list[str] = []
    for path in models(served):
        target = PurePosixPath("~/.aws/models", path)
        lines += [f"mkdir -p {target.parent}", f"curl -fsS -o {target} {served.gateway}{models_path(path)}"]
    return Lines("models-get", "Put two files under ~/.aws/models", _joined(lines))


def shown_models(served: Served) -> tuple[Lines, ...]:
    return tuple(
        Lines(f"models-{path.partition('/')[0]}", f"~/.aws/models/{path}", text)
        for path, text in models(served).items()
    )


def models_path(path: str) -> str:
    """Where the gateway serves one of them."""
    return f"/cli/models/{path}"


def _joined(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
