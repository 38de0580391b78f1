"""`python -m app.doctor`: looks at trust policies now. Run it as the gateway's own user and with its settings.

    python -m app.doctor                                    every role of the catalog
    python -m app.doctor 999999999999                       those of an account
    python -m app.doctor ROLE_ARN                           one
    python -m app.doctor ROLE_ARN --document trust.json     what this document would do; IAM is not asked
        --format text | json

Exit codes: 0 every role that was looked at is sound; 1 something was found, or could not be looked at; 2 usage, or
settings and files with problems.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from app.core.roles import Role
from app.doctor.charts import State
from app.doctor.judging import Report
from app.doctor.telling import as_dictionary, as_lines
from app.doctor.ward import Ward
from app.errors import ConfigurationProblems, GatewayError, InvalidRequest
from app.settings import Settings


def reports(ward: Ward, what: str, document: Path | None) -> Iterator[Report]:
    """Raises InvalidRequest, also for a document that cannot be read."""
    roles = list(_wanted(ward, what))
    if document is None:
        yield from ward.look_at(roles)
        return
    if len(roles) != 1:
        raise InvalidRequest("--document goes with the ARN of one role.")
    try:
        text = document.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        raise InvalidRequest(f"{document}: {problem}") from None
    yield ward.examine(roles[0], text)


def _wanted(ward: Ward, what: str) -> Iterator[Role]:
    found = [role for arn, role in ward.catalog.view().roles.items() if what in ("", arn, arn.account)]
    if what and not found:
        raise InvalidRequest(f"{what} is no role of the catalog, and no account with roles in it.")
    return iter(found)


def main(arguments: Sequence[str]) -> int:
    from app.parts import ward_from

    asked = _parser().parse_args(arguments)
    try:
        found = list(reports(ward_from(Settings.from_environment()), asked.what, asked.document))
    except (ConfigurationProblems, InvalidRequest) as error:
        print(error.sentence, file=sys.stderr)
        return 2
    except GatewayError as error:
        print(f"{error.sentence} ({error.reason})", file=sys.stderr)
        return 1
    if asked.format == "json":
        print(json.dumps([as_dictionary(report) for report in found], indent=2, ensure_ascii=False))
    else:
        print("\n".join(line for report in found for line in as_lines(report)))
    return 0 if all(report.state in (State.SOUND, State.NONE) for report in found) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m app.doctor", description="How the trust policies of roles stand.")
    parser.add_argument("what", nargs="?", default="", metavar="ROLE_ARN|ACCOUNT", help="else every role")
    parser.add_argument("--document", type=Path, metavar="FILE", help="a trust policy to judge instead of IAM's")
    parser.add_argument("--format", choices=("text", "json"), default="text")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
