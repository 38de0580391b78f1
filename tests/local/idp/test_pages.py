"""What a person sees at the local provider, with and without JavaScript, and what protects the pages."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlsplit

import pytest
import requests
from bs4 import BeautifulSoup
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import sync_playwright

from app.local.cast import CAST
from app.local.idp.registration import OidcApplication, Registration, SamlApplication, Secret
from app.local.idp.server import LocalIdp
from tests import needs
from tests.servers import applications


def test_the_page_shows_everybody_with_their_groups(oidc_app: applications.OidcApplication) -> None:
    page = BeautifulSoup(requests.get(oidc_app.ask(), timeout=60).text, "html.parser")
    heading = page.h1
    assert heading
    assert " ".join(heading.text.split()).lower() == "local identity provider: pick who you are"
    for member in CAST:
        button = page.select_one(f'form[method=post] button[name=person][value="{member.key}"]')
        assert button
        shown = [tag.text for tag in button.select(".group")]
        assert shown == list(member.groups or ())
    assert "says nothing about groups" in page.text
    assert "member of no groups" in page.text


@pytest.mark.parametrize("asks", [True, False])
def test_the_tick_is_set_when_the_application_asks_for_mfa(saml_app: applications.SamlApplication, asks: bool) -> None:
    url, _ = saml_app.ask(["urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken"] if asks else None)
    box = BeautifulSoup(requests.get(url, timeout=60).text, "html.parser").select_one("input[name=mfa]")
    assert box
    assert box.has_attr("checked") is asks


@pytest.mark.parametrize("path", ["/", "/saml/sso", "/oidc/authorize", "/oidc/logout", "/nothing-here"])
def test_every_page_forbids_what_it_does_not_need(idp: LocalIdp, path: str) -> None:
    page = requests.get(idp.addresses.base_url + path, timeout=60)
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "frame-ancestors 'none'" in policy
    assert page.headers["Cache-Control"] == "no-store"
    html = BeautifulSoup(page.text, "html.parser")
    assert not html.select("[style], script:not([src])")


def test_it_answers_to_its_own_name_only(idp: LocalIdp) -> None:
    page = requests.get(idp.addresses.base_url, headers={"Host": "rebound.example.test"}, timeout=60)
    assert page.status_code == 400


def test_a_form_that_is_too_large_is_refused(oidc_app: applications.OidcApplication) -> None:
    page = requests.post(oidc_app.ask(), data={"person": "alice", "x": "x" * 100_000}, timeout=60)
    assert page.status_code == 413


class Application(ThreadingHTTPServer):
    """Takes any POST, and sends the browser on to another origin, as a console link does after sign-in."""

    def __init__(self, onward: str = "") -> None:
        super().__init__(("127.0.0.1", 0), Visit)
        self.onward = onward
        self.origin = f"http://127.0.0.1:{self.server_port}"
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()


class Visit(BaseHTTPRequestHandler):
    server: Application

    def do_GET(self) -> None:
        if self.server.onward:
            self.send_response(303)
            self.send_header("Location", self.server.onward)
        else:
            self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def console() -> Iterator[Application]:
    with Application() as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def application(console: Application) -> Iterator[Application]:
    with Application(onward=f"{console.origin}/console") as server:
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def provider(application: Application) -> Iterator[LocalIdp]:
    here = application.origin
    registration = Registration(
        SamlApplication(f"{here}/metadata", f"{here}/acs"),
        OidcApplication("fedgate", Secret("s"), f"{here}/callback"),
    )
    with LocalIdp(registration) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=needs.chromium(), args=["--no-sandbox"])
        yield browser
        browser.close()


def saml_address(provider: LocalIdp, application: Application) -> str:
    metadata = requests.get(provider.addresses.saml_entity_id, timeout=60).content
    return applications.SamlApplication(f"{application.origin}/metadata", f"{application.origin}/acs", metadata).ask()[
        0
    ]


def oidc_address(provider: LocalIdp, application: Application) -> str:
    issuer, callback = provider.addresses.issuer, f"{application.origin}/callback"
    return applications.OidcApplication(issuer, "fedgate", "s", callback).ask()


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("address", [saml_address, oidc_address])
def test_a_person_gets_through_to_the_console_in_a_real_browser(
    chromium: Chromium,
    provider: LocalIdp,
    application: Application,
    console: Application,
    address: Callable[[LocalIdp, Application], str],
) -> None:
    page = chromium.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(address(provider, application))
    page.get_by_role("button", name="Alice Adams").click()
    page.wait_for_url(f"{console.origin}/console", timeout=60_000)
    assert [complaint for complaint in complaints if "Content Security Policy" in complaint] == []
    page.close()


@pytest.mark.needs("chromium")
def test_without_javascript_a_button_carries_the_answer(
    chromium: Chromium, provider: LocalIdp, application: Application, console: Application
) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(saml_address(provider, application))
    page.get_by_role("button", name="Alice Adams").click()
    assert urlsplit(page.url).netloc == provider.addresses.host
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{console.origin}/console", timeout=60_000)
    context.close()


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_fits_a_phone(
    chromium: Chromium, provider: LocalIdp, application: Application, scheme: Literal["light", "dark"]
) -> None:
    page = chromium.new_page(viewport={"width": 390, "height": 800}, color_scheme=scheme)
    page.goto(saml_address(provider, application))
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
