"""The portal as boto3 and the AWS CLI ask it: lists, credentials, and refusals whose sentence reaches the person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app.issuance import REFUSALS_A_MINUTE
from tests.limits import spend
from tests.native.desk import TOOL_HEADER, Wire, portal, sign_in
from tests.office import RULES, Office, open_office
from tests.world import ADMIN, DEVELOPMENT, PRODUCTION, World

pytestmark = pytest.mark.slow
_MORE = f"""
[[role]]
arn = "{ADMIN}"
label = "Administrator"
method = "saml"
provider_arn = "arn:aws:iam::{DEVELOPMENT}:saml-provider/fedgate"
require_mfa = true
fresh = 15
[[role]]
arn = "arn:aws:iam::{PRODUCTION}:role/ConsoleOnly"
method = "assume_role"
cli = false
[[rule]]
id = "more"
provider = "corp-oidc"
groups = ["Developers"]
roles = ["{ADMIN}", "arn:aws:iam::{PRODUCTION}:role/ConsoleOnly"]
"""


@pytest.fixture(scope="module")
def office(world: World) -> Iterator[Office]:
    with open_office(world, rules=RULES + _MORE) as found:
        yield found


@pytest.fixture(scope="module")
def wire(office: Office) -> Wire:
    return Wire(office.url)


@pytest.fixture(scope="module")
def alice(office: Office, wire: Wire) -> str:
    return str(sign_in(wire, office.arrive("alice"))["accessToken"])


def refused(sso: Any, token: str, account: str, role: str) -> tuple[int, str, str]:
    with pytest.raises(ClientError) as found:
        sso.get_role_credentials(accessToken=token, accountId=account, roleName=role)
    response = found.value.response
    return response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"], response["Error"]["Message"]


def test_pages_of_one_show_everything_once(office: Office, alice: str) -> None:
    sso = portal(office.url)
    pages = list(sso.get_paginator("list_accounts").paginate(accessToken=alice, PaginationConfig={"PageSize": 1}))
    assert [len(page["accountList"]) for page in pages] == [1, 1]
    asked = {"accessToken": alice, "accountId": DEVELOPMENT, "PaginationConfig": {"PageSize": 1}}
    roles = [
        role["roleName"]
        for page in sso.get_paginator("list_account_roles").paginate(**asked)
        for role in page["roleList"]
    ]
    assert roles == ["Admin", "Developer"]


def test_roles_for_the_console_only_are_not_listed(wire: Wire, alice: str) -> None:
    found = wire.get("/assignment/roles", alice, account_id=PRODUCTION).json()
    assert [role["roleName"] for role in found["roleList"]] == ["ReadOnly", "UpdateApp"]


def test_an_account_of_others_looks_like_one_that_does_not_exist(wire: Wire, alice: str) -> None:
    for account in ("222222222222", "none"):
        assert wire.get("/assignment/roles", alice, account_id=account).json() == {"roleList": []}


def test_roles_of_no_account_are_not_an_empty_list(wire: Wire, alice: str) -> None:
    answer = wire.get("/assignment/roles", alice)
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (400, "InvalidRequestException")


@pytest.mark.parametrize(
    "query",
    [{"next_token": "!"}, {"next_token": "a"}, {"next_token": "_w"}, {"max_result": "0"}, {"max_result": "1e9"}],
)
def test_a_page_that_nobody_was_given_is_refused(wire: Wire, alice: str, query: dict[str, str]) -> None:
    answer = wire.get("/assignment/accounts", alice, **query)
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (400, "InvalidRequestException")


@pytest.mark.parametrize("name", ["/Developer", "eveloper", "developer", "Developer ", "", "*"])
def test_only_the_whole_name_is_a_name(office: Office, alice: str, name: str) -> None:
    assert refused(portal(office.url), alice, DEVELOPMENT, name)[0] in (400, 403)


@pytest.mark.parametrize("before", ["", "role/"])
def test_bob_reads_the_same_of_a_role_that_he_was_not_given_and_of_none(
    office: Office, wire: Wire, before: str
) -> None:
    bob, sso = str(sign_in(wire, office.arrive("bob"))["accessToken"]), portal(office.url)
    real, none = (refused(sso, bob, PRODUCTION, before + name) for name in ("UpdateApp", "NoSuchRole"))
    assert real[:2] == none[:2] == (403, "ForbiddenException")
    sentences = [said[2].partition(" (reference")[0] for said in (real, none)]
    assert sentences[0] == (
        "None of your groups gives you the role UpdateApp in account 999999999999. "
        "If you need it, ask the people who manage AWS access."
    )
    assert sentences[0].replace("UpdateApp", "NoSuchRole") == sentences[1]
    newest = office.gateway.events()[-1]
    assert (newest["kind"], newest["name"]) == ("credentials.refused", "bob@example.test")


def test_a_broken_program_that_asks_for_what_does_not_exist_fills_no_disk(
    world: World, office: Office, wire: Wire
) -> None:
    erin = str(sign_in(wire, office.arrive("erin"))["accessToken"])
    asked = {"account_id": PRODUCTION, "role_name": "NoSuchRole"}
    before = len(office.gateway.events())

    def kind() -> str:
        return wire.get("/federation/credentials", erin, **asked).headers["x-amzn-ErrorType"]

    spend(world.redis_url, "refused", REFUSALS_A_MINUTE - 2, kind)
    assert [kind() for _ in range(3)] == ["ForbiddenException", *["TooManyRequestsException"] * 2]
    assert len(office.gateway.events()) - before == 2


def test_a_role_that_needs_a_stronger_sign_in_says_where_to_get_it(office: Office, alice: str) -> None:
    status, code, said = refused(portal(office.url), alice, DEVELOPMENT, "Admin")
    assert (status, code) == (403, "ForbiddenException")
    assert "The role Administrator needs a sign-in of the last 15 min with a second factor." in said
    assert f"{office.url}/signin/corp-oidc?to=%2F&mfa=1&max_age=900 and then run: aws sso login (reference" in said
    assert "fedgate login" not in said


def test_what_ends_is_told_as_something_to_sign_in_for(office: Office) -> None:
    assert refused(portal(office.url), "none", PRODUCTION, "ReadOnly")[:2] == (401, "UnauthorizedException")


def test_a_token_that_was_lost_on_the_way_is_no_ended_session(wire: Wire) -> None:
    """What a proxy that drops the header makes of it: 401 would send people round and round in `aws sso login`."""
    answer = wire.get("/federation/credentials", account_id=PRODUCTION, role_name="ReadOnly")
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (400, "InvalidRequestException")
    assert "underscores_in_headers on" in answer.json()["message"]


def test_a_parameter_that_comes_twice_counts_for_nothing(wire: Wire, alice: str) -> None:
    query = f"account_id={PRODUCTION}&role_name=ReadOnly&role_name=UpdateApp"
    answer = wire.http.get(f"{wire.url}/federation/credentials?{query}", headers={TOOL_HEADER: alice}, timeout=60)
    assert answer.status_code == 400


def test_our_own_cli_s_token_is_taken_and_a_cookie_is_not(office: Office, wire: Wire) -> None:
    browser, tokens = office.terminal("bob")
    assert wire.get("/federation/credentials", tokens.access, account_id=PRODUCTION, role_name="ReadOnly").ok
    answer = browser.http.get(f"{office.url}/assignment/accounts", timeout=60)
    assert answer.status_code == 400


def test_where_codes_are_off_the_person_reads_what_to_do_instead(wire: Wire) -> None:
    client = wire.register()
    known = {"clientId": client["clientId"], "clientSecret": client["clientSecret"]}
    answer = wire.post("/device_authorization", {**known, "startUrl": "https://fedgate.awsapps.com/start"})
    assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (400, "UnauthorizedClientException")
    assert "AWS CLI 2.22 or newer, run: aws sso login" in answer.json()["message"]


def test_the_start_address_leads_the_cli_to_a_name_of_awss_and_a_person_to_the_page(wire: Wire) -> None:
    head = wire.http.head(f"{wire.url}/start", allow_redirects=False, timeout=60)
    assert (head.status_code, head.headers["Location"]) == (302, "https://fedgate.awsapps.com/start")
    person = wire.http.get(f"{wire.url}/start", allow_redirects=False, timeout=60)
    assert (person.status_code, person.headers["Location"]) == (303, "/terminal")


def test_the_gateway_hears_itself(wire: Wire) -> None:
    assert wire.get("/assignment/self-test", "x").json() == {"arrived": True}
    assert wire.get("/assignment/self-test").json() == {"arrived": False}
    assert wire.get("/readyz").json()["checks"]["aws_tools"] == "ok"


def test_no_other_name_with_underscores_passes_for_the_header(wire: Wire) -> None:
    headers = {"x-forwarded_for": "203.0.113.9", "x_amz_sso_bearer_token": "x"}
    answer = wire.http.get(f"{wire.url}/assignment/self-test", headers=headers, timeout=60)
    assert answer.json() == {"arrived": False}
