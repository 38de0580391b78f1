"""Addresses that strangers write into links: where a browser would really go with what was accepted."""

from __future__ import annotations

import ada_url
from flask import Flask

from app.core.destinations import CONSOLE_HOSTS, console_destination
from app.core.roles import Partition
from app.web.guards import admin, public, signed_in
from app.web.returns import own_path
from tests.fuzz.target import Target, text_of

_OURS = "https://aws.example.com"


def _application() -> Flask:
    """Routes of the shapes that the gateway has; what is matched is the same."""
    app = Flask(__name__)

    def view(**_: str) -> str:
        return ""

    for number, (rule, guard) in enumerate(
        (
            ("/", signed_in),
            ("/console/<account>/<role_name>", signed_in),
            ("/roles/<account>/<path:role>", signed_in),
            ("/admin/", admin),
            ("/admin/people/<int:number>", admin),
            ("/signin/<provider>", public),
            ("/api/v1/me", public),
        )
    ):
        app.add_url_rule(rule, f"view{number}", guard(lambda **_: view()))
    return app


_APP = _application()


def destination(data: bytes) -> None:
    """What is accepted leads a browser to the console of that partition, and to nobody else."""
    text = text_of(data)
    for partition in Partition:
        try:
            accepted = console_destination(text, partition)
        except ValueError:
            continue
        url, console = ada_url.URL(str(accepted)), CONSOLE_HOSTS[partition]
        assert url.protocol == "https:"
        assert url.hostname == console or url.hostname.endswith(f".{console}"), url.hostname
        assert (url.username, url.password, url.port) == ("", "", "")
        assert accepted == text
        assert accepted.isascii() and accepted.isprintable()  # noqa: PT018 - one thought


def returns(data: bytes) -> None:
    """Whatever somebody wishes, the browser stays with us, at a page that is behind a guard."""
    path = own_path(_APP, text_of(data))
    assert path.startswith("/") and not path.startswith(("//", "/\\"))  # noqa: PT018 - one thought
    assert path.isascii() and path.isprintable() and " " not in path  # noqa: PT018 - one thought
    for here in ("/signin/resume?ticket=x", "/signin/corp/callback", "/"):
        went = ada_url.URL(path, base=_OURS + here)
        assert went.origin == _OURS, went.href
        assert not went.pathname.startswith(("/signin", "/api")), went.pathname
    assert own_path(_APP, path) == path, "written anew it is another path"


TARGETS = (
    Target(
        "destination",
        destination,
        (
            b"https://console.aws.amazon.com/s3/buckets?region=eu-west-1",
            b"https://eu-west-1.console.aws.amazon.com/ec2/home?region=eu-west-1#Instances:",
            b"https://111122223333-abcd.eu-west-1.console.aws.amazon.com/",
            b"https://console.amazonaws.cn/console/home",
            b"https://console.amazonaws-us-gov.com/",
        ),
        (
            b"console.aws.amazon.com",
            b"@",
            b"\\",
            b"//",
            b"#",
            b"?",
            b"%2f",
            b"%00",
            b"\t",
            b".evil.com",
            b":443",
            b"xn--",
            "\u3002".encode(),
            "\uff0f".encode(),
            b"..",
            b"[::1]",
        ),
    ),
    Target(
        "returns",
        returns,
        (
            b"/",
            b"/console/111111111111/Admin?destination=https://console.aws.amazon.com/",
            b"/roles/999999999999/team/UpdateApp?tab=1&x=%2F",
            b"/admin/people/7",
            b"//evil.example.com/",
        ),
        (
            b"//",
            b"\\",
            b"%2f",
            b"%5c",
            b"%0a",
            b"%09",
            b"/console/",
            b"/admin/",
            b"@evil.com",
            b"https:",
            b"..",
            b"%2e%2e",
            b";",
            b"?",
            b"#",
            "\u2044".encode(),
            b"%e2%80%ae",
        ),
    ),
)
