"""gateway.toml and the files it names, edited under a gateway that runs."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import pytest

from app.errors import ConfigurationProblems, NotFound, SignInRefused
from app.gateway_watch import WatchedGateway
from app.providers.making import problems
from app.providers.registry import Registry, build_registry
from app.providers.saml.provider import SamlProvider
from app.providers.settings import ProviderSettings
from tests.forges.saml import SamlForge
from tests.patience import SECONDS

TEXT = """
base_url = "https://aws.example.com"
[session]
browser_hours = 8
[[provider]]
id = "corp"
kind = "saml"
label = "Example Corp"
metadata = "corp.xml"
[[provider]]
id = "okta"
kind = "oidc"
label = "Okta"
issuer = "https://example.okta.com"
client_id = "c"
client_secret_file = "okta.secret"
"""


class Edited:
    """The folder of a gateway, and the gateway that looks into it: a second passes with every look."""

    def __init__(self, folder: Path, forge: SamlForge) -> None:
        self.folder, self.seconds = folder, 0.0
        self.write("gateway.toml", TEXT)
        self.write("corp.xml", forge.metadata())
        self.write("okta.secret", "one")
        self.live = WatchedGateway(folder / "gateway.toml", problems, self.clock)

    def clock(self) -> float:
        self.seconds += 1
        return self.seconds

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text, "utf-8")

    def ids(self) -> list[str]:
        return [provider.id for provider in self.live.providers()]


@pytest.fixture(scope="module")
def forge() -> SamlForge:
    return SamlForge()


@pytest.fixture
def edited(tmp_path: Path, forge: SamlForge) -> Edited:
    return Edited(tmp_path, forge)


def test_while_nothing_changes_it_is_the_same_object(edited: Edited) -> None:
    assert edited.live.providers() is edited.live.providers()


def test_an_edit_counts_at_the_next_look(edited: Edited) -> None:
    edited.write("gateway.toml", TEXT.replace('id = "okta"', 'id = "entra"'))
    assert edited.ids() == ["corp", "entra"]


def test_at_most_one_look_a_second(tmp_path: Path, forge: SamlForge) -> None:
    edited = Edited(tmp_path, forge)
    seconds = 100.0
    live = WatchedGateway(tmp_path / "gateway.toml", problems, lambda: seconds)
    edited.write("gateway.toml", TEXT.replace('id = "okta"', 'id = "entra"'))
    assert [provider.id for provider in live.providers()] == ["corp", "okta"]
    seconds = 101.0
    assert [provider.id for provider in live.providers()] == ["corp", "entra"]


def test_what_changes_during_a_long_look_counts_a_second_after_that_look_began(
    tmp_path: Path, forge: SamlForge
) -> None:
    """A busy machine looks for long: the second is not counted from the end."""
    seconds = 100.0
    Edited(tmp_path, forge)

    def slow(providers: Sequence[ProviderSettings]) -> list[str]:
        nonlocal seconds
        if providers[1].id == "entra":
            seconds += 1.0
            (tmp_path / "gateway.toml").write_text(TEXT.replace('id = "okta"', 'id = "keycloak"'), "utf-8")
        return []

    live = WatchedGateway(tmp_path / "gateway.toml", slow, lambda: seconds)
    (tmp_path / "gateway.toml").write_text(TEXT.replace('id = "okta"', 'id = "entra"'), "utf-8")
    seconds = 101.0
    assert [provider.id for provider in live.providers()] == ["corp", "entra"]
    assert [provider.id for provider in live.providers()] == ["corp", "keycloak"]


def test_who_comes_while_another_looks_waits_for_what_it_sees(tmp_path: Path, forge: SamlForge) -> None:
    seconds = 100.0
    looking, go_on = Event(), Event()
    Edited(tmp_path, forge)

    def slow(providers: Sequence[ProviderSettings]) -> list[str]:
        if providers[1].id == "entra":
            looking.set()
            assert go_on.wait(SECONDS)
        return []

    live = WatchedGateway(tmp_path / "gateway.toml", slow, lambda: seconds)
    (tmp_path / "gateway.toml").write_text(TEXT.replace('id = "okta"', 'id = "entra"'), "utf-8")
    seconds = 101.0
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(live.providers)
        assert looking.wait(SECONDS)
        second = pool.submit(live.providers)
        wait([second], timeout=0.2)  # not longer: who waits gives up after a second
        go_on.set()
        assert first.result() is second.result()
        assert second.result()[1].id == "entra"


def test_what_a_named_file_holds_counts_even_if_its_time_and_size_are_the_same(edited: Edited) -> None:
    path = edited.folder / "okta.secret"
    before = path.stat()
    edited.write("okta.secret", "two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert edited.live.providers()[1].client_secret == "two"  # type: ignore[union-attr]


def test_a_volume_whose_link_is_turned_counts(edited: Edited, tmp_path: Path) -> None:
    """Kubernetes replaces all files of a ConfigMap at once, by turning one link."""
    for name, secret in (("first", "one"), ("second", "three")):
        (tmp_path / name).mkdir()
        for file in ("gateway.toml", "corp.xml"):
            (tmp_path / name / file).write_text((edited.folder / file).read_text("utf-8"), "utf-8")
        (tmp_path / name / "okta.secret").write_text(secret, "utf-8")
    link = tmp_path / "data"
    link.symlink_to("first")
    live = WatchedGateway(link / "gateway.toml", problems, edited.clock)
    (tmp_path / "turned").symlink_to("second")
    (tmp_path / "turned").replace(link)
    assert live.providers()[1].client_secret == "three"  # type: ignore[union-attr]


BROKEN: dict[str, Callable[[Edited], None]] = {
    "no TOML": lambda e: e.write("gateway.toml", "[[provider"),
    "empty, in the middle of being saved": lambda e: e.write("gateway.toml", ""),
    "gone": lambda e: (e.folder / "gateway.toml").unlink(),
    "metadata gone": lambda e: (e.folder / "corp.xml").unlink(),
    "metadata that is none": lambda e: e.write("corp.xml", "<a/>"),
    "secret gone": lambda e: (e.folder / "okta.secret").unlink(),
    "address that may not be": lambda e: e.write("gateway.toml", TEXT.replace("https://example.okta", "http://okta")),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_broken_edit_changes_nothing_and_is_told_until_it_is_mended(edited: Edited, how: str) -> None:
    before = edited.live.providers()
    files = {name: (edited.folder / name).read_text("utf-8") for name in ("gateway.toml", "corp.xml", "okta.secret")}
    BROKEN[how](edited)
    assert edited.live.problems()
    assert edited.live.providers() is before
    for name, text in files.items():
        edited.write(name, text)
    assert edited.live.problems() == ()
    assert edited.live.providers() == before


def test_what_waits_for_a_restart_is_named(edited: Edited) -> None:
    assert edited.live.waiting() == ()
    text = TEXT.replace("aws.example.com", "b.example.com").replace("browser_hours = 8", "browser_hours = 4")
    edited.write("gateway.toml", text)
    assert edited.live.waiting() == ("base_url", "issuer_url", "lifetimes")


def test_a_file_that_is_wrong_at_the_start_is_no_start(tmp_path: Path) -> None:
    (tmp_path / "gateway.toml").write_text(TEXT)
    (tmp_path / "corp.xml").write_text("<a/>")
    (tmp_path / "okta.secret").write_text("s")
    with pytest.raises(ConfigurationProblems, match="provider corp: metadata"):
        WatchedGateway(tmp_path / "gateway.toml", problems)


def arrives(registry: Registry, forge: SamlForge) -> str:
    """The subject of somebody whom this provider vouches for now."""
    provider = registry.get("corp")
    assert isinstance(provider, SamlProvider)
    now = datetime.now(UTC)
    departure = provider.depart("state", now)
    draft = forge.draft(provider.us.acs, provider.us.entity_id, departure.kept["request_id"], now)
    return provider.arrive(forge.encode(forge.signed(draft)), departure.kept, now).identity.subject


def test_a_certificate_taken_out_of_the_metadata_is_gone_at_once_and_a_new_one_taken_at_once(
    edited: Edited, forge: SamlForge
) -> None:
    registry = build_registry(edited.live.providers, "https://aws.example.com")
    stranger = SamlForge()
    assert arrives(registry, forge)
    with pytest.raises(SignInRefused):
        arrives(registry, stranger)
    edited.write("corp.xml", stranger.metadata())
    assert arrives(registry, stranger)
    with pytest.raises(SignInRefused) as caught:
        arrives(registry, forge)
    assert caught.value.reason == "saml.signature"


def test_an_answer_under_way_when_its_provider_is_switched_off_finds_nobody(edited: Edited) -> None:
    registry = build_registry(edited.live.providers, "https://aws.example.com")
    registry.get("corp").depart("state", datetime.now(UTC))
    edited.write("gateway.toml", TEXT.replace('id = "corp"', 'id = "corp"\nenabled = false'))
    with pytest.raises(NotFound):
        registry.get("corp")
    assert not registry.admits("corp")
