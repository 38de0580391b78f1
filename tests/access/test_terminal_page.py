"""The page "Set up your terminal": its lines are run here as they stand, by a shell and by AWS's own code."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
import requests
from bs4 import BeautifulSoup
from bs4.element import Tag

from tests.journeys.checks import faults
from tests.office import Office, open_office
from tests.prompt import Prompt, bearer
from tests.servers.browser import Browser, User
from tests.world import READ_ONLY, World

pytestmark = pytest.mark.slow
LABORATORY = "666666666666"
# Prints where AWS's own code would go, and stays here.
_ENDS = """
import sys, botocore.session

def stop(request, **_):
    print(request.url.removesuffix("/client/register").removesuffix("/logout"))
    raise InterruptedError

for region in ("fedgate-1", "eu-west-1"):
    client = botocore.session.Session().create_client(sys.argv[1], region)
    client.meta.events.register("before-send", stop)
    try:
        if sys.argv[1] == "sso":
            client.logout(accessToken="none")
        else:
            client.register_client(clientName="none", clientType="public")
    except InterruptedError:
        pass
"""
_ROLE = '[[role]]\narn = "arn:aws:iam::{account}:role/{name}"\nmethod = "assume_role"\n{more}\n'
_MANY = [("999999999999", f"Team{n:03}") for n in range(300)]
_ODD = [
    ("999999999999", "Look+Here", ""),
    ("999999999999", "Look,Here", ""),  # the same profile as the one above
    ("999999999999", "ConsoleOnly", "cli = false"),
    ("999999999999", "Careful", "require_mfa = true"),
    (LABORATORY, "Notebooks", ""),  # the gateway cannot take it, and finds out when somebody asks
]


def _rules() -> str:
    roles = [_ROLE.format(account=account, name=name, more="") for account, name in _MANY]
    roles += [_ROLE.format(account=account, name=name, more=more) for account, name, more in _ODD]
    arns = [f"arn:aws:iam::{account}:role/{name}" for account, name, *_ in (*_MANY, *_ODD)]
    laboratory = f'[[account]]\nid = "{LABORATORY}"\nname = "Laboratory"\nbase = {{ profile = "nobody-made-it" }}\n'
    rule = '[[rule]]\nid = "{id}"\nprovider = "corp-oidc"\ngroups = ["{group}"]\nroles = {roles}\n'
    console_only = [arn for arn in arns if arn.endswith("ConsoleOnly")]
    rules = rule.format(id="many", group="Developers", roles=[*arns, READ_ONLY])
    return laboratory + "".join(roles) + rules + rule.format(id="few", group="Staff", roles=console_only)


@pytest.fixture(scope="module")
def office(world: World) -> Iterator[Office]:
    """A company with three hundred roles and some odd ones, that takes no device codes."""
    with open_office(world, rules=_rules()) as found:
        yield found


@pytest.fixture(scope="module")
def alice(world: World) -> Browser:
    """At the gateway of the story, which takes device codes."""
    return _arrive(world, "alice")


def _arrive(world: World, key: str) -> Browser:
    browser = Browser()
    browser.sign_in(browser.open(f"{world.main.url}/signin/corp-oidc"), User(key))
    return browser


class Found:
    """The page, looked over."""

    def __init__(self, browser: Browser, gateway: str, query: str = "") -> None:
        self.answer = browser.http.get(f"{gateway}/terminal", params={"q": query} if query else {}, timeout=60)
        assert self.answer.status_code == 200
        headers = {name.lower(): value for name, value in self.answer.headers.items()}
        assert faults(200, headers, self.answer.text) == []
        self.soup = BeautifulSoup(self.answer.text, "html.parser")

    @property
    def says(self) -> str:
        main = self.soup.select_one("main")
        assert main is not None
        return " ".join(main.get_text(" ").split())

    def lines(self, anchor: str) -> str:
        found = self.soup.select_one(f"pre#{anchor}")
        assert isinstance(found, Tag), f"no lines called {anchor}"
        return found.get_text()

    @property
    def profiles(self) -> list[str]:
        return re.findall(r"^\[profile (\S+)\]$", self.lines("sso-config"), re.M)

    def left_out(self) -> dict[str, str]:
        """Role to reason."""
        details = [one for one in self.soup.select("details") if "left out" in one.get_text()]
        items = [item for one in details for item in one.select("li")]
        return {str(link.get_text()): item.get_text() for item in items if (link := item.find("a"))}


def shell(script: str, home: Path, kind: str = "bash") -> subprocess.CompletedProcess[str]:
    """As pasted into a terminal."""
    return subprocess.run(
        [kind, "-c", script],
        env={"HOME": str(home), "PATH": f"{home}/.local/bin:/usr/bin:/bin", "NO_PROXY": "127.0.0.1"},
        cwd=home,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_nobody_reads_it_before_they_sign_in(world: World) -> None:
    answer = requests.get(f"{world.main.url}/terminal?q=x", allow_redirects=False, timeout=60)
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?to=%2Fterminal%3Fq%3Dx")


@pytest.mark.parametrize(
    "kind", ["bash", *(pytest.param(name, marks=pytest.mark.needs(name)) for name in ("zsh", "fish"))]
)
def test_what_is_downloaded_is_checked_and_runs(world: World, alice: Browser, tmp_path: Path, kind: str) -> None:
    ended = shell(Found(alice, world.main.url).lines("fedgate-get") + "fedgate version", tmp_path, kind)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[0] == f"{tmp_path}/.local/bin/fedgate: OK"
    assert ended.stdout.splitlines()[1].startswith("fedgate ")


def test_what_is_not_the_gateways_program_does_not_become_one(world: World, alice: Browser, tmp_path: Path) -> None:
    script = Found(alice, world.main.url).lines("fedgate-get").replace("/cli/fedgate.pyz", "/healthz")
    ended = shell(script, tmp_path)
    assert ended.returncode != 0
    assert (tmp_path / ".local/bin/fedgate").stat().st_mode & 0o111 == 0


def test_awss_own_code_takes_the_text_to_the_gateway_for_every_profile(
    world: World, alice: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Found(alice, world.main.url)
    config = tmp_path / "config"
    config.write_text(page.lines("sso-config"), "utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    assert page.profiles == ["development.Developer", "production.ReadOnly", "production.UpdateApp"]
    for profile in page.profiles:
        session = botocore.session.Session(profile=profile)
        ends = {name: session.create_client(name).meta.endpoint_url for name in ("sso", "sso-oidc", "sts")}
        assert ends == {"sso": world.main.url, "sso-oidc": world.main.url, "sts": "https://sts.eu-west-1.amazonaws.com"}
        asked = session.get_scoped_config()
        assert (asked["sso_account_id"], asked["sso_role_name"], asked["region"]) == (
            {"development": "111111111111", "production": "999999999999"}[profile.partition(".")[0]],
            profile.partition(".")[2],
            "eu-west-1",
        )


def test_the_files_for_older_tools_come_without_a_sign_in_and_lead_to_the_gateway(
    world: World, alice: Browser, tmp_path: Path
) -> None:
    page = Found(alice, world.main.url)
    ended = shell(page.lines("models-get"), tmp_path)
    assert ended.returncode == 0, ended.stderr
    for service, aws in (("sso", "portal.sso"), ("sso-oidc", "oidc")):
        file = tmp_path / ".aws/models" / service / "2019-06-10/endpoint-rule-set-1.json"
        assert file.read_text("utf-8") == page.lines(f"models-{service}")
        program = [sys.executable, "-c", _ENDS, service]
        ended = subprocess.run(program, env={"HOME": str(tmp_path)}, capture_output=True, text=True, check=True)
        assert ended.stdout.split() == [world.main.url, f"https://{aws}.eu-west-1.amazonaws.com"]


def test_there_are_no_other_files(world: World) -> None:
    answer = requests.get(f"{world.main.url}/cli/models/../../etc/passwd", timeout=60)
    assert answer.status_code == 404
    assert requests.get(f"{world.main.url}/cli/models/sts/endpoint-rule-set-1.json", timeout=60).status_code == 404


def test_one_role_can_be_chosen_by_its_profile_and_some_by_words(world: World, alice: Browser) -> None:
    one = Found(alice, world.main.url, "production.UpdateApp")
    assert one.profiles == ["production.UpdateApp"]
    assert one.lines("first-call") == "aws sts get-caller-identity --profile production.UpdateApp\n"
    assert Found(alice, world.main.url, "999999999999 PROD").profiles == ["production.ReadOnly", "production.UpdateApp"]
    none = Found(alice, world.main.url, "<b>x</b>")
    assert "No role matches “<b>x</b>”" in none.says
    assert none.soup.select("pre") == []


def test_whom_no_role_was_given_reads_that_and_no_lines(world: World) -> None:
    page = Found(_arrive(world, "erin"), world.main.url)
    assert "You have no role for a terminal" in page.says
    assert page.soup.select("pre") == []


def test_whose_only_role_is_for_the_console_reads_why_there_are_no_lines(office: Office) -> None:
    page = Found(office.arrive("bob"), office.url)
    assert "ConsoleOnly in Production : It is given out for the console only." in page.says
    assert page.soup.select("pre") == []


def test_three_hundred_roles_are_all_there_and_odd_ones_are_left_out_with_their_reason(office: Office) -> None:
    alice = office.arrive("alice")
    alice.open(f"{office.url}/console/{LABORATORY}/Notebooks")
    page = Found(alice, office.url)
    assert page.profiles == ["production.Careful", "production.ReadOnly", *(f"production.{name}" for _, name in _MANY)]
    assert page.lines("first-call").endswith("--profile production.ReadOnly\n")  # no second factor is needed for it
    left = page.left_out()
    assert set(left) == {
        "Look+Here in Production",
        "Look,Here in Production",
        "ConsoleOnly in Production",
        "Notebooks in Laboratory",
    }
    assert "the same profile" in left["Look+Here in Production"]
    assert len(page.answer.content) < 400_000
    some = Found(alice, office.url, "team02")
    assert some.profiles == [f"production.Team02{n}" for n in range(10)]


def test_where_no_codes_are_taken_nothing_is_said_that_would_need_one(office: Office, world: World) -> None:
    page = Found(office.arrive("alice"), office.url)
    assert page.soup.select("#older") == []
    assert "this gateway takes none" in page.says
    with_codes = Found(_arrive(world, "alice"), world.main.url)
    assert "add --use-device-code" in with_codes.says


def test_where_the_gateway_does_not_speak_to_awss_tools_only_fedgate_is_left(world: World) -> None:
    with open_office(world, top="aws_tools = false") as silent:
        page = Found(silent.arrive("alice"), silent.url)
        model = requests.get(f"{silent.url}/cli/models/sso/2019-06-10/endpoint-rule-set-1.json", timeout=60)
    assert [str(one["id"]) for one in page.soup.select("section h2[id]")] == [
        "which",
        "roles",
        "with-fedgate",
        "elsewhere",
    ]
    assert "aws sso login" not in page.says
    assert model.status_code == 404


def test_no_line_holds_a_key_a_token_or_a_cookie(world: World, alice: Browser) -> None:
    page = Found(alice, world.main.url)
    held = [cookie.value for cookie in alice.http.cookies if cookie.value]
    assert held
    for pre in page.soup.select("pre"):
        assert not re.search(r"(?i)secret|token\s*=|\b(ASIA|AKIA)", pre.get_text())
        assert not any(value in pre.get_text() for value in held)


def test_each_roles_page_has_its_one_command(world: World, alice: Browser) -> None:
    answer = alice.http.get(f"{world.main.url}/roles/999999999999/UpdateApp", timeout=60)
    found = BeautifulSoup(answer.text, "html.parser")
    assert [pre.get_text() for pre in found.select("pre")] == [
        "aws sts get-caller-identity --profile production.UpdateApp\n"
    ]
    assert found.select('main a[href="/terminal?q=production.UpdateApp"]')


def test_the_page_and_the_command_line_write_the_same(world: World, alice: Browser, tmp_path: Path) -> None:
    page, prompt = Found(alice, world.main.url), Prompt(tmp_path, world.main.url, world.aws)
    assert prompt.login(alice).code == 0
    printed = prompt.fedgate("configure", "--native", "--print")
    assert printed.code == 0, printed.err
    written = [line for line in printed.out.splitlines() if not line.startswith("#")]
    assert written == [line for line in page.lines("sso-config").splitlines() if line]
    profiles = re.findall(r"^\[profile (\S+)\]$", prompt.fedgate("profiles", "sync", "--print").out, re.M)
    assert profiles == page.profiles


def test_programs_in_a_container_ask_the_gateway_itself(world: World, tmp_path: Path) -> None:
    """With the token of `aws sso login`, which lies where the AWS CLI has put it."""
    alice = _arrive(world, "alice")
    cache = tmp_path / ".aws/sso/cache" / f"{hashlib.sha1(b'fedgate', usedforsecurity=False).hexdigest()}.json"
    cache.parent.mkdir(parents=True)
    cache.write_text(json.dumps({"startUrl": "x", "accessToken": bearer(world.main.url, alice).access, "region": "x"}))
    page = Found(alice, world.main.url, "production.UpdateApp")
    program = "import boto3; print(boto3.client('sts', 'eu-west-1').get_caller_identity()['Arn'])"
    script = f'{page.lines("container-direct")}export AWS_ENDPOINT_URL={world.aws}\n{sys.executable} -c "{program}"'
    ended = shell(script, tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert ":assumed-role/UpdateApp/alice@example.test" in ended.stdout
    assert (tmp_path / ".aws/fedgate-token").stat().st_mode & 0o077 == 0
