"""Profiles that run `fedgate credential-process`."""

from __future__ import annotations

from dataclasses import dataclass

from tests.clients.cells import Event, Expected, Hidden, Told
from tests.clients.clients import Client
from tests.clients.machine import Machine
from tests.clients.stage import Stage
from tests.clients.way import DENIED, JAVASCRIPT_HIDES, Guest
from tests.world import READ_ONLY, UPDATE_APP


@dataclass(frozen=True, slots=True)
class CredentialProcess:
    """`fedgate profiles sync` writes the profiles; AWS tools run `fedgate credential-process`."""

    name: str = "credential-process"
    person: str = "alice"
    renews: bool = True

    def arrive(self, stage: Stage, client: Client) -> Guest:
        browser, prompt = stage.at_the_prompt(self.name, self.person, client)
        profiles = {profile.rpartition(".")[2]: {"AWS_PROFILE": profile} for profile in prompt.profiles()}
        roles = {UPDATE_APP: profiles["UpdateApp"], READ_ONLY: profiles["ReadOnly"]}
        return Guest(Machine(prompt.terminal.home, stage.world.aws, client, dict(roles), prompt), browser)

    def refusal(self, event: Event, client: Client) -> Expected:
        if not client.shows_helpers:
            return Hidden(JAVASCRIPT_HIDES)
        ended = ("fedgate: This terminal's sign-in has ended; run: fedgate login",)
        return Told((*DENIED, "run: fedgate roles") if event is Event.DENIED else ended)

    def remark(self, client: Client) -> str:
        return "" if client.shows_helpers else "shows no reason, whoever refuses"
