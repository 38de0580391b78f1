"""The whole way, as AWS's tools go it: by code, by browser, and then to the portal."""

from __future__ import annotations

import boto3
from botocore.config import Config

from tests.native.desk import DEVICE, Wire, device_page, milliseconds_from_now, oidc, portal, sign_in
from tests.office import Office
from tests.world import DEVELOPMENT, PRODUCTION, World


def test_boto3_signs_alice_in_by_a_code_and_gets_credentials_that_work(office: Office, world: World) -> None:
    client = oidc(office.url)
    registered = client.register_client(clientName="botocore-client-fedgate", clientType="public")
    known = {"clientId": registered["clientId"], "clientSecret": registered["clientSecret"]}
    begun = client.start_device_authorization(**known, startUrl="https://fedgate.awsapps.com/start")
    for _ in range(2):  # AWS's CLI asks twice before its first pause, and must not be told to slow down
        try:
            client.create_token(**known, grantType=DEVICE, deviceCode=begun["deviceCode"])
        except client.exceptions.AuthorizationPendingException:
            continue
    device_page(office, office.arrive("alice"), begun["verificationUriComplete"], "yes")
    tokens = client.create_token(**known, grantType=DEVICE, deviceCode=begun["deviceCode"])
    sso = portal(office.url)
    found = sso.get_role_credentials(roleName="UpdateApp", accountId=PRODUCTION, accessToken=tokens["accessToken"])
    keys = found["roleCredentials"]
    assert 14 * 60_000 < milliseconds_from_now(keys["expiration"]) < 13 * 3_600_000
    sts = boto3.client(
        "sts",
        region_name="eu-west-1",
        endpoint_url=world.aws,
        aws_access_key_id=keys["accessKeyId"],
        aws_secret_access_key=keys["secretAccessKey"],
        aws_session_token=keys["sessionToken"],
        config=Config(proxies={}),
    )
    assert ":assumed-role/UpdateApp/" in sts.get_caller_identity()["Arn"]


def test_accounts_and_roles_are_those_of_the_person(office: Office, alice: str) -> None:
    sso = portal(office.url)
    accounts = sso.list_accounts(accessToken=alice)["accountList"]
    assert [(one["accountId"], one["accountName"]) for one in accounts] == [
        (DEVELOPMENT, "Development"),
        (PRODUCTION, "Production"),
    ]
    pages = sso.get_paginator("list_account_roles").paginate(accessToken=alice, accountId=PRODUCTION)
    assert [role["roleName"] for page in pages for role in page["roleList"]] == ["ReadOnly", "UpdateApp"]


def test_signing_out_ends_the_tokens(office: Office, wire: Wire) -> None:
    token = sign_in(wire, office.arrive("bob"))["accessToken"]
    assert wire.get("/assignment/accounts", token).status_code == 200
    answer = wire.post("/logout", None, **{"x-amz-sso_bearer_token": token})
    assert (answer.status_code, answer.content) == (200, b"")
    assert wire.get("/assignment/accounts", token).headers["x-amzn-ErrorType"] == "UnauthorizedException"
