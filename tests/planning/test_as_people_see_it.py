"""Plans through a real gateway, on every door where they are told: the list, the role's page, the API, the CLI."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from bs4 import BeautifulSoup, Tag

from tests.issuers.ways import POLICY, TRUSTED
from tests.local.aws.bench import EVERYTHING, document, trust
from tests.office import Office, open_office, page_of
from tests.patience import minutes_given, until
from tests.prompt import Prompt, Tokens, ask, bearer
from tests.servers.browser import Browser
from tests.world import PRODUCTION, ROOT, World

pytestmark = pytest.mark.slow

SAML_PROVIDER = f"arn:aws:iam::{PRODUCTION}:saml-provider/fedgate"
SAML = f'method = "saml"\nprovider_arn = "{SAML_PROVIDER}"\nmax_minutes = 480'
BY_SAML = trust({"Federated": SAML_PROVIDER}, "sts:AssumeRoleWithSAML", *TRUSTED)
BY_NOBODY = trust({"AWS": f"arn:aws:iam::{PRODUCTION}:root"}, "sts:AssumeRole")
BY_US = trust({"AWS": f"arn:aws:iam::{PRODUCTION}:root"}, "sts:AssumeRole", *TRUSTED)
PARTNER = "222222222222"
DEVICE = f'mfa_serial = "arn:aws:iam::{PRODUCTION}:mfa/phone"'


def role(name: str, account: str = PRODUCTION) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def user(name: str) -> str:
    return f"arn:aws:iam::{PRODUCTION}:user/{name}"


ENTRIES = {
    role("PlanShort"): SAML,
    role("PlanShortAgain"): SAML,
    role("PlanClosed"): SAML,
    role("PlanChained"): 'method = "assume_role"\nmax_minutes = 480',
    role("PlanCode"): f'method = "assume_role"\n{DEVICE}',
    user("lender"): f"method = \"federation_token\"\npolicy = '{POLICY}'",
    user("broker-two"): f'method = "session_token"\n{DEVICE}',
    role("PlanPartner", PARTNER): 'method = "assume_role"',
}


def catalog() -> str:
    return "\n".join(
        [
            f'[[account]]\nid = "{PRODUCTION}"\nname = "Production"\nbase = {{ profile = "chained" }}',
            f'[[account]]\nid = "{PARTNER}"\nname = "Partner Ltd"\nzone = "third-party"',
            *(f'[[role]]\narn = "{arn}"\nregion = "eu-west-1"\n{entry}' for arn, entry in ENTRIES.items()),
            f'[[rule]]\nid = "all"\nprovider = "corp-oidc"\ngroups = ["Developers"]\nroles = {list(ENTRIES)}',
        ]
    )


@dataclass(slots=True)
class Desk:
    """Alice, at a gateway whose own credentials for Production are a role's."""

    office: Office
    world: World
    iam: Any
    browser: Browser
    tokens: Tokens
    prompt: Prompt

    def listed(self, name: str) -> Mapping[str, Any]:
        """The API's word."""
        http = self.browser.http
        answer = http.get(f"{self.office.url}/api/v1/roles", headers=self.tokens.header, timeout=60)
        assert answer.status_code == 200, answer.text
        found: dict[str, Mapping[str, Any]] = {entry["name"]: entry for entry in answer.json()["roles"]}
        return found[name]

    def typed(self, name: str) -> tuple[Mapping[str, Any], str]:
        """`fedgate roles --json`, and what `fedgate roles` says beside its table."""
        told = self.prompt.fedgate("roles", "--json")
        found = {entry["name"]: entry for entry in json.loads(told.out)["roles"]}
        return found[name], self.prompt.fedgate("roles").err

    def row(self, name: str, browser: Browser | None = None) -> Tag:
        page = page_of((browser or self.browser).open(f"{self.office.url}/"))
        found = BeautifulSoup(page.text, "html.parser").select_one(f'li[data-role*=" {name} "]')
        assert found is not None, f"{name} is not on the list"
        return found

    def page(self, name: str, account: str = PRODUCTION) -> str:
        page = page_of(self.browser.open(f"{self.office.url}/roles/{account}/{name}"))
        assert page.status_code == 200, page.text
        main = BeautifulSoup(page.text, "html.parser").main
        assert main is not None
        return " ".join(main.get_text(" ").split())

    def ask(self, name: str, browser: Browser | None = None, tokens: Tokens | None = None) -> requests.Response:
        return ask(self.office.url, browser or self.browser, tokens or self.tokens, role(name))


@pytest.fixture(scope="module")
def desk(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("plans")
    iam = operator(world)
    for name, policy, seconds in (
        ("PlanShort", BY_SAML, 3_600),
        ("PlanShortAgain", BY_SAML, 3_600),
        ("PlanClosed", BY_NOBODY, 28_800),
        ("PlanChained", BY_US, 43_200),
        ("PlanCode", BY_US, 43_200),
        ("PlanGateway", BY_US, 43_200),
    ):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy, MaxSessionDuration=seconds)
        iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=document(only_sts(name)))
    files = folder / "credentials"
    files.write_text(chained(world, iam), "utf-8")
    environment = {"AWS_SHARED_CREDENTIALS_FILE": str(files), "WEB_CONCURRENCY": "2"}
    with open_office(world, environment=environment, application="tests.planning.eager:app") as office:
        path = office.gateway.folder / "catalog.toml"
        path.with_suffix(".new").write_text(catalog(), "utf-8")
        path.with_suffix(".new").replace(path)
        browser = office.arrive("alice")
        home = folder / "home"
        home.mkdir()
        prompt = Prompt(home, office.url, world.aws)
        assert prompt.login(browser).code == 0
        yield Desk(office, world, iam, browser, bearer(office.url, browser), prompt)


def only_sts(name: str) -> Mapping[str, Any]:
    """The gateway's own role may not ask IAM, so what is known is what was learnt."""
    return {"Effect": "Allow", "Action": "sts:*", "Resource": "*"} if name == "PlanGateway" else EVERYTHING


def operator(world: World) -> Any:
    key = next(k for k in json.loads((world.stack / "aws-keys.json").read_text("utf-8")) if k["id"] == PRODUCTION)
    return client(world, "iam", key["access_key_id"], key["secret_access_key"])


def client(world: World, service: str, key: str, secret: str) -> Any:
    session: Any = boto3.Session(key, secret, region_name="eu-west-1")
    return session.client(service, endpoint_url=world.aws, config=Config(proxies={}, retries={"max_attempts": 0}))


def chained(world: World, iam: Any) -> str:
    """The profile that the gateway signs with: a session of PlanGateway."""
    iam.create_user(UserName="planner")
    iam.put_user_policy(UserName="planner", PolicyName="may", PolicyDocument=document(EVERYTHING))
    key = iam.create_access_key(UserName="planner")["AccessKey"]
    sts = client(world, "sts", key["AccessKeyId"], key["SecretAccessKey"])
    given = sts.assume_role(RoleArn=role("PlanGateway"), RoleSessionName="gateway")["Credentials"]
    return (
        f"[chained]\naws_access_key_id = {given['AccessKeyId']}\n"
        f"aws_secret_access_key = {given['SecretAccessKey']}\naws_session_token = {given['SessionToken']}\n"
    )


def test_an_hour_instead_of_eight_is_given_then_known_everywhere_and_asked_for_at_once(desk: Desk) -> None:
    assert (desk.listed("PlanShort")["max_minutes"], desk.listed("PlanShort")["works"]) == (480, True)
    desk.world.forget_calls()
    first = desk.ask("PlanShort")
    assert (first.status_code, minutes_given(first.json()["Expiration"])) == (200, 60)
    assert [call["result"] for call in desk.world.calls("AssumeRoleWithSAML")] == ["ValidationError"] * 3 + ["ok"]
    why = "The role's MaxSessionDuration in AWS is 1 h (AWS has refused more)."
    found, _ = desk.typed("PlanShort")
    for told in (desk.listed("PlanShort"), found):
        assert (told["max_minutes"], told["works"], told["reasons"][0]) == (60, True, why)
    assert "up to 1 h, not 8 h" in " ".join(desk.row("PlanShort").get_text().split())
    page = desk.page("PlanShort")
    assert "Sessions of up to 1 h" in page
    assert f"{why} The shortest decides. The catalog gives this role out for up to 8 h." in page
    carla, tokens = desk.office.terminal("carla")
    desk.world.forget_calls()
    second = desk.ask("PlanShort", carla, tokens)
    assert (second.status_code, minutes_given(second.json()["Expiration"])) == (200, 60)
    assert [call["result"] for call in desk.world.calls("AssumeRoleWithSAML")] == ["ok"]


def test_the_console_opens_for_the_hour_that_there_is(desk: Desk) -> None:
    page = page_of(desk.browser.open(f"{desk.office.url}/console/{PRODUCTION}/PlanShortAgain"))
    assert page.url.startswith(desk.world.aws), page.text
    ends = BeautifulSoup(page.text, "html.parser").select_one("time[datetime]")
    assert ends is not None
    assert minutes_given(str(ends["datetime"])) == 60


def test_a_role_that_aws_refused_is_not_offered_until_it_works_again(desk: Desk) -> None:
    assert "Open console" in desk.row("PlanClosed").get_text()
    assert desk.ask("PlanClosed").status_code == 502
    told, said = desk.typed("PlanClosed")
    assert (told["works"], told["reasons"], desk.listed("PlanClosed")["works"]) == (
        False,
        desk.listed("PlanClosed")["reasons"],
        False,
    )
    why = "does not let the gateway in this way (AccessDenied)."
    assert why in told["reasons"][0]
    assert f"production.PlanClosed does not work right now: {told['reasons'][0]}" in said
    row = " ".join(desk.row("PlanClosed").get_text().split())
    assert (why in row, "Open console" in row, "Copy CLI line" in row, "Why?" in row) == (True, False, False, True)
    page = desk.page("PlanClosed")
    assert ("This role does not work right now" in page, why in page) == (True, True)
    assert "Try the console all the same" in page
    carla = desk.office.arrive("carla")
    assert "Open console" in desk.row("PlanClosed", carla).get_text()  # what one is refused, another may get

    desk.iam.update_assume_role_policy(RoleName="PlanClosed", PolicyDocument=BY_SAML)
    time.sleep(2.1)  # for so long everybody who waited for the refusal hears the same
    opened = page_of(desk.browser.open(f"{desk.office.url}/console/{PRODUCTION}/PlanClosed"))
    assert opened.url.startswith(desk.world.aws), opened.text
    assert desk.listed("PlanClosed")["works"] is True
    assert "Open console" in desk.row("PlanClosed").get_text()


def test_role_chaining_says_one_hour_and_why_before_and_after_it_was_used(desk: Desk) -> None:
    until(lambda: desk.listed("PlanChained")["max_minutes"] == 60)
    assert "role chaining one hour" in desk.listed("PlanChained")["reasons"][0]
    desk.world.forget_calls()
    given = desk.ask("PlanChained")
    assert (given.status_code, minutes_given(given.json()["Expiration"])) == (200, 60)
    assert [call["result"] for call in desk.world.calls("AssumeRole")] == ["ok"]
    assert "role chaining one hour" in desk.listed("PlanChained")["reasons"][0]
    assert "MaxSessionDuration" not in desk.page("PlanChained")


@pytest.mark.parametrize("name", ["lender", "broker-two"])
def test_temporary_credentials_lend_no_user_and_the_role_is_shown_as_not_working(desk: Desk, name: str) -> None:
    until(lambda: desk.listed(name)["works"] is False)
    assert "needs the long-term key of an IAM user" in desk.listed(name)["reasons"][0]
    assert "Open console" not in desk.row(name).get_text()
    page = desk.page(name)
    assert ("does not work right now" in page, f"IAM user {user(name)}" in page) == (True, True)


def test_a_session_token_has_no_console_anywhere(desk: Desk) -> None:
    assert desk.listed("broker-two")["console"] is False
    page = desk.page("broker-two")
    assert "AWS opens no console for credentials of GetSessionToken." in page
    assert ("Try the console" in page, "Session name" in page) == (False, False)


def test_a_federation_token_is_shown_with_its_own_shorter_name(desk: Desk) -> None:
    words = desk.page("lender").split()
    assert len(words[words.index("name") + 1]) <= 32


def test_a_role_with_a_device_says_that_a_code_is_asked_for(desk: Desk) -> None:
    sentence = "AWS asks for a code of an MFA device when the session begins."
    assert sentence in desk.listed("PlanCode")["reasons"]
    assert sentence in desk.page("PlanCode")


def test_a_third_partys_closed_role_says_who_must_open_it(desk: Desk) -> None:
    assert desk.office.gateway.process is not None
    registering = subprocess.run(
        [sys.executable, "-m", "app.thirdparty", "register", role("PlanPartner", PARTNER)],
        env=dict(desk.office.gateway.process.environment),
        cwd=ROOT,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert registering.returncode == 1
    told, said = desk.typed("PlanPartner")
    assert (told["works"], "the owner of the account Partner Ltd" in told["reasons"][0]) == (False, True)
    assert told["reasons"][0] in said
    page = desk.page("PlanPartner", PARTNER)
    assert ("the owner of the account Partner Ltd" in page, "all the same" in page) == (True, False)


def test_the_page_of_a_role_not_given_does_not_tell_whether_there_is_one(desk: Desk) -> None:
    bob = desk.office.arrive("bob")
    found = [page_of(bob.open(f"{desk.office.url}/roles/{PRODUCTION}/{name}")) for name in ("PlanShort", "PlanNone")]
    assert [page.status_code for page in found] == [403, 403]
    said = [BeautifulSoup(page.text, "html.parser").select_one("main") for page in found]
    assert ["PlanShort" in str(said[0]), "PlanNone" in str(said[1])] == [True, True]
