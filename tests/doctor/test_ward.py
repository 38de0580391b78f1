"""Looking every day: what was seen stays, what has become worse is told once, and what cannot be seen is not fine."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.audit import JournalFiles
from app.awsside.documents import Gateway
from app.catalog import Catalog, Known
from app.core.decisions import CatalogView
from app.core.roles import AccountId, Method, Role, UserArn
from app.doctor.charts import AccountCharts, Chart, State
from app.doctor.reach import Reached
from app.doctor.rounds import WardRounds
from app.doctor.ward import Ward
from app.errors import NotFound
from app.issuers.aws import Aws
from app.issuers.inspecting import RoleInspection
from app.store.flight import Flights
from app.store.redis import connect
from app.store.sealing import Sealer
from app.store.shelf import Shelf
from tests.issuers.ways import a_way
from tests.local.aws.bench import PRODUCTION, document, trust
from tests.planning.conftest import OWN, Study, study

__all__ = ["study"]
BROKER = UserArn(f"arn:aws:iam::{PRODUCTION}:user/broker")
NAMED = {"StringLike": {"sts:SourceIdentity": "*"}}


class Shown:
    """A catalog that is what a test says."""

    def __init__(self, roles: Sequence[Role]) -> None:
        self.roles = list(roles)

    def stamp(self) -> object:
        return tuple(self.roles)

    def read(self, known: Known) -> CatalogView:
        return CatalogView("v1", {OWN.id: OWN}, {role.arn: role for role in self.roles}, ())


class Hospital:
    """One worker's ward, over real Redis and the strict local AWS."""

    def __init__(self, study: Study, folder: Path, *roles: Role) -> None:
        self.study, self.folder = study, folder
        drawers, sealer = connect(study.redis_url), Sealer([study.sealing_key])
        self.shown = Shown(roles)
        self.ward = Ward(
            Catalog(self.shown, ["corp"]),
            Gateway("https://id.example.test", BROKER),
            lambda account: (),
            RoleInspection(Aws()),
            Shelf("chart", Chart, drawers, sealer),
            Shelf("ward", AccountCharts, drawers, sealer),
            JournalFiles(folder / "audit", study.clock),
            study.clock,
        )
        self.rounds = WardRounds(self.ward, Flights(drawers, sealer), lambda: 0.5)

    @property
    def iam(self) -> Any:
        return self.study.bench.operator(PRODUCTION, "iam")

    def trusts(self, name: str, *statements: dict[str, Any]) -> None:
        text = document(ours(), *statements)
        self.iam.update_assume_role_policy(RoleName=name, PolicyDocument=text)

    def drift(self) -> list[list[str]]:
        files = (self.folder / "audit").glob("audit-*.jsonl")
        events = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
        return [event["facts"]["worse"] for event in events if event["kind"] == "doctor.drift"]


def ours() -> dict[str, Any]:
    text = trust({"AWS": BROKER}, "sts:AssumeRole", "sts:SetSourceIdentity", **NAMED)
    found: dict[str, Any] = json.loads(text)["Statement"][0]
    return found


EVERYBODY = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}
ROOT = {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def hospital(study: Study, tmp_path: Path) -> Hospital:
    found = Hospital(study, tmp_path, study.role("App", 720), study.role("Other", 720))
    for role in found.shown.roles:
        found.trusts(role.arn.name)
    return found


def test_what_has_become_worse_is_told_once_and_forgotten_when_it_is_mended(hospital: Hospital) -> None:
    ward, role = hospital.ward, hospital.shown.roles[0]
    assert ward.look(role).state is State.SOUND
    hospital.trusts("App", EVERYBODY)
    worse = ward.look(role)
    assert (worse.state, len(hospital.drift())) == (State.FINDINGS, 1)
    assert worse.chart is not None
    assert "every AWS account" in " ".join(worse.chart.worse)
    assert ward.look(role).chart == replace(worse.chart, looked_at=hospital.study.clock())
    assert len(hospital.drift()) == 1
    hospital.trusts("App")
    mended = ward.look(role)
    assert mended.state is State.SOUND
    assert mended.chart is not None
    assert (mended.chart.worse, len(hospital.drift())) == ((), 1)


def test_sessions_that_are_too_short_are_put_right_by_the_commands(hospital: Hospital) -> None:
    role = hospital.shown.roles[0]
    hospital.iam.update_role(RoleName="App", MaxSessionDuration=3_600)
    report = hospital.ward.look(role)
    assert report.diagnosis is not None
    assert [finding.code for finding in report.diagnosis.findings] == ["short-sessions"]
    assert report.patch is not None
    assert report.patch.commands[-1].endswith("--max-session-duration 43200")
    hospital.iam.update_assume_role_policy(RoleName="App", PolicyDocument=report.patch.json)
    hospital.iam.update_role(RoleName="App", MaxSessionDuration=43_200)
    assert hospital.ward.look(role).state is State.SOUND


def test_somebody_new_who_may_take_the_role_is_worse(hospital: Hospital) -> None:
    role = hospital.shown.roles[0]
    hospital.ward.look(role)
    hospital.trusts("App", ROOT)
    hospital.ward.look(role)
    assert "222222222222" in " ".join(hospital.drift()[0])


def test_a_first_look_is_no_drift_whatever_it_finds(hospital: Hospital) -> None:
    hospital.trusts("App", EVERYBODY)
    assert hospital.ward.look(hospital.shown.roles[0]).state is State.FINDINGS
    assert hospital.drift() == []


def test_what_iam_no_longer_shows_is_not_taken_for_what_was_seen_before(hospital: Hospital) -> None:
    ward, role = hospital.ward, hospital.shown.roles[0]
    assert ward.report(role).state is State.NOT_YET
    ward.look(role)
    deny = document({"Effect": "Deny", "Action": "iam:*", "Resource": "*"})
    hospital.iam.put_user_policy(UserName="broker", PolicyName="deny", PolicyDocument=deny)
    report = ward.look(role)
    assert (report.state, "AccessDenied" in report.why_not) == (State.CANNOT_LOOK, True)
    assert report.diagnosis is not None, "what was seen earlier is still shown, with its date"
    assert ward.lines()[role.arn].state is State.CANNOT_LOOK
    assert hospital.drift() == []


def test_a_role_that_is_not_there_cannot_be_looked_at(hospital: Hospital) -> None:
    hospital.iam.delete_role(RoleName="App")
    report = hospital.ward.look(hospital.shown.roles[0])
    assert report.state is State.CANNOT_LOOK
    assert "NoSuchEntity" in report.why_not


def test_a_user_trusts_nobody(hospital: Hospital) -> None:
    user = a_way(Method.SESSION_TOKEN, BROKER, mfa_serial=f"arn:aws:iam::{PRODUCTION}:mfa/broker")
    hospital.shown.roles.append(user)
    assert hospital.ward.look(user).state is State.NONE


def test_a_role_of_no_account_is_not_found(hospital: Hospital) -> None:
    with pytest.raises(NotFound):
        hospital.ward.find(AccountId("222222222222"), "App")


def test_rounds_look_once_a_day_and_again_when_the_catalog_says_something_else(hospital: Hospital) -> None:
    rounds, study = hospital.rounds, hospital.study
    assert [rounds.make_one(), rounds.make_one()] == [2, 0]
    hospital.shown.roles[0] = replace(hospital.shown.roles[0], tags={"Team": "payments"})
    assert rounds.make_one() == 1
    line = hospital.ward.lines()[hospital.shown.roles[0].arn]
    assert (line.state, line.gravest) == (State.FINDINGS, "broken")
    study.clock.forward(days=1, minutes=1)
    assert rounds.make_one() == 2


def test_while_aws_is_away_one_role_waits_for_all(hospital: Hospital) -> None:
    hospital.study.bench.aws.turn(throttle_every={"GetRole": 1})
    before = hospital.study.asked("GetRole")
    assert hospital.rounds.make_one() == 2
    tried = hospital.study.asked("GetRole") - before
    assert {line.state for line in hospital.ward.lines().values()} == {State.CANNOT_LOOK}
    hospital.study.bench.aws.turn(throttle_every=0)
    hospital.study.clock.forward(minutes=59)
    assert hospital.rounds.make_one() == 0
    hospital.study.clock.forward(minutes=2)
    assert hospital.rounds.make_one() == 2
    assert {line.state for line in hospital.ward.lines().values()} == {State.SOUND}
    assert 1 <= tried <= 5, "the tries of one role"


def test_what_inline_and_attached_policies_open_is_possible(hospital: Hospital) -> None:
    iam, role = hospital.iam, hospital.shown.roles[0]
    iam.put_role_policy(RoleName="App", PolicyName="pass", PolicyDocument=may("iam:PassRole"))
    made = iam.create_policy(PolicyName="code", PolicyDocument=may("lambda:Create*", "lambda:InvokeFunction"))
    iam.attach_role_policy(RoleName="App", PolicyArn=made["Policy"]["Arn"])
    report = hospital.ward.look(role)
    assert report.chart is not None
    assert "pass-role-to-new-lambda-then-invoke" in report.chart.reach
    known = hospital.ward.reached([role.arn, "arn:aws:iam::999999999999:role/Nobody"])
    assert {arn: [path.id for path in one.paths] for arn, one in known.items()} == {role.arn: list(report.chart.reach)}
    assert known[role.arn].seen_at == report.chart.seen_at is not None
    deny = document({"Effect": "Deny", "Action": ["iam:ListRolePolicies"], "Resource": "*"})
    iam.put_user_policy(UserName="broker", PolicyName="deny", PolicyDocument=deny)
    blind = hospital.ward.look(role)
    assert blind.state is State.SOUND
    assert blind.chart is not None
    assert "AccessDenied" in blind.chart.reach_why_not
    assert hospital.ward.reached([role.arn])[role.arn] == Reached(), "what is not known any more is not none"


def may(*actions: str) -> str:
    return document({"Effect": "Allow", "Action": list(actions), "Resource": "*"})
