"""A role of somebody else's account is used only while it is proven; on SQLite and on PostgreSQL."""

from __future__ import annotations

import logging
import threading
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.core.roles import AccountId, RoleArn
from app.database.engine import Database
from app.errors import AwsUnavailable, DatabaseUnavailable, InvalidRequest, RoleDenied
from app.thirdparty.__main__ import run
from app.thirdparty.external_ids import ExternalIds
from app.thirdparty.rounds import Rounds
from app.thirdparty.trial import Verdict
from tests.patience import until
from tests.servers.postgresql import PostgreSql
from tests.thirdparty.owners import CATALOG, DEVELOPMENT, PARTNER, PRODUCTION, Clock, Partnership, statement


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs("postgresql"))])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/fedgate.db"
    server: PostgreSql = request.getfixturevalue("postgresql")
    return server.new_database()


def use(partnership: Partnership) -> str:
    return partnership.parties.external_id(partnership.role)


def proven(partnership: Partnership) -> Partnership:
    partnership.asks_for(partnership.external_id)
    assert use(partnership) == partnership.external_id
    return partnership


def test_the_first_use_proves_the_role_and_the_next_ones_ask_nobody(partnership: Partnership) -> None:
    proven(partnership)
    asked = partnership.asked()
    use(partnership)
    assert partnership.asked() == asked
    assert partnership.journal() == ["thirdparty.tried", "thirdparty.proven"]


def test_twenty_first_uses_at_once_are_one_trial(partnership: Partnership) -> None:
    partnership.asks_for(partnership.external_id)
    partnership.aws.turn(latency_ms={"AssumeRole": 50})
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(use(partnership))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got == [partnership.external_id] * 20
    assert partnership.asked() == 5  # right; wrong and none, each as for a person and bare


def test_a_role_that_lets_everybody_in_is_closed_with_a_sentence_for_the_person(partnership: Partnership) -> None:
    partnership.trust(statement())
    with pytest.raises(RoleDenied) as refused:
        use(partnership)
    assert refused.value.reason == "denied.third_party"
    assert "the owner of the account Production (999999999999)" in refused.value.sentence
    assert partnership.external_id not in refused.value.sentence
    assert partnership.parties.why_closed(partnership.role) == refused.value.sentence


def test_a_page_of_a_thousand_roles_looks_once(partnership: Partnership, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look is a round trip, or, with the database away, a wait."""
    partnership.trust(statement())
    with pytest.raises(RoleDenied):
        use(partnership)
    looks: list[int] = []
    reading = Database.reading

    def counting(database: Database) -> AbstractContextManager[Connection]:
        looks.append(1)
        return reading(database)

    monkeypatch.setattr(Database, "reading", counting)
    roles = [replace(partnership.role, arn=RoleArn(f"{PARTNER}{n}")) for n in range(1_000)] + [partnership.role]
    assert list(partnership.parties.all_closed(roles)) == [PARTNER]
    assert looks == [1]


def test_an_owner_who_corrects_the_policy_gets_the_role_opened(partnership: Partnership) -> None:
    partnership.trust(statement())
    with pytest.raises(RoleDenied):
        use(partnership)
    partnership.asks_for(partnership.external_id)
    with pytest.raises(RoleDenied):
        use(partnership)  # not every click is a trial
    partnership.clock.forward(minutes=16)
    assert use(partnership) == partnership.external_id


def test_a_closed_role_is_tried_again_by_whoever_opens_its_console_and_by_the_rounds(partnership: Partnership) -> None:
    """A console link asks `why_closed` first: it must not stand in the way of the trial for ever."""
    partnership.trust(statement())
    with pytest.raises(RoleDenied):
        use(partnership)
    assert partnership.parties.why_closed(partnership.role)
    partnership.clock.forward(minutes=16)
    assert not partnership.parties.why_closed(partnership.role)
    rounds = Rounds(partnership.parties, partnership.flights, lambda: 0.5)
    assert rounds.make_one() == 0
    partnership.clock.forward(hours=1)
    assert rounds.make_one() == 1


def test_drift_closes_the_role_and_sounds_the_alarm(partnership: Partnership, caplog: pytest.LogCaptureFixture) -> None:
    proven(partnership)
    partnership.trust(statement())
    assert use(partnership)  # nobody has noticed yet
    partnership.clock.forward(hours=25)
    with pytest.raises(RoleDenied):
        use(partnership)
    assert "thirdparty.drift" in partnership.journal()
    assert [record.levelno for record in caplog.records if "third party role closed" in record.message] == [
        logging.ERROR
    ]
    assert partnership.parties.closed() == 1


def test_an_aws_that_does_not_answer_keeps_a_proven_role_for_three_days(partnership: Partnership) -> None:
    proven(partnership)
    partnership.aws.turn(throttle_every=1)
    partnership.clock.forward(hours=71)
    assert use(partnership) == partnership.external_id
    partnership.clock.forward(hours=2)
    with pytest.raises(AwsUnavailable):
        use(partnership)
    assert partnership.journal()[-2:] == ["thirdparty.tried", "thirdparty.drift"]


def test_an_aws_that_does_not_answer_never_opens_a_role(partnership: Partnership) -> None:
    partnership.asks_for(partnership.external_id)
    partnership.aws.turn(throttle_every=1)
    with pytest.raises(AwsUnavailable) as refused:
        use(partnership)
    assert refused.value.reason == "thirdparty.unknown"
    partnership.aws.turn(throttle_every=0)
    partnership.clock.forward(seconds=11)
    assert use(partnership) == partnership.external_id


def test_silence_does_not_open_what_drift_has_closed(partnership: Partnership) -> None:
    proven(partnership)
    partnership.trust(statement())
    assert partnership.parties.prove(partnership.role).trial.verdict is Verdict.FAILED
    partnership.aws.turn(throttle_every=1)
    partnership.clock.forward(minutes=16)
    with pytest.raises(AwsUnavailable):
        use(partnership)


def test_a_trial_that_ends_late_does_not_undo_a_later_one(partnership: Partnership) -> None:
    proven(partnership)
    book, began = partnership.parties.book, partnership.clock()
    good = book.of(PARTNER)
    assert good is not None
    partnership.trust(statement())
    partnership.clock.forward(minutes=1)
    partnership.parties.prove(partnership.role)
    assert not book.write(PARTNER, good.external_id, good.trial, began).is_open(partnership.clock())


def test_a_round_tries_what_is_due_and_nothing_else(partnership: Partnership) -> None:
    partnership.asks_for(partnership.external_id)
    rounds = Rounds(partnership.parties, partnership.flights, lambda: 0.5)
    assert [rounds.make_one(), rounds.make_one()] == [1, 0]
    partnership.trust(statement())
    partnership.clock.forward(hours=23, minutes=30)
    assert rounds.make_one() == 1
    assert "thirdparty.drift" in partnership.journal()


def test_while_one_worker_makes_a_round_the_others_do_not(partnership: Partnership) -> None:
    partnership.asks_for(partnership.external_id)
    rounds = Rounds(partnership.parties, partnership.flights, lambda: 0.5)
    with partnership.flights.lead("thirdparty round"):
        assert rounds.make_one() == 0
    assert rounds.make_one() == 1


def test_rounds_run_by_themselves_and_stop_when_told(partnership: Partnership) -> None:
    partnership.asks_for(partnership.external_id)
    rounds = Rounds(partnership.parties, partnership.flights, lambda: 0.0, timedelta(milliseconds=50))
    rounds.start()
    until(lambda: "thirdparty.proven" in partnership.journal())
    rounds.stop()
    asked = partnership.asked()
    partnership.clock.forward(days=2)
    threading.Event().wait(0.3)
    assert asked == partnership.asked() == 5


def test_two_gateways_never_share_an_external_id(partnership: Partnership, tmp_path: Path) -> None:
    other = ExternalIds(Database(f"sqlite:///{tmp_path}/other.db"), Clock())
    accounts = [AccountId(f"{number:012}") for number in range(20)]
    made = [*map(other.of, accounts), *map(partnership.parties.ids.of, accounts)]
    assert len(set(made)) == 40


def test_workers_that_make_the_first_one_at_once_make_one(partnership: Partnership) -> None:
    ids, got = partnership.parties.ids, []
    threads = [threading.Thread(target=lambda: got.append(ids.of(DEVELOPMENT))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 10
    assert len(set(got)) == 1


def test_a_new_external_id_without_a_minute_of_closed_doors(
    partnership: Partnership, capsys: pytest.CaptureFixture[str]
) -> None:
    parties, old = proven(partnership).parties, partnership.external_id
    assert run(parties, ["rotate", PRODUCTION]) == 0
    new = partnership.external_id
    assert new != old
    assert use(partnership) == old  # its owner has changed nothing yet
    assert run(parties, ["check"]) == 0
    assert use(partnership) == old
    assert run(parties, ["drop", PRODUCTION]) == 1
    partnership.asks_for(new, old)
    assert run(parties, ["check"]) == 0
    assert use(partnership) == new
    assert run(parties, ["drop", PRODUCTION]) == 1
    assert "still takes the older external id" in capsys.readouterr().out
    partnership.asks_for(new)
    assert run(parties, ["drop", PRODUCTION]) == 0
    assert parties.ids.of(PRODUCTION) == (new,)
    assert use(partnership) == new


def test_there_are_never_three(partnership: Partnership) -> None:
    partnership.parties.ids.add(PRODUCTION)
    with pytest.raises(InvalidRequest):
        partnership.parties.ids.add(PRODUCTION)


def test_a_database_that_is_away_gives_nothing_of_others_out(partnership: Partnership, tmp_path: Path) -> None:
    proven(partnership)
    engine = partnership.parties.ids.database._engine
    engine.dispose()
    with engine.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE trials RENAME TO gone")
        connection.commit()
    with pytest.raises(DatabaseUnavailable):
        use(partnership)
    (tmp_path / "catalog.toml").write_text(CATALOG.replace("third-party", "own"), "utf-8")
    assert use(partnership) == ""
