"""`profiles sync` in detail: what profiles are called, which ones stay, and what is said about it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from app.cli import profile_map
from tests.cli.fake_answers import READ_ONLY, UPDATE_APP, role
from tests.cli.fake_gateway import Gateway
from tests.cli.here import Here
from tests.cli.terminal import Terminal


@pytest.fixture
def here(signed_in: Terminal) -> Here:
    signed_in.aws_config.parent.mkdir()
    return Here(signed_in)


def profiles(here: Here) -> list[str]:
    return re.findall(r"^\[profile (.*)\]$", here.config.read_text(), re.M) if here.config.exists() else []


def begin_line(here: Here) -> str:
    return here.config.read_text().partition("\n")[0]


def meanings(here: Here) -> dict[str, str]:
    with here.place():
        return {one.name: one.role for one in profile_map.load()}


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("{account}.{role}", "data-platform-eu.Deploy-It"),
        ("{account_id}-{role}", "111111111111-Deploy-It"),
        ("x_{label}", "x_Deploy-with-care"),
        ("{partition}.{region}.{role}", "aws-cn.cn-north-1.Deploy-It"),
    ],
)
def test_a_template_makes_a_name_that_every_tool_takes(here: Here, gateway: Gateway, template: str, name: str) -> None:
    more: dict[str, object] = {"region": "cn-north-1", "label": "Deploy (with care)", "name": "Deploy+It"}
    gateway.roles = [role("arn:aws-cn:iam::111111111111:role/Deploy+It", "Data Platform [EU]", "a", **more)]
    typed = here.type("profiles", "sync", "--template", template)
    assert (typed.code, profiles(here)) == (0, [name])
    assert here.terminal.credentials("--profile", name).code == 0


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{accuont}", "there is no field {accuont}"),
        ("{role.__class__}", "there is no field {role.__class__}"),
        ("{role!r}", "there is no field"),
        ("{}", "there is no field {}"),
        ("{role", "only letters"),
        ("a b {role}", "only letters"),
        ("{role}]\n[default", "only letters"),
        ("{account}/{role}", "only letters"),
        ("fixed", "needs a field"),
        ("-{role}", "cannot be the name of a profile"),
        ("{region}", "{region} is empty for arn:"),
        ("x" * 130 + "{role}", "too long"),
    ],
)
def test_a_template_that_does_not_work_says_why(here: Here, gateway: Gateway, template: str, said: str) -> None:
    gateway.roles = [role(UPDATE_APP, "Production", "a", region="")]
    typed = here.type("profiles", "sync", f"--template={template}")
    assert typed.code == 2
    assert said in typed.err
    assert not here.config.exists()


def test_names_that_meet_are_all_told_with_both_arns(here: Here, gateway: Gateway) -> None:
    arns = [f"arn:aws:iam::{account}:role/{name}" for account in ("111111111111", "999999999999") for name in "AB"]
    gateway.roles = [role(arn, "Same", f"p{number}") for number, arn in enumerate(arns)]
    typed = here.type("profiles", "sync", "--template", "{account}.{role}")
    assert typed.code == 2
    assert all(arn in typed.err for arn in arns)
    assert "{account_id}.{role}" in typed.err
    assert here.type("profiles", "sync", "--template", "{account_id}.{role}").code == 0


def test_options_are_remembered_one_by_one(here: Here) -> None:
    here.type("profiles", "sync", "--prefix", "acme-", "--region", "eu-west-3")
    assert begin_line(here).endswith("fedgate profiles sync --prefix acme- --region eu-west-3")
    here.type("profiles", "sync")
    assert profiles(here) == ["acme-development.ReadOnly", "acme-production.UpdateApp"]
    here.type("profiles", "sync", "--template", "{account_id}.{role}")
    assert begin_line(here).endswith("--prefix acme- --template '{account_id}.{role}' --region eu-west-3")
    assert profiles(here) == ["acme-111111111111.ReadOnly", "acme-999999999999.UpdateApp"]
    here.type("profiles", "sync", "--prefix", "", "--region", "")
    assert profiles(here) == ["111111111111.ReadOnly", "999999999999.UpdateApp"]
    assert "region = us-east-1" in here.config.read_text()
    here.type("profiles", "sync", "--template", "")
    assert begin_line(here).endswith("fedgate profiles sync")


@pytest.mark.parametrize(
    "remark", ["--prefix", "--prefix 'x", "--evil y", "--prefix 'a]b'", "--region mars", "; rm -rf"]
)
def test_a_remembered_option_that_somebody_has_bent_is_refused(here: Here, remark: str) -> None:
    here.type("profiles", "sync")
    here.config.write_text(here.config.read_text().replace("profiles sync\n", f"profiles sync {remark}\n", 1))
    before = here.config.read_bytes()
    typed = here.type("profiles", "sync")
    assert typed.code == 2
    assert here.config.read_bytes() == before


def test_roles_that_were_lost_go_unless_they_are_to_stay(here: Here, gateway: Gateway) -> None:
    here.type("profiles", "sync")
    whole, every = here.config.read_bytes(), gateway.roles
    gateway.roles = every[:1]
    kept = here.type("profiles", "sync", "--no-prune")
    assert kept.code == 0
    assert here.config.read_text().partition("\n")[2] == whole.decode().partition("\n")[2]
    assert begin_line(here).endswith("profiles sync --no-prune")
    assert here.type("profiles", "sync").code == 0
    assert profiles(here) == ["development.ReadOnly", "production.UpdateApp"]
    assert meanings(here)["development.ReadOnly"] == READ_ONLY
    typed = here.type("profiles", "sync", "--prune")
    assert "  - development.ReadOnly" in typed.err
    assert profiles(here) == ["production.UpdateApp"]
    assert "development.ReadOnly" not in meanings(here)
    gateway.roles = every
    here.type("profiles", "sync")
    assert here.config.read_bytes() == whole


def test_a_role_that_does_not_work_gets_no_profile_and_its_reason_is_told(here: Here, gateway: Gateway) -> None:
    broken: dict[str, object] = {"works": False, "reasons": ["its trust policy does not name the gateway"]}
    gateway.roles = [role(UPDATE_APP, "Production", "production.UpdateApp", **broken)]
    typed = here.type("profiles", "sync")
    assert typed.code == 0
    assert f"Left out: {UPDATE_APP} does not work right now: its trust policy does not name the gateway" in typed.err
    assert not here.config.exists()


def test_a_profile_whose_role_does_not_work_today_stays(here: Here, gateway: Gateway) -> None:
    here.type("profiles", "sync")
    before = here.config.read_bytes()
    gateway.roles[0] |= {"works": False, "reasons": ["closed"]}
    assert here.type("profiles", "sync").code == 0
    assert here.config.read_bytes() == before


def test_json_says_what_changed(here: Here, gateway: Gateway) -> None:
    here.config.write_text("[profile production.UpdateApp]\nregion = x\n")
    gateway.roles.append(role("arn:aws:iam::111111111111:role/No", "Development", "no", works=False, reasons=["why"]))
    for words, written in ((("--dry-run",), False), ((), True)):
        typed = here.type("profiles", "sync", "--json", *words)
        assert json.loads(typed.out) == {
            "file": str(here.config),
            "written": written,
            "profiles": [{"profile": "development.ReadOnly", "role_arn": READ_ONLY, "change": "added"}],
            "taken": [{"profile": "production.UpdateApp", "role_arn": UPDATE_APP}],
            "skipped": [{"role_arn": "arn:aws:iam::111111111111:role/No", "reason": "why"}],
        }
    again = json.loads(here.type("profiles", "sync", "--json").out)
    assert (again["written"], again["profiles"][0]["change"]) == (False, "unchanged")


def test_printed_lines_work_wherever_they_are_put(here: Here, tmp_path: Path) -> None:
    typed = here.type("profiles", "sync", "--print", "--prefix", "my-")
    assert typed.code == 0
    assert not here.config.exists()
    assert typed.out.startswith("# BEGIN fedgate")
    assert "[profile my-production.UpdateApp]\n" in typed.out
    assert here.terminal.credentials("--profile", "my-production.UpdateApp").code == 0


def test_another_file_has_names_of_its_own_and_both_work(here: Here, tmp_path: Path) -> None:
    here.type("profiles", "sync")
    assert here.type("profiles", "sync", "--aws-config", str(tmp_path / "other"), "--prefix", "o-").code == 0
    assert "[profile o-production.UpdateApp]" in (tmp_path / "other").read_text()
    assert profiles(here) == ["development.ReadOnly", "production.UpdateApp"]
    for name in ("production.UpdateApp", "o-production.UpdateApp"):
        assert here.terminal.credentials("--profile", name).code == 0


def test_a_name_of_another_file_never_turns_into_another_role(here: Here, gateway: Gateway, tmp_path: Path) -> None:
    here.type("profiles", "sync")
    gateway.roles[0]["profile"], gateway.roles[1]["profile"] = "development.ReadOnly", "production.UpdateApp"
    typed = here.type("profiles", "sync", "--aws-config", str(tmp_path / "other"))
    assert typed.code == 2
    assert UPDATE_APP in typed.err
    assert READ_ONLY in typed.err
    assert not (tmp_path / "other").exists()


def test_a_name_that_comes_to_mean_another_role_is_told(here: Here, gateway: Gateway) -> None:
    here.type("profiles", "sync")
    gateway.roles[0]["profile"], gateway.roles[1]["profile"] = "development.ReadOnly", "production.UpdateApp"
    typed = here.type("profiles", "sync")
    assert f"Careful: profile production.UpdateApp was {UPDATE_APP} until now, and is {READ_ONLY}." in typed.err


def test_settings_added_to_a_profile_stay_with_it_and_go_with_it(here: Here, gateway: Gateway) -> None:
    here.type("profiles", "sync")
    added = here.config.read_bytes().replace(
        b"region = us-east-1\n", b"region = us-east-1\noutput = json\ns3 =\n  addressing_style = path\n# caf\xe9\n"
    )
    here.config.write_bytes(added)
    assert "Nothing to do" in here.type("profiles", "sync").err
    here.type("profiles", "sync", "--region", "eu-west-3")
    assert here.config.read_bytes() == added.replace(b"us-east-1", b"eu-west-3").replace(
        b"eu-west-1", b"eu-west-3"
    ).replace(b"profiles sync\n", b"profiles sync --region eu-west-3\n")
    gateway.roles = gateway.roles[:1]
    typed = here.type("profiles", "sync")
    assert "Not kept, with the profile that it stood in: output = json (of development.ReadOnly)" in typed.err


def test_added_settings_follow_their_role_to_its_new_name(here: Here) -> None:
    here.type("profiles", "sync")
    text = here.config.read_text()
    here.config.write_text(text.replace("region = us-east-1\n", "region = us-east-1\noutput = json\n"))
    typed = here.type("profiles", "sync", "--template", "{account_id}.{role}")
    assert "Not kept" not in typed.err
    assert re.search(r"\[profile 111111111111\.ReadOnly\]\n.*\n.*\noutput = json\n", here.config.read_text())
    assert here.config.read_text().count("output") == 1


def test_a_region_that_only_the_person_gives_stays(here: Here, gateway: Gateway) -> None:
    gateway.roles[0]["region"] = ""
    here.type("profiles", "sync")
    head = "[profile production.UpdateApp]\n"
    here.config.write_text(here.config.read_text().replace(head, head + "region = eu-south-1\n"))
    here.type("profiles", "sync", "--prefix", "")
    assert "region = eu-south-1" in here.config.read_text()


def test_somebody_elses_profile_inside_the_block_is_not_swallowed(here: Here) -> None:
    here.type("profiles", "sync")
    before = here.config.read_text().replace("# END", "[profile mine]\nregion = x\n# END")
    here.config.write_text(before)
    typed = here.type("profiles", "sync")
    assert typed.code == 2
    assert "[profile mine]" in typed.err
    assert here.config.read_text() == before


def test_what_is_said_about_a_line_names_the_file(here: Here, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("\n# END fedgate x\n")
    for words in (("profiles", "sync"), ("configure", "--native"), ("configure", "--native", "--remove")):
        typed = here.type(*words, "--aws-config", str(other))
        assert (typed.code, f"{other}, line 2 marks the block" in typed.err) == (2, True)


def test_a_hard_link_is_mentioned(here: Here) -> None:
    here.config.write_text("[default]\n")
    here.config.with_name("snapshot").hardlink_to(here.config)
    assert "a second name" in here.type("profiles", "sync").err


@pytest.mark.parametrize("words", [("--dry-run", "--print"), ("--print", "--json"), ("--prune", "--no-prune")])
def test_words_that_contradict_each_other_are_refused(here: Here, words: tuple[str, ...]) -> None:
    assert here.type("profiles", "sync", *words).code == 2


HOSTILE = ["x]\n[default]\ncredential_process = evil", "x\nregion = y", "a\rb", 'a"b', "[x", "a\x1b[31m", "a\tb"]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("field", ["profile", "arn", "region", "account_name", "label", "name"])
def test_nothing_that_a_gateway_says_becomes_a_line_of_its_own(
    here: Here, gateway: Gateway, field: str, text: str
) -> None:
    bent = UPDATE_APP + text if field == "arn" else text
    gateway.roles = [role(UPDATE_APP, "Production", "production.UpdateApp") | {field: bent}]
    template = {"account_name": "{account}.x", "label": "{label}.x", "name": "{role}.x"}.get(field, "")
    typed = here.type("profiles", "sync", "--template", template)
    lines = here.config.read_text().splitlines()[1:-1] if here.config.exists() else []
    assert all(
        re.fullmatch(r"\[profile [A-Za-z0-9._-]+\]|credential_process = [!-~ ]+|region = [a-z0-9-]+", x) for x in lines
    )
    assert len(lines) <= 3
    assert "\x1b" not in typed.err + typed.out
    assert typed.code in (0, 2)
