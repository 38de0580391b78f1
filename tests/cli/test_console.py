"""`fedgate console`: which page, in which partition, and where in which browser."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from app.cli import console_services
from app.core.destinations import console_destination
from app.core.roles import Partition
from tests.cli.fake_answers import UPDATE_APP, role
from tests.cli.fake_gateway import Gateway
from tests.cli.terminal import Terminal
from tests.patience import until

RECORDER = "#!/bin/sh\nprintf '%s\\n' \"$@\" >'{told}.new' && mv '{told}.new' '{told}'\n"


def destination(terminal: Terminal, *words: str) -> str:
    typed = terminal.type("console", "UpdateApp", "--json", *words)
    assert typed.code == 0, typed.err
    return str(json.loads(typed.out)["destination"])


@pytest.mark.parametrize("words", [("-s", "s3"), ("--service", "S3"), ("--service=s3",)])
def test_a_service_is_opened_in_the_region_of_the_role(signed_in: Terminal, words: tuple[str, ...]) -> None:
    assert destination(signed_in, *words) == "https://eu-west-1.console.aws.amazon.com/s3/home?region=eu-west-1"


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (("-r", "us-east-2"), "https://us-east-2.console.aws.amazon.com/console/home?region=us-east-2"),
        (("-s", "ddb", "-r", "us-east-2"), "https://us-east-2.console.aws.amazon.com/dynamodbv2/home?region=us-east-2"),
        (("-s", "iam"), "https://console.aws.amazon.com/iam/home"),
        (("-s", "r53", "-r", "us-east-2"), "https://console.aws.amazon.com/route53/v2/home"),
        (("-s", "newservice"), "https://eu-west-1.console.aws.amazon.com/newservice/home?region=eu-west-1"),
        ((), ""),
    ],
)
def test_pages_by_name_and_region(signed_in: Terminal, words: tuple[str, ...], page: str) -> None:
    assert destination(signed_in, *words) == page


@pytest.mark.parametrize(
    ("partition", "region", "page"),
    [
        ("aws-cn", "cn-north-1", "https://cn-north-1.console.amazonaws.cn/lambda/home?region=cn-north-1"),
        ("aws-us-gov", "", "https://us-gov-west-1.console.amazonaws-us-gov.com/lambda/home?region=us-gov-west-1"),
    ],
)
def test_every_partition_has_its_own_console(
    signed_in: Terminal, gateway: Gateway, partition: str, region: str, page: str
) -> None:
    gateway.roles = [role(UPDATE_APP.replace(":aws:", f":{partition}:"), "Production", "p.UpdateApp", region=region)]
    assert destination(signed_in, "-s", "lambda") == page
    typed = signed_in.type("console", "UpdateApp", "-r", "eu-west-1", "--url")
    assert (typed.code, typed.out) == (2, "")
    assert f"eu-west-1 is no region of {partition}" in typed.err


@pytest.mark.parametrize("partition", list(Partition))
def test_the_gateway_lets_every_known_page_through(partition: Partition) -> None:
    region = console_services.HOMES[partition]
    for name in ("", *console_services.BY_NAME):
        page = console_services.address(partition, region, name)
        assert console_destination(page, partition) == page


def test_no_name_means_two_pages() -> None:
    names = [name for one in console_services.PAGES.values() for name in one]
    assert len(names) == len(set(names)) >= 80
    assert set(console_services.PAGES) >= console_services.EVERYWHERE | console_services.WHOLE


@pytest.mark.parametrize(
    "words",
    [
        ("-s", "../evil"),
        ("-s", "a@evil.example"),
        ("-s", "s3/home?x"),
        ("-s", "s3 home"),
        ("-r", "evil.example/"),
        ("-r", "eu-west-1.evil.example"),
        ("-r", "Europe"),
        ("-s", "s3", "--destination", "https://console.aws.amazon.com/"),
        ("-r", "eu-west-1", "--destination", "https://console.aws.amazon.com/"),
        ("--container", "a", "--browser-profile", "b"),
        ("--container-extension", "other"),
    ],
)
def test_what_is_no_page_is_not_asked_for(signed_in: Terminal, gateway: Gateway, words: tuple[str, ...]) -> None:
    typed = signed_in.type("console", "UpdateApp", "--url", *words)
    assert (typed.code, typed.out) == (2, "")
    assert gateway.calls["/api/v1/console"] == 0


def test_a_service_that_fedgate_does_not_know_is_tried_and_said(signed_in: Terminal) -> None:
    typed = signed_in.type("console", "UpdateApp", "--url", "-s", "newservice")
    assert typed.code == 0
    assert typed.err == "fedgate knows no service newservice; trying the page of that name.\n"


def test_the_role_may_come_from_the_shell(signed_in: Terminal, gateway: Gateway) -> None:
    signed_in.env["AWS_PROFILE"] = "production.UpdateApp"
    assert signed_in.type("console", "-u").out == f"{gateway.address}/console/999999999999/UpdateApp\n"
    signed_in.env["AWS_PROFILE"] = "somebody-elses"
    typed = signed_in.type("console", "-u")
    assert (typed.code, typed.out) == (2, "")


def test_the_services_are_listed_without_a_sign_in(terminal: Terminal, gateway: Gateway) -> None:
    typed = terminal.type("console", "--services")
    assert (typed.code, typed.err) == (0, "")
    assert ["cloudformation", "cfn"] in [line.split() for line in typed.out.splitlines()]
    found = json.loads(terminal.type("console", "--services", "--json").out)["services"]
    assert {"name": "dynamodb", "aliases": ["ddb"]} in found
    assert gateway.seen == []


def program(terminal: Terminal, name: str) -> Path:
    """A browser that writes down with what it was started."""
    folder, told = terminal.home / "bin", terminal.home / f"{name}.told"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(RECORDER.format(told=told))
    (folder / name).chmod(0o755)
    terminal.env["PATH"] = f"{folder}:/bin"
    return told


def words_of(told: Path) -> list[str]:
    until(told.exists, "the browser was not started")
    return told.read_text().splitlines()


@pytest.mark.parametrize(
    ("extension", "scheme"),
    [((), "ext+granted-containers"), (("--container-extension", "open-url"), "ext+container")],
)
@pytest.mark.parametrize(("wanted", "name"), [("auto", "production.UpdateApp"), ("my & work", "my & work")])
def test_a_container_of_firefox(
    signed_in: Terminal, gateway: Gateway, extension: tuple[str, ...], scheme: str, wanted: str, name: str
) -> None:
    told = program(signed_in, "firefox")
    typed = signed_in.type("console", "UpdateApp", "--container", wanted, *extension)
    assert (typed.code, typed.out) == (0, "")
    [opened] = words_of(told)
    assert opened.startswith(f"{scheme}:name=")
    given = parse_qs(opened.partition(":")[2], strict_parsing=True)
    assert given["name"] == [name]
    assert given["url"] == [f"{gateway.address}/console/999999999999/UpdateApp"]
    assert " " not in opened


def test_a_profile_of_chrome_by_the_name_that_people_see(signed_in: Terminal) -> None:
    told = program(signed_in, "google-chrome")
    settings = signed_in.home / ".config/google-chrome/Local State"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"profile": {"info_cache": {"Profile 7": {"name": "Work"}}}}))
    assert signed_in.type("console", "UpdateApp", "--browser-profile", "Work").code == 0
    assert words_of(told)[0] == "--profile-directory=Profile 7"
    told.unlink()
    settings.write_text("[")
    assert signed_in.type("console", "UpdateApp", "--browser-profile", "auto").code == 0
    words = words_of(told)
    assert words[0] == "--profile-directory=production.UpdateApp"
    assert urlsplit(words[-1]).path == "/console/999999999999/UpdateApp"


def test_a_browser_that_is_named_is_the_one_that_is_used(signed_in: Terminal) -> None:
    told = program(signed_in, "my-firefox")
    assert signed_in.type("console", "UpdateApp", "--container", "a", "--browser", "my-firefox --new %s").code == 0
    assert words_of(told)[0] == "--new"


@pytest.mark.parametrize(
    "words",
    [
        ("--container", "a"),
        ("--browser-profile", "a"),
        ("--container", "a", "--browser", "none"),
        ("--container", "a", "--browser", "'"),
        ("--browser", "none"),
    ],
)
def test_a_browser_that_is_not_here_is_said(signed_in: Terminal, words: tuple[str, ...]) -> None:
    signed_in.env["PATH"] = str(signed_in.home)
    typed = signed_in.type("console", "UpdateApp", *words)
    assert (typed.code, typed.out) == (2, "")
    assert "fedgate.pyz console --" in typed.err
