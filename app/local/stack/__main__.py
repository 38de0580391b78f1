"""Starts the stack, then greets a person or walks the check; whatever happens, stops what it started."""

from __future__ import annotations

import argparse
import os
import re
import signal
import sys
import time
from pathlib import Path
from types import FrameType
from typing import NoReturn

import requests
from botocore.exceptions import BotoCoreError, ClientError

from app.local.stack import files, greeting, prompt
from app.local.stack.check import walk
from app.local.stack.children import Children, StackFailed
from app.local.stack.parts import Parts
from app.local.stack.place import Place
from app.local.stack.seed import Seed

ROOT = Path(__file__).resolve().parents[3]
_HIGHEST_PORT = 65_533  # three in a row


def main() -> int:
    told = _arguments().parse_args()
    place = Place(told.port, ROOT)
    children = Children(place.logs)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _as_interrupt)
    try:
        redis = _start(place, children)
        if told.check:
            return walk.walk(place)
        greeting.show(place, redis)
        _watch(children)
    except KeyboardInterrupt:
        say("stopping")
        return 130 if told.check else 0
    except StackFailed as failure:
        say(str(failure))
        return 1
    finally:
        # A second Ctrl-C must not leave half of the stack behind.
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        children.stop()


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="deploy/try", description="The whole of fedgate on this machine, with a local identity provider and AWS."
    )
    parser.add_argument("--port", type=_port, default=8080, help="of the gateway; the two after it are taken as well")
    parser.add_argument("--check", action="store_true", help="walk the main job by itself; exit 0 or 1")
    return parser


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{4,5}", text) or not 1024 <= int(text) <= _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"expected a number from 1024 to {_HIGHEST_PORT}")
    return int(text)


def _start(place: Place, children: Children) -> str:
    """Returns the name of the Redis in use."""
    place.prepare()
    files.write(place)
    parts = Parts(place, children, dict(os.environ))
    say("starting Redis, the local AWS and the identity provider")
    redis = parts.redis()
    seed = Seed(place, parts.aws())
    parts.identity_provider()
    say("starting the gateway, two workers")
    try:
        parts.gateway(redis, seed.gateway_key())
        seed.everything_else()
        prompt.prepare(place)
    except (BotoCoreError, ClientError, requests.RequestException) as error:
        raise StackFailed(f"the local AWS could not be prepared: {error}\nlogs: {place.logs}") from error
    return redis.program


def _watch(children: Children) -> NoReturn:
    while True:
        children.check()
        time.sleep(0.3)


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def say(sentence: str) -> None:
    print(f"try: {sentence}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
