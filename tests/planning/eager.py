"""A gateway that studies its roles all the time instead of every few minutes: `gunicorn tests.planning.eager:app`."""

from __future__ import annotations

from datetime import timedelta

from app.ops.repeating import Repeating
from app.planning.rounds import StudyRounds
from app.server import create_app
from app.settings import Settings

app = create_app(Settings.from_environment())
for rounds in app.extensions["fedgate.rounds"]:
    if isinstance(rounds, StudyRounds):
        Repeating("eager study", rounds.make_one, lambda: 0.0, timedelta(milliseconds=400)).start()
