"""`configure --native`: AWS tools reach the gateway by what stands in their own files, and with nothing of ours."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from botocore.configloader import load_config

from app.cli.profiles import native_roots
from tests.cli.fake_answers import UPDATE_APP, role
from tests.cli.fake_gateway import Gateway
from tests.cli.here import Here
from tests.cli.terminal import Terminal

PLAIN = ["development.ReadOnly", "production.UpdateApp"]


@pytest.fixture
def here(signed_in: Terminal) -> Here:
    signed_in.aws_config.parent.mkdir()
    return Here(signed_in)


def read(here: Here) -> dict[str, Any]:
    return dict(load_config(str(here.config)))


def native(here: Here) -> list[str]:
    return sorted(name for name, found in read(here)["profiles"].items() if "sso_session" in found)


def test_botocore_finds_a_profile_for_each_role_and_the_gateway_behind_it(here: Here, gateway: Gateway) -> None:
    typed = here.type("configure", "--native")
    assert (typed.code, typed.out) == (0, "")
    found, endpoint = read(here), {"endpoint_url": gateway.address}
    assert found["profiles"]["production.UpdateApp"] == {
        "sso_session": "fedgate",
        "sso_account_id": "999999999999",
        "sso_role_name": "UpdateApp",
        "region": "eu-west-1",
        "services": "fedgate",
    }
    assert found["services"] == {"fedgate": {"sso": endpoint, "sso_oidc": endpoint, "signin": endpoint}}
    assert found["sso_sessions"]["fedgate"]["sso_region"] == "fedgate-1"
    assert sorted(found["profiles"]) == PLAIN
    assert "aws sso login --sso-session fedgate --profile development.ReadOnly" in typed.err
    assert "configure --native --default" in typed.err


def test_a_second_time_changes_nothing_and_lost_roles_go(here: Here, gateway: Gateway) -> None:
    here.type("configure", "--native")
    before = here.config.read_bytes()
    assert "Nothing to do" in here.type("configure", "--native").err
    assert here.config.read_bytes() == before
    every, gateway.roles = gateway.roles, gateway.roles[:1]
    assert "  - development.ReadOnly" in here.type("configure", "--native").err
    gateway.roles = every
    here.type("configure", "--native")
    assert here.config.read_bytes() == before


def test_beside_profiles_sync_the_names_make_room_and_stay(here: Here) -> None:
    here.type("profiles", "sync")
    process = here.config.read_bytes()
    here.type("configure", "--native")
    assert here.config.read_bytes().startswith(process)
    assert native(here) == [f"sso-{name}" for name in PLAIN]
    here.type("profiles", "sync", "--prefix", "p-")
    here.type("configure", "--native")
    assert native(here) == [f"sso-{name}" for name in PLAIN]
    here.type("configure", "--native", "--prefix", "")
    assert native(here) == PLAIN
    assert len(read(here)["profiles"]) == 4


def test_profiles_sync_leaves_the_names_of_native_alone_and_says_what_to_do(here: Here) -> None:
    here.type("configure", "--native")
    before = here.config.read_bytes()
    typed = here.type("profiles", "sync")
    assert typed.code == 0
    assert here.config.read_bytes() == before
    assert "among the lines of `fedgate configure --native`" in typed.err
    assert "No profile was written." in typed.err
    assert here.type("profiles", "sync", "--prefix", "p-").code == 0
    assert len(read(here)["profiles"]) == 4


def test_added_settings_stay_and_follow_their_role_to_its_new_name(here: Here) -> None:
    here.type("configure", "--native")
    here.config.write_text(here.config.read_text().replace("= fedgate\n[profile", "= fedgate\noutput = json\n[profile"))
    before = here.config.read_bytes()
    here.type("configure", "--native")
    assert here.config.read_bytes() == before
    assert "Not kept" not in here.type("configure", "--native", "--prefix", "n-").err
    assert read(here)["profiles"]["n-development.ReadOnly"]["output"] == "json"
    assert "output" not in read(here)["profiles"]["n-production.UpdateApp"]


def test_default_gets_its_line_only_when_asked_for(here: Here) -> None:
    own = b"# mine\r\n[default]\r\nregion = eu-central-1\r\n"
    here.config.write_bytes(own)
    here.type("configure", "--native")
    assert read(here)["profiles"]["default"] == {"region": "eu-central-1"}
    typed = here.type("configure", "--native", "--default")
    assert typed.code == 0
    assert read(here)["profiles"]["default"] == {"services": "fedgate", "region": "eu-central-1"}
    assert "--default" not in typed.err
    here.type("configure", "--native")
    assert read(here)["profiles"]["default"]["services"] == "fedgate"
    assert here.type("configure", "--native", "--remove").code == 0
    assert here.config.read_bytes() == own


def test_a_default_with_other_services_is_left_with_what_to_add(here: Here, gateway: Gateway) -> None:
    here.config.write_text("[default]\nservices = local\n[services local]\nsts =\n  endpoint_url = http://x\n")
    before = here.config.read_bytes()
    typed = here.type("configure", "--native", "--default")
    assert typed.code == 2
    assert "[services local]" in typed.err
    assert f"endpoint_url = {gateway.address}" in typed.err
    assert here.config.read_bytes() == before


def test_everything_goes_again(here: Here) -> None:
    own = b"[profile mine]\nregion = x\n"
    here.config.write_bytes(own)
    here.type("configure", "--native", "--models")
    typed = here.type("configure", "--native", "--remove")
    assert (typed.code, here.config.read_bytes()) == (0, own)
    assert sorted(path.name for path in here.config.parent.iterdir()) == ["config", "config.before-fedgate"]
    again = here.type("configure", "--native", "--remove")
    assert (again.code, "Nothing to remove" in again.err) == (0, True)


def test_where_the_operator_has_turned_it_off_nothing_is_written(here: Here, gateway: Gateway) -> None:
    gateway.serves_aws_tools = False
    typed = here.type("configure", "--native")
    assert typed.code == 5
    assert "A sentence about not_found." in typed.err
    assert "profiles sync" in typed.err
    assert not here.config.exists()


def test_removing_needs_no_sign_in_and_no_gateway(here: Here, gateway: Gateway) -> None:
    here.type("configure", "--native")
    gateway.end_sign_ins()
    calls = len(gateway.seen)
    assert here.type("configure", "--native", "--remove").code == 0
    assert len(gateway.seen) == calls


def test_printed_and_tried_nothing_is_written(here: Here) -> None:
    printed = here.type("configure", "--native", "--print")
    assert "[sso-session fedgate]\n" in printed.out
    patch = here.type("configure", "--native", "--dry-run")
    assert "+[sso-session fedgate]\n" in patch.out
    assert not here.config.exists()


def test_two_gateways_live_side_by_side(here: Here, gateway: Gateway) -> None:
    here.config.write_text(
        "# BEGIN fedgate b.example/sso - x\n[sso-session fedgate]\nsso_region = fedgate-1\n"
        "[services fedgate]\nsso =\n  endpoint_url = https://b.example\n# END fedgate b.example/sso\n"
    )
    before = here.config.read_bytes()
    here.type("configure", "--native", "--models")
    name = "fedgate-" + re.sub(r"\W", "-", gateway.address.removeprefix("http://"))
    found = read(here)
    assert found["profiles"]["production.UpdateApp"]["sso_session"] == name
    assert found["profiles"]["production.UpdateApp"]["services"] == name
    assert found["sso_sessions"][name]["sso_region"] == f"{name}-1"
    assert found["services"][name]["sso"] == {"endpoint_url": gateway.address}
    assert here.config.read_bytes().startswith(before)
    assert f'"{name}-1"' in (here.config.parent / "models/sso/2019-06-10/endpoint-rule-set-1.json").read_text()
    here.type("configure", "--native", "--remove")
    assert here.config.read_bytes() == before


def test_lines_that_were_pasted_by_hand_are_pointed_out(here: Here) -> None:
    here.config.write_text(here.type("configure", "--native", "--print").out.replace("#", "# pasted"))
    before = here.config.read_bytes()
    typed = here.type("configure", "--native")
    assert typed.code == 2
    assert re.search(r"config, line \d+ and those around it already lead to", typed.err)
    assert here.config.read_bytes() == before


MODELS = ["sso-oidc/2019-06-10/endpoint-rule-set-1.json", "sso/2019-06-10/endpoint-rule-set-1.json"]


def test_models_are_written_and_known_again(here: Here) -> None:
    typed = here.type("configure", "--native", "--models")
    models = here.config.parent / "models"
    assert sorted(str(path.relative_to(models)) for path in models.rglob("*.json")) == MODELS
    assert all(json.loads((models / path).read_text())["version"] == "1.0" for path in MODELS)
    assert typed.err.count("Wrote") == 3
    assert "Wrote" not in here.type("configure", "--native", "--models").err


@pytest.mark.parametrize("content", ["{}", '{"version": "1.0", "parameters": {"Region": {}}, "rules": []}', "[", "[]"])
def test_models_of_somebody_else_are_left_alone_and_nothing_is_written(here: Here, content: str) -> None:
    foreign = here.config.parent / "models" / MODELS[0]
    foreign.parent.mkdir(parents=True)
    foreign.write_text(content)
    for words in (("--models",), ("--remove",)):
        typed = here.type("configure", "--native", *words)
        assert typed.code == 2
        assert str(foreign) in typed.err
    assert foreign.read_text() == content
    assert not here.config.exists()
    assert len(list(foreign.parents[2].rglob("*.json"))) == 1


def test_models_of_somebody_else_do_not_keep_the_lines_from_going(here: Here) -> None:
    here.type("configure", "--native")
    foreign = here.config.parent / "models" / MODELS[0]
    foreign.parent.mkdir(parents=True)
    foreign.write_text("{}")
    here.type("configure", "--native", "--remove")
    assert here.config.read_bytes() == b""


@pytest.mark.parametrize("words", [("--models",), ("--print",), ("--remove",), ("--prefix", "a"), ("--json",)])
def test_what_belongs_to_native_is_not_silently_ignored_without_it(here: Here, words: tuple[str, ...]) -> None:
    typed = here.type("configure", *words)
    assert typed.code == 2
    assert f"{words[0]} goes with --native" in typed.err


def test_a_private_ca_is_joined_with_the_public_ones(here: Here, tmp_path: Path) -> None:
    own = tmp_path / "private.pem"
    own.write_text("-----BEGIN CERTIFICATE-----\nEXAMPLE\n-----END CERTIFICATE-----\n")
    with here.place():
        assert native_roots.planned("http://127.0.0.1:8080", str(own)) == ""
        assert native_roots.planned("https://aws.example.com", "") == ""
        place = native_roots.planned("https://aws.example.com", str(own))
        native_roots.install("https://aws.example.com", str(own))
        os.environ["AWS_CA_BUNDLE"] = "/all.pem"
        assert native_roots.planned("https://aws.example.com", "") == ""
    together = Path(place).read_text()
    assert together.endswith(own.read_text())
    assert together.count("BEGIN CERTIFICATE") > 20


def test_stored_keys_say_nothing_here_because_sso_comes_first(here: Here) -> None:
    (here.config.parent / "credentials").write_text("[production.UpdateApp]\naws_access_key_id = x\n")
    assert "Careful" not in here.type("configure", "--native").err


HOSTILE = ["x]\n[default]\ncredential_process = evil", "x\nregion = y", "a\rb", 'a"b', "[x", "a\x1b[31m", ""]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["profile", "arn", "region", "account_id", "name"])
def test_nothing_that_a_gateway_says_becomes_a_line_of_its_own(
    here: Here, gateway: Gateway, field: str, text: str
) -> None:
    bent = UPDATE_APP + text if field == "arn" else text
    gateway.roles = [role(UPDATE_APP, "Production", "production.UpdateApp") | {field: bent}]
    typed = here.type("configure", "--native")
    if here.config.exists():
        [profile] = read(here)["profiles"].values()
        assert set(profile) <= {"sso_session", "sso_account_id", "sso_role_name", "region", "services"}
        assert profile["sso_account_id"] == "999999999999"
    assert "\x1b" not in typed.err + typed.out
    # IAM allows every visible character in a path; the ARN does not stand in these lines.
    harmless = field == "region" or (field == "arn" and text.isprintable())
    assert typed.code == (0 if harmless else 2)
