"""The confused deputy, trust policy by trust policy: only "yes, no, no" opens a role (vectors 6 and 7)."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from app.thirdparty.advice import for_the_owner
from app.thirdparty.external_ids import new_external_id
from app.thirdparty.trial import Answer, Trial, Verdict, Word
from tests.thirdparty.owners import DEVELOPMENT, THREE, Partnership, statement


def tried(partnership: Partnership, *statements: dict[str, object]) -> Trial:
    partnership.trust(*statements)
    return partnership.parties.prove(partnership.role).trial


def words(trial: Trial) -> tuple[str, str, str]:
    return (trial.right.word, trial.wrong.word, trial.none.word)


def test_an_owner_who_asks_for_our_external_id_passes(partnership: Partnership) -> None:
    asks = statement(StringEquals={"sts:ExternalId": partnership.external_id})
    assert words(tried(partnership, asks)) == ("yes", "no", "no")


def test_among_others_too(partnership: Partnership) -> None:
    asks = statement(StringEquals={"sts:ExternalId": ["another-vendor", partnership.external_id]})
    assert tried(partnership, asks).verdict is Verdict.PASSED


def test_an_owner_who_asks_for_nothing_fails_whatever_is_sent(partnership: Partnership) -> None:
    """Vector 7: AWS ignores an external id that nobody asked for, so the right one alone proves nothing."""
    trial = tried(partnership, statement())
    assert words(trial) == ("yes", "yes", "yes")
    assert trial.verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ({"StringLike": {"sts:ExternalId": "*"}}, ("yes", "yes", "no")),
        ({"StringLike": {"sts:ExternalId": "fedgate-*"}}, ("yes", "yes", "no")),
        ({"StringEqualsIfExists": {"sts:ExternalId": "OURS"}}, ("yes", "no", "yes")),
        ({"Null": {"sts:ExternalId": "false"}}, ("yes", "yes", "no")),
        ({"StringNotEquals": {"sts:ExternalId": "somebody-else"}}, ("yes", "yes", "yes")),
        ({"StringEquals": {"sts:ExternalId": "somebody-else"}}, ("no", "no", "no")),
        ({"StringEquals": {"sts:ExternalId": "OURS "}}, ("no", "no", "no")),
    ],
)
def test_conditions_that_look_as_if(
    partnership: Partnership, condition: dict[str, dict[str, str]], expected: tuple[str, str, str]
) -> None:
    written = json.loads(json.dumps(condition).replace("OURS", partnership.external_id))
    trial = tried(partnership, statement(**written))
    assert words(trial) == expected
    assert trial.verdict is Verdict.FAILED


def test_a_second_statement_for_plain_sessions_is_a_way_in(partnership: Partnership) -> None:
    """Sent with tags and a source identity, the wrong one is refused: for want of these, not of the external id."""
    asks = statement(StringEquals={"sts:ExternalId": partnership.external_id})
    careless = statement(("sts:AssumeRole",))
    assert words(tried(partnership, asks, careless)) == ("yes", "yes", "yes")


def test_a_second_statement_for_sessions_of_people_is_a_way_in(partnership: Partnership) -> None:
    asks = statement(StringEquals={"sts:ExternalId": partnership.external_id})
    careless = statement(StringLike={"sts:SourceIdentity": "*"})
    assert tried(partnership, asks, careless).is_open_to_others


def test_an_owner_who_forgets_tags_is_told_before_a_person_notices(partnership: Partnership) -> None:
    trial = tried(partnership, statement(THREE[:1], StringEquals={"sts:ExternalId": partnership.external_id}))
    assert words(trial) == ("no", "no", "no")
    assert "sts:TagSession and sts:SetSourceIdentity" in for_the_owner(trial, [partnership.external_id])


def test_a_role_that_does_not_exist_fails(partnership: Partnership) -> None:
    assert partnership.parties.prove(partnership.role).trial.verdict is Verdict.FAILED


def test_the_sentence_tells_the_owner_exactly_what_to_add(partnership: Partnership) -> None:
    trial = tried(partnership, statement())
    said = for_the_owner(trial, [partnership.external_id])
    added = f'{{"Condition": {{"StringEquals": {{"sts:ExternalId": "{partnership.external_id}"}}}}}}'
    assert added in said
    assert trial.as_table().splitlines()[1:] == [
        "the right external id   yes      yes",
        "a wrong external id     no       yes",
        "none                    no       yes",
    ]


def test_a_trial_leaves_no_session_that_could_do_anything(partnership: Partnership) -> None:
    tried(partnership, statement())
    sessions = list(partnership.aws.desk.world.sessions.values())
    assert len(sessions) == 3  # right, wrong, none
    deny = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    assert [[json.loads(policy)["Statement"] for policy in session.policies] for session in sessions] == [[[deny]]] * 3


@pytest.mark.parametrize("knobs", [{"throttle_every": 1}, {"disabled_regions": ["*"]}])
def test_an_aws_that_has_no_time_is_unknown_and_not_passed(partnership: Partnership, knobs: dict[str, object]) -> None:
    partnership.asks_for(partnership.external_id)
    partnership.aws.turn(**knobs)
    trial = partnership.parties.prove(partnership.role).trial
    assert words(trial) == ("unknown", "unknown", "unknown")
    assert trial.verdict is Verdict.UNKNOWN


def test_no_aws_at_all_is_unknown(partnership: Partnership) -> None:
    partnership.asks_for(partnership.external_id)
    partnership.aws.stop()
    assert partnership.parties.prove(partnership.role).trial.verdict is Verdict.UNKNOWN


def test_a_gateway_whose_own_key_aws_does_not_know_is_unknown(partnership: Partnership) -> None:
    partnership.asks_for(partnership.external_id)
    iam = partnership.iam(DEVELOPMENT)
    for key in iam.list_access_keys(UserName="fedgate")["AccessKeyMetadata"]:
        iam.delete_access_key(UserName="fedgate", AccessKeyId=key["AccessKeyId"])
    assert partnership.parties.prove(partnership.role).trial.verdict is Verdict.UNKNOWN


def test_a_gateway_that_aws_refuses_its_own_role_is_unknown(
    partnership: Partnership, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the words in which AWS refuses the owner's role: the role was closed, and its owner told to correct it."""
    partnership.asks_for(partnership.external_id)
    (tmp_path / "config").write_text(
        f"[profile own]\nregion = eu-west-1\nrole_arn = arn:aws:iam::{DEVELOPMENT}:role/Nowhere\n"
        f"source_profile = user\n[profile user]\naws_access_key_id = {os.environ['AWS_ACCESS_KEY_ID']}\n"
        f"aws_secret_access_key = {os.environ['AWS_SECRET_ACCESS_KEY']}\n"
    )
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "own")
    assert partnership.parties.prove(partnership.role).trial.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("right", list(Word))
@pytest.mark.parametrize("wrong", list(Word))
@pytest.mark.parametrize("none", list(Word))
def test_only_yes_no_no_passes_and_only_what_is_known_fails(right: Word, wrong: Word, none: Word) -> None:
    verdict = Trial(Answer(right), Answer(wrong), Answer(none)).verdict
    assert (verdict is Verdict.PASSED) == ((right, wrong, none) == (Word.YES, Word.NO, Word.NO))
    assert (verdict is Verdict.FAILED) == (right is Word.NO or Word.YES in (wrong, none))


def test_external_ids_are_long_random_and_as_aws_takes_them() -> None:
    made = {new_external_id() for _ in range(1000)}
    assert len(made) == 1000
    assert all(re.fullmatch(r"fedgate-[0-9a-f]{40}", value) for value in made)  # 160 bits; AWS: 2-1224 of [\w+=,.@:/-]
