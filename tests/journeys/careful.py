"""A careful company: its administrators' role needs a second factor, its providers hear of sign-outs, and a partner
sends people unasked.

Its people are the cast, by two providers of one local identity provider of their own.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from app.local.idp import keys
from app.local.idp.picking import MFA_CONTEXT
from app.local.idp.registration import OidcApplication, Registration, SamlApplication, Secret
from app.local.idp.server import LocalIdp
from tests.forges.saml import SamlForge
from tests.servers.process import LOOPBACK, free_port
from tests.world import ADMIN, READ_ONLY, World

SAML, OIDC = "Careful (SAML)", "Careful (OIDC)"
_PROVIDERS = """
[[provider]]
id = "corp"
kind = "saml"
label = "Careful (SAML)"
metadata = "{idp}/saml/metadata"
name_attribute = "email"
email_attribute = "email"
key_files = ["saml.secret"]
mfa_contexts = ["{mfa}"]
allow_private_network = true
[[provider]]
id = "corp-oidc"
kind = "oidc"
label = "Careful (OIDC)"
issuer = "{idp}"
client_id = "fedgate"
client_secret_file = "careful.secret"
scopes = ["openid", "profile", "email", "groups"]
mfa_acr = ["{mfa}"]
email_domains = ["example.test"]
allow_private_network = true
[[provider]]
id = "partner"
kind = "saml"
label = "Partner Ltd"
metadata = "partner.xml"
idp_initiated = true
"""
_CATALOG = f"""
[[role]]
arn = "{ADMIN}"
label = "Administrator"
method = "saml"
provider_arn = "arn:aws:iam::111111111111:saml-provider/fedgate"
require_mfa = true
fresh = 15
"""
_RULE = """
[[rule]]
id = "{provider}-admins"
provider = "{provider}"
groups = ["Admins"]
roles = ["{admin}"]
[[rule]]
id = "{provider}-staff"
provider = "{provider}"
groups = ["Staff", "aws-dev"]
roles = ["{read_only}"]
"""


@dataclass(frozen=True)
class Careful:
    url: str
    partner: SamlForge

    def unasked(self) -> tuple[str, str]:
        """Where a browser that comes from the partner posts to, and the answer that it brings."""
        acs = f"{self.url}/signin/partner/acs"
        draft = self.partner.draft(acs, f"{self.url}/signin/partner/metadata", "", datetime.now(UTC))
        draft = draft.but(request_id=None, confirmed_request_id=None)
        return acs, self.partner.encode(self.partner.signed(draft))


@contextmanager
def open_careful(world: World) -> Iterator[Careful]:
    port, secret, partner = free_port(), secrets.token_urlsafe(32), SamlForge()
    url = f"http://{LOOPBACK}:{port}"
    pair = keys.make("careful", lambda: datetime.now(UTC))
    corp, oidc = f"{url}/signin/corp", f"{url}/signin/corp-oidc"
    registration = Registration(
        SamlApplication(f"{corp}/metadata", f"{corp}/acs", f"{corp}/logout", pair.certificate_pem),
        OidcApplication("fedgate", Secret(secret), f"{oidc}/callback", (f"{url}/signout",), f"{oidc}/logout"),
    )
    with LocalIdp(registration) as idp:
        files = {
            "careful.secret": secret,
            "saml.secret": (pair.private_pem + pair.certificate_pem).decode(),
            "partner.xml": partner.metadata(),
        }
        rules = "".join(
            _RULE.format(provider=one, admin=ADMIN, read_only=READ_ONLY) for one in ("corp", "corp-oidc", "partner")
        )
        providers = _PROVIDERS.format(idp=idp.addresses.base_url, mfa=MFA_CONTEXT)
        gateway = world.gateway(providers, _CATALOG + rules, port=port, files=files)
        yield Careful(gateway.url, partner)


def html_that_posts(address: str, response: str) -> str:
    """The page of a provider that sends somebody."""
    assert base64.b64decode(response)
    field = f'<input type="hidden" name="SAMLResponse" value="{response}">'
    return f'<title>Partner</title><form method="post" action="{address}">{field}<button>Open AWS</button></form>'
