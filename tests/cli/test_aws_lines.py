"""The lines that lead AWS tools to a gateway, read by botocore as it would read them on somebody's machine."""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.configloader import load_config
from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError, EndpointResolutionError

from app.cli.profiles import aws_lines, aws_rules
from app.cli.profiles.aws_lines import Entry

GATEWAY = "https://aws.example.com"
UPDATE_APP = Entry(
    "production.UpdateApp", "999999999999", "UpdateApp", "arn:aws:iam::999999999999:role/UpdateApp", "eu-west-1"
)
READ_ONLY = Entry("development.ReadOnly", "111111111111", "ReadOnly", "arn:aws:iam::111111111111:role/ReadOnly", "")
ENDPOINT = {"endpoint_url": GATEWAY}


def read(path: Path, lines: list[str]) -> dict[str, Any]:
    path.write_text("\n".join(lines) + "\n")
    return dict(load_config(str(path)))


def test_the_lines_for_sso_say_to_botocore_what_they_should(tmp_path: Path) -> None:
    found = read(tmp_path / "config", aws_lines.sso(GATEWAY, [UPDATE_APP, READ_ONLY]))
    session = {"sso_start_url": GATEWAY + "/start", "sso_region": "fedgate-1"}
    assert found["sso_sessions"] == {"fedgate": {**session, "sso_registration_scopes": "sso:account:access"}}
    assert found["services"] == {"fedgate": {"sso": ENDPOINT, "sso_oidc": ENDPOINT, "signin": ENDPOINT}}
    both = {"sso_session": "fedgate", "services": "fedgate"}
    assert found["profiles"] == {
        "default": {"services": "fedgate"},
        "production.UpdateApp": {
            "sso_account_id": "999999999999",
            "sso_role_name": "UpdateApp",
            "region": "eu-west-1",
            **both,
        },
        "development.ReadOnly": {"sso_account_id": "111111111111", "sso_role_name": "ReadOnly", **both},
    }


def test_the_clients_of_such_a_profile_go_to_the_gateway_and_all_others_to_aws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(tmp_path / "config", aws_lines.sso(GATEWAY, [UPDATE_APP], default=False))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    session = botocore.session.Session(profile="production.UpdateApp")
    addresses = {
        name: session.create_client(name, region_name=region).meta.endpoint_url
        for name, region in (("sso", "fedgate-1"), ("sso-oidc", "fedgate-1"), ("sts", "eu-west-1"), ("s3", "eu-west-1"))
    }
    assert addresses["sso"] == addresses["sso-oidc"] == GATEWAY
    assert addresses["sts"].endswith("amazonaws.com")
    assert addresses["s3"].endswith("amazonaws.com")


def test_plain_http_has_a_start_address_that_the_aws_cli_takes() -> None:
    assert "sso_start_url = https://fedgate.awsapps.com/start" in aws_lines.session("http://127.0.0.1:8080")


def test_two_gateways_on_one_machine_have_their_own_names() -> None:
    lines = aws_lines.sso("https://b.example.com", [READ_ONLY], name="fedgate-b-example-com", default=False)
    assert not [line for line in lines if line.endswith((" fedgate", "[sso-session fedgate]", "[services fedgate]"))]
    assert "sso_region = fedgate-b-example-com-1" in lines


def test_a_private_ca_stands_in_every_profile() -> None:
    lines = aws_lines.sso(GATEWAY, [UPDATE_APP, READ_ONLY], ca_bundle="/etc/all.pem")
    assert lines.count("ca_bundle = /etc/all.pem") == 3


def test_a_profile_for_a_helper() -> None:
    assert aws_lines.process_profile("a.B", "/bin/fedgate credential-process --profile a.B", "eu-west-1") == [
        "[profile a.B]",
        "credential_process = /bin/fedgate credential-process --profile a.B",
        "region = eu-west-1",
    ]


def test_the_profile_for_aws_login_holds_no_source_of_credentials(tmp_path: Path) -> None:
    found = read(tmp_path / "config", aws_lines.sign_in(GATEWAY, "work", "eu-west-1"))
    assert found["profiles"] == {"work": {"region": "eu-west-1", "services": "fedgate"}}
    assert found["services"]["fedgate"]["signin"] == ENDPOINT


def test_the_container_variables_name_one_role_and_no_token() -> None:
    found = aws_lines.container_env(GATEWAY, "999999999999", "Update+App", token_file="/run/token")
    assert found == [
        "AWS_CONTAINER_CREDENTIALS_FULL_URI=https://aws.example.com/aws/container/999999999999/Update+App",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=/run/token",
    ]


BAD = ["", "a\nb", "a]b", "[a", "a b", 'a"b', "a'b", "a\rb", "a\x00b", "é", "a#b\n", "\ta", "a;b"]


@pytest.mark.parametrize("bad", BAD)
def test_nothing_that_the_gateway_sends_leaves_its_line(bad: str) -> None:
    for field in ("profile", "account", "role_name"):
        with pytest.raises(ValueError, match="cannot stand in a file"):
            aws_lines.sso(GATEWAY, [UPDATE_APP._replace(**{field: bad})])
    if bad:
        with pytest.raises(ValueError, match="cannot stand in a file"):
            aws_lines.sso(GATEWAY, [UPDATE_APP._replace(region=bad)])
    for gateway in (bad, f"https://aws.example.com{bad}" if bad else "https://", f"https://{bad}"):
        with pytest.raises(ValueError, match="cannot stand in a file"):
            aws_lines.sso(gateway, [])
    with pytest.raises(ValueError, match="cannot stand in a file"):
        aws_lines.sso(GATEWAY, [], name=bad)


@pytest.mark.parametrize("bad", ["", "a\nb", "a\rb", "a\tb", "é", " a", "a "])
def test_no_command_leaves_its_line(bad: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a file"):
        aws_lines.process_profile("a", bad, "")


def answer(provider: EndpointProvider, asked: dict[str, object]) -> object:
    try:
        return provider.resolve_endpoint(**asked).url
    except (EndpointProviderError, EndpointResolutionError) as problem:
        return str(problem)


@pytest.mark.parametrize("service", aws_rules.SERVICES)
def test_our_rules_answer_like_aws_own_for_every_region_but_ours(service: str) -> None:
    """A person's own IAM Identity Center must go on working beside the gateway."""
    loader = botocore.session.Session().get_component("data_loader")
    partitions = loader.load_data("partitions")
    theirs = EndpointProvider(loader.load_service_model(service, "endpoint-rule-set-1"), partitions)
    text = aws_lines.sso_models(GATEWAY)[aws_lines.models_path(service)]
    ours = EndpointProvider(json.loads(text), partitions)
    regions = [region for partition in partitions["partitions"] for region in partition["regions"]]
    for region, fips, dual, given in itertools.product(
        [*regions, "mars-1", "us-iso-east-9", None], [False, True], [False, True], [None, "http://x"]
    ):
        asked = {"Region": region, "UseFIPS": fips, "UseDualStack": dual, "Endpoint": given}
        asked = {name: value for name, value in asked.items() if value is not None}
        assert answer(ours, asked) == answer(theirs, asked), asked
    for fips, dual in itertools.product([False, True], [False, True]):
        assert answer(ours, {"Region": "fedgate-1", "UseFIPS": fips, "UseDualStack": dual}) == GATEWAY


def test_botocore_takes_our_rules_from_the_persons_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    for path, text in aws_lines.sso_models(GATEWAY).items():
        place = tmp_path / path
        place.parent.mkdir(parents=True)
        place.write_text(text)
    session = botocore.session.Session()
    session.get_component("data_loader").search_paths.insert(0, str(tmp_path))
    asked: list[str] = []

    def sent(request: AWSRequest, **_: object) -> AWSResponse:
        asked.append(str(request.url))
        return AWSResponse(str(request.url), 200, HTTPHeaders(), RawAnswer(b"{}"))

    for region in ("fedgate-1", "eu-west-1"):
        for service in aws_rules.SERVICES:
            client: Any = session.create_client(service, region_name=region)
            client.meta.events.register("before-send", sent)
            if service == "sso":
                client.list_accounts(accessToken="x")
            else:
                client.register_client(clientName="x", clientType="public")
    assert asked == [
        f"{GATEWAY}/assignment/accounts",
        f"{GATEWAY}/client/register",
        "https://portal.sso.eu-west-1.amazonaws.com/assignment/accounts",
        "https://oidc.eu-west-1.amazonaws.com/client/register",
    ]


class RawAnswer(io.BytesIO):
    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield self.read()


def test_one_file_leads_to_several_gateways() -> None:
    both = {"fedgate-1": GATEWAY, "fedgate-b-1": "https://b.example.com"}
    partitions = botocore.session.Session().get_component("data_loader").load_data("partitions")
    provider = EndpointProvider(json.loads(aws_lines.models_text("sso", both)), partitions)
    asked = {"UseFIPS": False, "UseDualStack": False}
    assert [provider.resolve_endpoint(Region=region, **asked).url for region in both] == list(both.values())
