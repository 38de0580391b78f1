"""SimpleSAMLphp and oidc-provider in a real browser, set up as a careful company would have them. One gateway:

    ssp      SimpleSAMLphp wants our requests signed and encrypts to us; we take nothing unencrypted
    portal   the same, and people may begin there
    okta     oidc-provider: PKCE, refresh tokens, and each tells the other when a session is over

How SimpleSAMLphp takes part in signing out is in `test_saml_logout.py`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from app.providers.saml import keys
from tests.cli.terminal import Terminal
from tests.journeys.person import People, Person
from tests.journeys.terminal import login
from tests.leaks.planted import PLANTED
from tests.real_providers import parting
from tests.real_providers.conftest import PROVIDERS, RULES
from tests.servers.fixtures import StartOidcProvider, StartSimpleSamlPhp
from tests.servers.oidc_provider import OidcProvider
from tests.servers.people import ALICE
from tests.servers.process import LOOPBACK, free_port
from tests.servers.simplesamlphp import SimpleSamlPhp, with_key
from tests.world import Gateway, World

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.needs("simplesamlphp")]

# SimpleSAMLphp always encrypts with AES-CBC (`tests/servers/simplesamlphp.py`).
SSP = parting.PROVIDER + "allow_cbc_encryption = true\nrequire_encryption = true\n"
PORTAL = SSP.replace('"ssp"', '"portal"').replace('"SimpleSAMLphp"', '"Portal"') + "idp_initiated = true\n"
OKTA = PROVIDERS[PROVIDERS.rindex("[[provider]]") :]
SIGN_IN = "Sign in to AWS"


@dataclass(frozen=True, slots=True)
class Office:
    gateway: Gateway
    saml: SimpleSamlPhp
    oidc: OidcProvider

    def begun_there(self, provider: str) -> str:
        """SimpleSAMLphp's own link to us."""
        entity_id = f"{self.gateway.url}/signin/{provider}/metadata"
        return f"{self.saml.base_url}/saml2/idp/SSOService.php?spentityid={entity_id}"


@pytest.fixture(scope="module")
def office(
    world: World, start_simplesamlphp: StartSimpleSamlPhp, start_oidc_provider: StartOidcProvider
) -> Iterator[Office]:
    port, pem = free_port(), keys.new(datetime.now(UTC), 2048)
    url = f"http://{LOOPBACK}:{port}"
    key = with_key(pem, encrypt=True)
    portal = {"AssertionConsumerService": f"{url}/signin/portal/acs", **key}
    saml = start_simplesamlphp(
        entity_id=f"{url}/signin/ssp/metadata",
        acs=f"{url}/signin/ssp/acs",
        remote=key,
        others={f"{url}/signin/portal/metadata": portal},
    )
    oidc = start_oidc_provider(
        redirect_uri=f"{url}/signin/okta/callback",
        post_logout_redirect_uri=f"{url}/signout",
        backchannel_logout_uri=f"{url}/signin/okta/logout",
    )
    files = {"simplesamlphp.xml": saml.metadata().decode(), "saml.pem": pem, "okta.secret": oidc.client_secret}
    rules = RULES + parting.RULES.replace('"ssp', '"portal')
    gateway = world.gateway(SSP + PORTAL + OKTA.format(issuer=oidc.issuer), rules, port=port, files=files)
    yield Office(gateway, saml, oidc)
    assert gateway.process is not None
    gateway.process.stop()


@pytest.fixture
def alice(people: People, office: Office) -> Person:
    return people("alice", office.gateway.url)


def give_password(person: Person, heading: str, status: int = 200) -> None:
    """At either provider's login page; then the page of ours with this heading."""
    person.page.locator("[name=username], [name=user]").fill(ALICE.name)
    person.page.fill("[name=password]", ALICE.password)
    person.page.locator("[name=password]").press("Enter")
    expect(person.page.get_by_role("heading", level=1)).to_have_text(heading)
    person.look(status)


def arrive(person: Person, provider: str) -> None:
    person.open("/")
    person.page.get_by_role("link", name=provider).click()
    give_password(person, "My roles")


def test_a_signed_request_and_an_encrypted_answer_bring_alice_to_her_roles(alice: Person) -> None:
    alice.open("/")
    with alice.page.expect_request("**/saml2/idp/SSOService.php?*") as asked:
        alice.page.get_by_role("link", name="SimpleSAMLphp").click()
    assert {"SAMLRequest", "SigAlg", "Signature"} <= set(parse_qs(urlsplit(asked.value.url).query))
    with alice.page.expect_request("**/signin/ssp/acs") as answered:
        give_password(alice, "My roles")
    xml = base64.b64decode(parse_qs(answered.value.post_data or "")["SAMLResponse"][0])
    assert b"EncryptedAssertion" in xml
    assert ALICE.mail.encode() not in xml
    assert alice.roles()
    assert ALICE.mail in alice.text


def test_begun_at_simplesamlphp_it_asks_before_alice_is_in(alice: Person, office: Office) -> None:
    alice.page.goto(office.begun_there("portal"))
    give_password(alice, "Is this you?")
    assert f"You are being signed in as {ALICE.mail} from Portal." in alice.text
    unasked = alice.another_tab()
    unasked.open("/")
    assert unasked.heading == SIGN_IN, "nobody is signed in by the question alone"
    alice.click("Continue")
    assert alice.heading == "My roles"
    assert alice.roles()


def test_begun_at_simplesamlphp_it_is_refused_where_that_is_off(alice: Person, office: Office) -> None:
    alice.page.goto(office.begun_there("ssp"))
    give_password(alice, "Sign-in did not work", 400)
    assert "sign-ins that begin there are turned off" in alice.text
    assert office.gateway.last_reason() == "saml.unasked"
    alice.open("/")
    assert alice.heading == SIGN_IN


def test_alices_terminal_is_renewed_and_ends_when_she_signs_out_here_and_there(
    alice: Person, office: Office, tmp_path: Path
) -> None:
    arrive(alice, "oidc-provider")
    assert alice.roles()
    terminal = approve(alice, tmp_path)
    before = kept_tokens(tmp_path)
    spend(tmp_path)
    assert terminal.type("roles").code == 0
    after = kept_tokens(tmp_path)
    assert before["refresh_token"] != after["refresh_token"]
    assert before["access_token"] != after["access_token"]

    alice.named("Sign out").click()
    alice.page.wait_for_url(f"{office.oidc.issuer}/session/end?*")
    alice.page.get_by_role("button", name="Sign out here too").click()
    expect(alice.page.get_by_role("heading", level=1)).to_have_text("You are signed out")
    alice.look()
    assert "and the terminal that you signed in from it can no longer use your AWS roles" in alice.text
    assert "sent you back without saying whether it did" in alice.text  # OpenID Connect has no signed answer to this
    ended = terminal.type("roles")
    assert ended.code != 0
    assert "ended" in ended.err
    alice.open("/")
    alice.page.get_by_role("link", name="oidc-provider").click()
    expect(alice.page.locator("[name=password]")).to_be_visible()


def test_ended_at_oidc_provider_by_back_channel_only_that_browser_must_sign_in(people: People, office: Office) -> None:
    alice, elsewhere = (people("alice", office.gateway.url) for _ in range(2))
    for browser in (alice, elsewhere):
        arrive(browser, "oidc-provider")
    provider = alice.another_tab()
    provider.page.goto(f"{office.oidc.issuer}/session/end")
    provider.page.get_by_role("button", name="Sign out here too").click()
    provider.page.wait_for_url(f"{office.oidc.issuer}/session/end/success*")
    alice.open("/")
    assert alice.heading == SIGN_IN
    elsewhere.open("/")
    assert elsewhere.heading == "My roles"


def approve(person: Person, home: Path) -> Terminal:
    """`fedgate login` in this home, which the person agrees to in the browser."""
    with login(home, person.gateway) as waiting:
        person.open(waiting.address)
        person.click("Sign this terminal in")
        code, said = waiting.ended()
    assert code == 0, said
    person.open("/")
    return Terminal(home, home / "fedgate.pyz", person.gateway)


def kept_tokens(home: Path) -> dict[str, str]:
    """What the CLI has in its file; it must be found in no log."""
    found = dict(line.split("\t", 1) for line in kept_in(home).read_text("ascii").splitlines())
    for name in ("access_token", "refresh_token"):
        PLANTED.plant(name, found[name])
    return found


def spend(home: Path) -> None:
    """As when the access token's few minutes are over."""
    lines = kept_in(home).read_text("ascii").splitlines(keepends=True)
    kept_in(home).write_text("".join("access_expires\t0\n" if "access_expires" in line else line for line in lines))


def kept_in(home: Path) -> Path:
    (path,) = (home / ".local/state/fedgate").rglob("*sign-in")
    return path
