"""Every method by every door and for every length, through a real gateway to the strict local AWS, as one table.

method      what the API, the CLI and the console link give when the catalog allows 15 minutes, 2 hours (the
            roles' maximum in AWS) and 12 hours (more than AWS gives to the roles)
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config
from bs4 import BeautifulSoup

from tests.issuers.ways import BROKER, EVERYTHING, GATEWAY_OIDC, TRUSTED
from tests.local.aws.bench import document, trust
from tests.local.aws.phone import Phone
from tests.office import Office, open_office
from tests.patience import minutes_given
from tests.prompt import Prompt, Tokens, ask, bearer
from tests.servers.browser import Browser
from tests.world import PRODUCTION, World

pytestmark = pytest.mark.slow

AWS_MAXIMUM = 120  # minutes, of every role here
LENGTHS = {"short": 15, "longest": AWS_MAXIMUM, "too long": 720}  # minutes in the catalog
_SAML = f"arn:aws:iam::{PRODUCTION}:saml-provider/fedgate"
_POLICY = document(EVERYTHING)


def role_arn(name: str) -> str:
    return f"arn:aws:iam::{PRODUCTION}:role/{name}"


@dataclass(frozen=True, slots=True)
class Way:
    """A row: the catalog's entry, and the minutes that each length gives ("-" where there is no such door)."""

    name: str
    arn: str
    entry: str
    gives: tuple[int, int, int]  # minutes; 0 where AWS refuses the length and takes the code with it
    console: bool = True
    code: bool = False


WAYS = (
    Way("saml", role_arn("WaySaml"), f'method = "saml"\nprovider_arn = "{_SAML}"', (15, 120, 120)),
    Way(
        "web_identity", role_arn("WayWeb"), f'method = "web_identity"\nprovider_arn = "{GATEWAY_OIDC}"', (15, 120, 120)
    ),
    Way("assume_role", role_arn("WayAssume"), 'method = "assume_role"', (15, 120, 120)),
    Way("assume_role, code", role_arn("WayCode"), 'method = "assume_role"', (15, 120, 0), code=True),
    Way("federation_token", BROKER, f"method = \"federation_token\"\npolicy = '{_POLICY}'", (15, 120, 720)),
    Way("session_token", BROKER, 'method = "session_token"', (15, 120, 720), console=False, code=True),
    Way("cognito", role_arn("WayPool"), 'method = "cognito"\nidentity_pool = "POOL"', (60, 60, 60)),
    Way(
        "cognito, developer",
        role_arn("WayPool"),
        'method = "cognito"\nidentity_pool = "POOL"\npool_login = "login.fedgate"',
        (60, 60, 60),
    ),
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What an administrator of Production has made for this table."""

    pool: str
    phones: Iterator[Phone]  # made when they are needed: a new device's codes are those of the next half minute
    files: Path


@pytest.fixture(scope="module")
def prepared(world: World, tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    iam, pools = client(world, "iam"), client(world, "cognito-identity")
    iam.create_user(UserName="broker")
    iam.put_user_policy(UserName="broker", PolicyName="may", PolicyDocument=document(EVERYTHING))
    key = iam.create_access_key(UserName="broker")["AccessKey"]
    root = {"AWS": f"arn:aws:iam::{PRODUCTION}:root"}
    make(iam, "WaySaml", trust({"Federated": _SAML}, "sts:AssumeRoleWithSAML", *TRUSTED))
    make(iam, "WayWeb", trust({"Federated": GATEWAY_OIDC}, "sts:AssumeRoleWithWebIdentity", *TRUSTED))
    make(iam, "WayAssume", trust(root, "sts:AssumeRole", *TRUSTED))
    with_code = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    make(iam, "WayCode", trust(root, "sts:AssumeRole", *TRUSTED, **with_code))
    make(iam, "WayDoor", trust(root, "sts:AssumeRole", *TRUSTED, **with_code))
    made = pools.create_identity_pool(
        IdentityPoolName="ways",
        AllowUnauthenticatedIdentities=False,
        OpenIdConnectProviderARNs=[GATEWAY_OIDC],
        DeveloperProviderName="login.fedgate",
    )
    pool = str(made["IdentityPoolId"])
    of_pool = {
        "StringEquals": {"cognito-identity.amazonaws.com:aud": pool},
        "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"},
    }
    trusts = trust(
        {"Federated": "cognito-identity.amazonaws.com"},
        "sts:AssumeRoleWithWebIdentity",
        "sts:TagSession",
        **of_pool,
    )
    pools.set_identity_pool_roles(IdentityPoolId=pool, Roles={"authenticated": make(iam, "WayPool", trusts)})
    files = tmp_path_factory.mktemp("aws") / "credentials"
    files.write_text(
        f"[prod]\naws_access_key_id = {key['AccessKeyId']}\naws_secret_access_key = {key['SecretAccessKey']}\n"
    )
    return Prepared(pool, phones(iam), files)


def client(world: World, service: str) -> Any:
    keys = json.loads((world.stack / "aws-keys.json").read_text("utf-8"))
    operator = next(key for key in keys if key["id"] == PRODUCTION)
    session: Any = boto3.Session(operator["access_key_id"], operator["secret_access_key"], region_name="eu-west-1")
    return session.client(service, endpoint_url=world.aws, config=Config(proxies={}, retries={"max_attempts": 0}))


def make(iam: Any, name: str, policy: str) -> str:
    made = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy, MaxSessionDuration=60 * AWS_MAXIMUM)
    iam.put_role_policy(RoleName=name, PolicyName="may", PolicyDocument=document(EVERYTHING))
    return str(made["Role"]["Arn"])


def phones(iam: Any) -> Iterator[Phone]:
    """One at a time: IAM takes eight for a user."""
    for number in itertools.count():
        found = phone(iam, number)
        yield found
        iam.deactivate_mfa_device(UserName="broker", SerialNumber=found.serial)
        iam.delete_virtual_mfa_device(SerialNumber=found.serial)


def phone(iam: Any, number: int) -> Phone:
    made = iam.create_virtual_mfa_device(VirtualMFADeviceName=f"broker{number}")["VirtualMFADevice"]
    found = Phone(made["SerialNumber"], made["Base32StringSeed"])
    codes = found.codes(datetime.now(UTC))
    iam.enable_mfa_device(UserName="broker", SerialNumber=found.serial, **codes)
    return found


@pytest.fixture(scope="module")
def office(world: World, prepared: Prepared) -> Iterator[Office]:
    environment = {
        "AWS_SHARED_CREDENTIALS_FILE": str(prepared.files),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_ENDPOINT_URL_COGNITO_IDENTITY": world.aws,
    }
    with open_office(world, environment=environment) as opened:
        yield opened


@dataclass(slots=True)
class Desk:
    """Alice, at one gateway, with everything she signs in with."""

    office: Office
    prepared: Prepared
    world: World
    folder: Path
    browser: Browser
    tokens: Tokens

    def allows(self, way: Way, minutes: int, phone: Phone | None) -> None:
        """The catalog, from now on: this way alone."""
        text = way.entry.replace("POOL", self.prepared.pool)
        serial = f'mfa_serial = "{phone.serial}"\n' if phone else ""
        length = "" if "cognito" in way.name else f"max_minutes = {minutes}\n"
        catalog = (
            f'[[account]]\nid = "{PRODUCTION}"\nname = "Production"\nbase = {{ profile = "prod" }}\n\n'
            f'[[role]]\narn = "{way.arn}"\nregion = "eu-west-1"\n{text}\n{length}{serial}\n'
            f'[[rule]]\nid = "ways"\nprovider = "corp-oidc"\ngroups = ["Developers"]\nroles = ["{way.arn}"]\n'
        )
        path = self.office.gateway.folder / "catalog.toml"
        new = path.with_suffix(".new")
        new.write_text(catalog, "utf-8")
        new.replace(path)
        ready = requests.get(f"{self.office.url}/readyz", timeout=60)
        assert ready.status_code == 200, f"{ready.text}\n{catalog}"

    def tried(self, door: Callable[[Way, str], str], way: Way, minutes: int) -> str:
        phone = next(self.prepared.phones) if way.code else None
        self.allows(way, minutes, phone)
        return door(way, phone.code(datetime.now(UTC), 1) if phone else "")

    def api(self, way: Way, code: str) -> str:
        more = {"mfa_code": code} if code else {}
        answer = ask(self.office.url, self.browser, self.tokens, way.arn, **more)
        if answer.status_code != 200:
            return f"{answer.status_code} {answer.json()['code']}"
        return f"{minutes_given(answer.json()['Expiration'])} min"

    def cli(self, way: Way, code: str) -> str:
        """A machine that has fetched nothing yet."""
        home = self.folder / f"{way.name.replace(', ', '-')}-{len(list(self.folder.iterdir()))}"
        home.mkdir()
        prompt = Prompt(home, self.office.url, self.world.aws)
        login = prompt.login(self.browser)
        assert login.code == 0, login.err
        if code:
            refused = prompt.fedgate("credential-process", "--role-arn", way.arn)
            assert (refused.code, refused.err.strip().endswith(f"run: fedgate mfa {way.arn}")) == (5, True), refused.err
            typed = subprocess.run(
                prompt.terminal.command("mfa", way.arn),
                input=f"{code}\n",
                env=prompt.terminal.env,
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
            assert typed.stdout == ""
            if typed.returncode:
                return f"exit {typed.returncode}"
        given = prompt.fedgate("credential-process", "--role-arn", way.arn)
        if given.code:
            return f"exit {given.code}"
        return f"{minutes_given(json.loads(given.out)['Expiration'])} min"

    def console(self, way: Way, code: str) -> str:
        address = f"{self.office.url}/console/{PRODUCTION}/{way.arn.rpartition('/')[2]}"
        page = self.browser.open(address)
        assert isinstance(page, requests.Response)
        form = BeautifulSoup(page.text, "html.parser").select_one("form:has(#mfa_code)")
        if form is not None:
            csrf = str(form.select_one("[name=csrf]")["value"])  # type: ignore[index]  # the test fails without it
            page = self.browser.post(address, {"csrf": csrf, "mfa_code": f"{code[:3]} {code[3:]}"}, self.office.url)
            assert isinstance(page, requests.Response)
        ends = BeautifulSoup(page.text, "html.parser").select_one("time[datetime]")
        if page.url.startswith(self.world.aws) and ends is not None:
            return f"{minutes_given(str(ends['datetime']))} min"
        return f"{page.status_code} {'sign-in' if page.url.startswith(self.world.aws) else 'refused'}"


@pytest.fixture(scope="module")
def desk(world: World, prepared: Prepared, office: Office, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    browser = office.arrive("alice")
    tokens = bearer(office.url, browser)
    return Desk(office, prepared, world, tmp_path_factory.mktemp("desk"), browser, tokens)


def as_expected(given: tuple[str, ...], minutes: int, way: Way) -> bool:
    if minutes:
        return given == ((f"{minutes} min",) * 2 + (f"{minutes} min" if way.console else "403 refused",))
    # AWS took the code and refused the length. The worker that heard it asks for an hour with the next code.
    refused = ("502 aws_refused", "exit 7", "502 refused")
    return given[0] == refused[0] and all(one in (no, "60 min") for one, no in zip(given, refused, strict=True))


def test_every_way_gives_what_the_table_says(desk: Desk) -> None:
    """What a code brought is for the browser or terminal that gave it, so each door is asked for one of its own."""
    rows = [("method", "length", "API", "CLI", "console")]
    wrong = []
    for way in WAYS:
        for length, expected in zip(LENGTHS, way.gives, strict=True):
            doors: list[Callable[[Way, str], str]] = [desk.api, desk.cli, desk.console]
            row = (way.name, length, *(desk.tried(door, way, LENGTHS[length]) for door in doors))
            if not as_expected(row[2:], expected, way):
                wrong.append(row)
            rows.append(row)
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    sys.stdout.write("\n".join("  ".join(map(str.ljust, row, widths)) for row in rows) + "\n")
    assert wrong == []


def test_a_request_may_ask_for_less_and_for_no_more(desk: Desk) -> None:
    """Of lengths that the table has not asked for: what it got may still be kept, and is shorter by now."""
    way = WAYS[0]
    desk.allows(way, 90, None)
    asked = {
        minutes: ask(desk.office.url, desk.browser, desk.tokens, way.arn, duration_minutes=minutes)
        for minutes in (14, 20, 60, 720, 721)
    }
    assert [asked[minutes].status_code for minutes in asked] == [400, 200, 200, 200, 400]
    assert [minutes_given(asked[minutes].json()["Expiration"]) for minutes in (20, 60, 720)] == [20, 60, 90]
    assert asked[721].json()["code"] == "invalid_request"


def test_a_pools_hour_cannot_be_made_shorter_and_that_is_said(desk: Desk) -> None:
    way = next(way for way in WAYS if way.name == "cognito")
    desk.allows(way, 60, None)
    answer = ask(desk.office.url, desk.browser, desk.tokens, way.arn, duration_minutes=15)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
    assert "last an hour" in answer.json()["detail"]


def test_the_console_link_asks_for_a_code_and_then_goes_on(desk: Desk) -> None:
    way = Way("a code at the door", role_arn("WayDoor"), 'method = "assume_role"', (30, 30, 30))
    phone = next(desk.prepared.phones)
    desk.allows(way, 30, phone)
    missing = ask(desk.office.url, desk.browser, desk.tokens, way.arn)
    assert (missing.status_code, missing.json()["code"]) == (403, "mfa_code_required")
    assert "fedgate mfa" in missing.json()["detail"]
    bad = ask(desk.office.url, desk.browser, desk.tokens, way.arn, mfa_code="12345")
    assert (bad.status_code, bad.json()["code"]) == (400, "invalid_request")
    assert desk.console(way, "000000") == "502 refused"
    assert desk.console(way, phone.code(datetime.now(UTC), 1)) == "30 min"
    reasons = [event["facts"] for event in desk.office.gateway.events() if event["kind"] == "credentials.refused"]
    assert "mfa.code_required" in str(reasons)
