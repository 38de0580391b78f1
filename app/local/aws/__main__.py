"""`python -m app.local.aws --port N [--resolve https://id.example.test=http://127.0.0.1:8080 ...] ...`"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from app.local.aws.founding import FirstKey, read_keys, write_keys
from app.local.aws.server import LocalAws


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m app.local.aws", description="A strict local AWS, on loopback only."
    )
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument(
        "--resolve", action="append", default=[], metavar="HTTPS_ORIGIN=LOOPBACK_ORIGIN", help="plays DNS and TLS"
    )
    parser.add_argument("--base-url", default="", help="how others reach this server; default http://127.0.0.1:PORT")
    parser.add_argument("--state", type=Path, help="a JSON file that keeps the world over a restart")
    parser.add_argument(
        "--keys",
        help="a JSON file with accounts and the access keys of their operators, '-' for standard input; "
        "a file that does not exist is written, with two accounts and new keys",
    )
    return parser


def resolved(pairs: list[str]) -> dict[str, str]:
    """Raises ValueError."""
    if not all("=" in pair for pair in pairs):
        raise ValueError("--resolve: expected HTTPS_ORIGIN=LOOPBACK_ORIGIN")
    return dict(pair.split("=", 1) for pair in pairs)


def given_keys(place: str | None) -> tuple[FirstKey, ...]:
    if place == "-":
        return read_keys(sys.stdin.read())
    return read_keys(Path(place).read_text()) if place and Path(place).exists() else ()


def main() -> int:
    wanted = arguments().parse_args()
    try:
        keys, names = given_keys(wanted.keys), resolved(wanted.resolve)
        aws = LocalAws(names, keys, wanted.port, wanted.state, wanted.base_url)
    except ValueError as problem:
        print(f"local AWS: {problem}", file=sys.stderr)
        return 2
    if wanted.keys and not keys:
        write_keys(aws.keys, Path(wanted.keys))
    print(f"local AWS on {aws.url}", flush=True)
    try:
        aws.serve()
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
