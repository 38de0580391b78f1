"""A code or token belongs to the program that it was given to (RFC 6749 sections 4.1.3 and 6). Another one gets nothing
for it, and takes nothing away by trying."""

from __future__ import annotations

import pytest
import requests

from tests.native.desk import DEVICE, Pkce, Wire, device_page, sign_in
from tests.native.test_tokens import begin, kind
from tests.office import Office

REFUSED = (400, "InvalidGrantException")


def at_fedgates_door(office: Office, grant: str, **form: str) -> requests.Response:
    asked = {"client_id": "fedgate-cli", "grant_type": grant, **form}
    return requests.post(f"{office.url}/oauth/token", data=asked, timeout=60)


def newest_refusal(office: Office) -> dict[str, object]:
    found = [event for event in office.gateway.events() if event["kind"] == "terminal.refused"][-1]
    facts = found["facts"]
    assert isinstance(facts, dict)
    return {"subject": found["subject"], **facts}


def test_a_code_is_for_the_registration_that_asked(office: Office, wire: Wire) -> None:
    login = Pkce.of(wire)
    code = login.answer(office.arrive("alice"))["code"]
    assert kind(Pkce(wire, wire.register(), login.verifier).redeem(code)) == REFUSED
    assert newest_refusal(office)["reason"] == "oauth.client"
    assert login.redeem(code).status_code == 200, "whoever may not have it takes it from nobody"


def test_a_code_of_an_aws_tool_is_nothing_to_fedgate(office: Office, wire: Wire) -> None:
    login = Pkce.of(wire)
    code = login.answer(office.arrive("alice"))["code"]
    form = {"code": code, "redirect_uri": login.back, "code_verifier": login.verifier}
    refused = at_fedgates_door(office, "authorization_code", **form)
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert "another program" in refused.json()["error_description"]
    assert login.redeem(code).status_code == 200


def test_a_device_code_of_an_aws_tool_is_nothing_to_fedgate(office: Office, wire: Wire) -> None:
    client = wire.register()
    begun = begin(wire, client)
    device_page(office, office.arrive("alice"), begun["verificationUriComplete"], "yes")
    form = {"device_code": begun["deviceCode"], "code_verifier": client["clientSecret"]}
    assert at_fedgates_door(office, DEVICE, **form).json()["error"] == "invalid_grant"
    assert wire.token(client, grantType=DEVICE, deviceCode=begun["deviceCode"]).status_code == 200


def test_a_refresh_token_of_an_aws_tool_is_nothing_to_fedgate(office: Office, wire: Wire) -> None:
    tokens, client = sign_in(wire, office.arrive("alice")), wire.register()
    refused = at_fedgates_door(office, "refresh_token", refresh_token=tokens["refreshToken"])
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
    assert newest_refusal(office)["reason"] == "oauth.client"
    assert wire.get("/assignment/accounts", tokens["accessToken"]).ok
    again = wire.token(client, grantType="refresh_token", refreshToken=tokens["refreshToken"])
    assert again.status_code == 200, "a tool that has registered anew since is the same tool"


def test_fedgates_refresh_token_is_nothing_to_an_aws_tool(office: Office, wire: Wire) -> None:
    _browser, tokens = office.terminal("alice")
    refused = wire.token(wire.register(), grantType="refresh_token", refreshToken=tokens.refresh)
    assert kind(refused) == REFUSED
    assert "aws sso login" in refused.json()["message"]
    assert at_fedgates_door(office, "refresh_token", refresh_token=tokens.refresh).status_code == 200


def test_fedgate_does_not_revoke_what_an_aws_tool_was_given(office: Office, wire: Wire) -> None:
    """RFC 7009, section 2.1: refused, and its holder goes on."""
    tokens = sign_in(wire, office.arrive("alice"))
    for token in (tokens["refreshToken"], tokens["accessToken"]):
        asked = {"client_id": "fedgate-cli", "token": token}
        refused = requests.post(f"{office.url}/oauth/revoke", data=asked, timeout=60)
        assert (refused.status_code, refused.json()["error"]) == (400, "invalid_grant")
        assert newest_refusal(office)["reason"] == "oauth.client"
    assert wire.get("/assignment/accounts", tokens["accessToken"]).ok


@pytest.mark.parametrize("named", [{"client_id": "fedgate-cli"}, {}], ids=["by name", "without a name"])
def test_no_other_program_revokes_what_fedgate_was_given(office: Office, named: dict[str, str]) -> None:
    _browser, tokens = office.terminal("alice")
    other = {"token": tokens.refresh, "client_id": "another"}
    refused = requests.post(f"{office.url}/oauth/revoke", data=other, timeout=60)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    assert at_fedgates_door(office, "refresh_token", refresh_token=tokens.refresh).status_code == 200
    left = requests.post(f"{office.url}/oauth/revoke", data={"token": tokens.refresh, **named}, timeout=60)
    assert (left.status_code, left.json()) == (200, {})
    assert at_fedgates_door(office, "refresh_token", refresh_token=tokens.refresh).status_code == 400
