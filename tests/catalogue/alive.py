"""Is a session still alive? Asked of the gateway, as the browser or the terminal would ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import requests

from tests.catalogue.row import Outcome, Verdict
from tests.catalogue.stage import Person, Stage, timed
from tests.catalogue.visits import OidcVisit, SamlVisit


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Somebody whose browser is signed in, by the visit that it came from."""

    visit: SamlVisit | OidcVisit

    @property
    def stage(self) -> Stage:
        return self.visit.stage

    @property
    def logout(self) -> str:
        return f"{self.stage.url}/signin/{self.visit.provider}/logout"

    def is_in(self) -> bool:
        page = self.visit.person.http.get(f"{self.stage.url}/", allow_redirects=False, timeout=60)
        assert page.status_code in (200, 303), page.status_code
        return page.status_code == 200

    def told(self, ask: Callable[[Person], requests.Response]) -> Outcome:
        """What came of a message that says that this session is over, sent from an address of its own.

        A refusal is only good while the session stands, an acceptance only when it does not.
        """
        sender = self.stage.person()
        answer, milliseconds = timed(lambda: ask(sender))
        outcome = self.stage.outcome(answer, milliseconds, sender)
        alive = self.is_in()
        if outcome.verdict is Verdict.MISSING:
            return replace(outcome, verdict=Verdict.MISSING if alive else Verdict.ENDED)
        return outcome if alive else replace(outcome, said="the session did not stand the refusal")
