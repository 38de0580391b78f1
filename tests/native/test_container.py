"""The container credentials endpoint, asked by boto3 and by curl that know nothing of fedgate."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from tests.office import Office
from tests.prompt import Tokens
from tests.servers.browser import Browser
from tests.world import DEVELOPER, DEVELOPMENT, PRODUCTION, World

pytestmark = pytest.mark.slow
_CALLER = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"


@pytest.fixture(scope="module")
def alice(office: Office) -> tuple[Browser, Tokens]:
    return office.terminal("alice")


@pytest.fixture(scope="module")
def bob(office: Office) -> Tokens:
    return office.terminal("bob")[1]


def boto3(world: World, home: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A script in a home of its own: `aws sts get-caller-identity`, with whatever credentials it finds."""
    told = {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL_STS": world.aws,
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_PROXY": "127.0.0.1",
    }
    command = [sys.executable, "-c", _CALLER]
    return subprocess.run(command, env=told | environment, capture_output=True, text=True, timeout=60, check=False)


def address(office: Office, role: str = "Developer", account: str = DEVELOPMENT) -> str:
    return f"{office.url}/aws/container/{account}/{role}"


def ask(url: str, authorization: str) -> requests.Response:
    headers = {"Authorization": authorization} if authorization else {}
    return requests.get(url, headers=headers, timeout=60, proxies={"no_proxy": "*"})


@pytest.mark.parametrize("before", ["", "Bearer "])
def test_boto3_takes_its_credentials_from_an_address_and_a_token(
    world: World, office: Office, alice: tuple[Browser, Tokens], tmp_path: Path, before: str
) -> None:
    token = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": before + alice[1].access}
    ended = boto3(world, tmp_path, AWS_CONTAINER_CREDENTIALS_FULL_URI=address(office), **token)
    assert ended.stdout.startswith(f"arn:aws:sts::{DEVELOPMENT}:assumed-role/Developer/alice"), ended.stderr


def test_boto3_reads_the_token_from_a_file(
    world: World, office: Office, alice: tuple[Browser, Tokens], tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(alice[1].access)
    told = {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(tmp_path / "token")}
    ended = boto3(world, tmp_path, AWS_CONTAINER_CREDENTIALS_FULL_URI=address(office), **told)
    assert ended.stdout.startswith(f"arn:aws:sts::{DEVELOPMENT}:assumed-role/Developer/alice"), ended.stderr


def test_the_answer_is_what_sdks_read(office: Office, alice: tuple[Browser, Tokens]) -> None:
    answer = ask(address(office), alice[1].access)
    found = answer.json()
    assert set(found) == {"AccessKeyId", "SecretAccessKey", "Token", "Expiration", "AccountId", "RoleArn"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", found["Expiration"])
    assert (found["AccountId"], found["RoleArn"]) == (DEVELOPMENT, DEVELOPER)
    assert answer.headers["Cache-Control"] == "no-store"


def test_bob_reads_in_boto3_why_he_does_not_get_the_role(
    world: World, office: Office, bob: Tokens, tmp_path: Path
) -> None:
    token = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": bob.access}
    ended = boto3(world, tmp_path, AWS_CONTAINER_CREDENTIALS_FULL_URI=address(office), **token)
    assert ended.returncode == 1
    assert "None of your groups gives you the role Developer in account 111111111111." in ended.stderr


def test_what_bob_may_not_have_and_what_does_not_exist_are_told_in_the_same_words(office: Office, bob: Tokens) -> None:
    answers = [ask(address(office, role, PRODUCTION), bob.access) for role in ("UpdateApp", "Nowhere1", "é")]
    said = [re.sub(r"role \S+ in|\(reference .*\)", "", answer.json()["message"]) for answer in answers]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert {answer.json()["code"] for answer in answers} == {"role_denied"}
    assert len(set(said)) == 1
    refused = [event for event in office.gateway.events() if event["kind"] == "credentials.refused"]
    assert len(refused) >= 3, "a refusal is on record, also of a role that does not exist"


@pytest.mark.parametrize("authorization", ["", "nonsense", "Bearer nonsense", "Basic abc", "é"])
def test_a_token_that_opens_nothing_is_told_where_to_get_one(office: Office, authorization: str) -> None:
    answer = ask(address(office), authorization.encode().decode("latin-1"))
    assert answer.status_code == 401
    assert answer.json()["code"] == "sign_in_required"
    assert "fedgate login" in answer.json()["message"]


def test_a_terminal_that_was_signed_out_gets_nothing_more(office: Office) -> None:
    browser, tokens = office.terminal("carla")
    assert ask(address(office, "ReadOnly", PRODUCTION), tokens.access).status_code == 200
    browser.http.post(f"{office.url}/oauth/revoke", data=tokens.leaving, timeout=60)
    assert ask(address(office, "ReadOnly", PRODUCTION), tokens.access).status_code == 401


def test_the_cookie_of_a_browser_opens_nothing_here(office: Office, alice: tuple[Browser, Tokens]) -> None:
    """A page elsewhere could otherwise make the browser ask."""
    assert alice[0].http.get(address(office), timeout=60).status_code == 401


@pytest.mark.needs("curl")
def test_curl_is_a_credential_process(
    world: World, office: Office, alice: tuple[Browser, Tokens], tmp_path: Path
) -> None:
    (tmp_path / "header").write_text(f"Authorization: Bearer {alice[1].access}\n")
    process = f"curl -sf -H @{tmp_path}/header {address(office)}?format=process"
    (tmp_path / "config").write_text(f"[profile dev]\ncredential_process = {process}\n")
    ended = boto3(world, tmp_path, AWS_CONFIG_FILE=str(tmp_path / "config"), AWS_PROFILE="dev")
    assert ended.stdout.startswith(f"arn:aws:sts::{DEVELOPMENT}:assumed-role/Developer/alice"), ended.stderr


def test_a_refusal_to_curl_is_one_line_for_the_person(office: Office, bob: Tokens) -> None:
    answer = ask(f"{address(office)}?format=process", bob.access)
    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "text/plain; charset=utf-8")
    assert re.fullmatch(r"None of your groups .*\(reference \S+\)\n", answer.text)


def test_a_shape_that_does_not_exist_is_not_guessed(office: Office, alice: tuple[Browser, Tokens]) -> None:
    answer = ask(f"{address(office)}?format=ini", alice[1].access)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")
