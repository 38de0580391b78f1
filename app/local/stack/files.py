"""The stack's secrets and its two configuration files, as an operator would write them.

Secrets are made once and kept, so that a sign-in survives a restart of the stack; the files are written anew
at each start, since ports may have changed.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from app.local.cast import ALICE, BOB, CARLA
from app.local.idp import keys
from app.local.idp.picking import MFA_CONTEXT
from app.local.stack.place import ISSUER, Place

DEVELOPMENT = "111111111111"
PRODUCTION = "999999999999"
BUCKET = "productionapp"
OIDC_CLIENT = "fedgate"

_GATEWAY = """\
# Written by deploy/try at each start. config/gateway.example.toml is the one to start from for real.
base_url = "{gateway}"
issuer_url = "{issuer}"
contact = "aws-access@example.test"
admins = [{{ provider = "corp", groups = ["Admins"] }}, {{ provider = "corp-oidc", groups = ["Admins"] }}]
aws_principal = "arn:aws:iam::111111111111:user/fedgate"

[session]
device_sign_in = true # `fedgate login --device`, to try it

[[provider]]
id = "corp"
kind = "saml"
label = "Example Corp (SAML)"
metadata = "{idp}/saml/metadata"
groups_attribute = "groups"
name_attribute = "email"
email_attribute = "email"
attributes = ["department", "costCenter"]
key_files = ["saml.pem"]
allow_private_network = true

[[provider]]
id = "corp-oidc"
kind = "oidc"
label = "Example Corp (OIDC)"
issuer = "{idp}"
client_id = "{client}"
client_secret_file = "oidc-client.secret"
scopes = ["openid", "profile", "email", "groups", "offline_access"]
groups_claim = "groups"
mfa_acr = ["{mfa}"]
name_claim = "preferred_username"
attributes = ["department", "costCenter"]
allow_private_network = true
"""

_CATALOG = """\
# Written by deploy/try at each start. Each role uses another way to AWS, so that all three are walked.
[[account]]
id = "111111111111"
name = "Development"
defaults = { region = "eu-west-1" }

[[account]]
id = "999999999999"
name = "Production"
defaults = { region = "eu-west-1" }

[[role]]
arn = "arn:aws:iam::999999999999:role/UpdateApp"
label = "Update the app"
visible = true
method = "saml"
provider_arn = "arn:aws:iam::999999999999:saml-provider/fedgate"
tags = { Department = "{attribute.department}" }

[[role]]
arn = "arn:aws:iam::999999999999:role/ReadOnly"
label = "Look only"
method = "assume_role"

[[role]]
arn = "arn:aws:iam::111111111111:role/Developer"
label = "Developer"
method = "web_identity"
provider_arn = "arn:aws:iam::111111111111:oidc-provider/id.fedgate.example"
tags = { CostCenter = "{attribute.costCenter}" }
transitive_tags = ["CostCenter"]

[[role]]
arn = "arn:aws:iam::111111111111:role/Admin"
label = "Administrator"
method = "saml"
provider_arn = "arn:aws:iam::111111111111:saml-provider/fedgate"
max_minutes = 60
"""

_RULES = """
[[rule]]
id = "{provider}-developers"
provider = "{provider}"
groups = ["Developers"]
roles = ["arn:aws:iam::999999999999:role/UpdateApp", "arn:aws:iam::111111111111:role/Developer"]

[[rule]]
id = "{provider}-staff"
provider = "{provider}"
groups = ["Staff"]
roles = ["arn:aws:iam::999999999999:role/ReadOnly"]

[[rule]]
id = "{provider}-admins"
provider = "{provider}"
groups = ["Admins"]
roles = ["arn:aws:iam::111111111111:role/Admin"]
"""

# Who is worth trying, and as what.
INTRODUCTIONS = (
    (ALICE, "a developer: may update the app in Production"),
    (BOB, "of the staff: may look, and is refused the rest"),
    (CARLA, "an administrator of Development"),
)


def write(place: Place) -> None:
    """gateway.toml, catalog.toml and the secrets beside them."""
    told = _GATEWAY.format(gateway=place.gateway, issuer=ISSUER, idp=place.idp, client=OIDC_CLIENT, mfa=MFA_CONTEXT)
    rules = "".join(_RULES.format(provider=provider) for provider in ("corp", "corp-oidc"))
    _private(place.folder / "gateway.toml", told)
    _private(place.folder / "catalog.toml", _CATALOG + rules)
    _once(place.folder / "oidc-client.secret", lambda: secrets.token_urlsafe(32))
    _once(place.folder / "saml.pem", _key_pair)
    _once(place.folder / "sealing-keys", lambda: base64.b64encode(secrets.token_bytes(32)).decode())


def _key_pair() -> str:
    """What the gateway signs its SAML messages with: the private key and its certificate in one text."""
    pair = keys.make("the gateway's SAML", lambda: datetime.now(UTC))
    return (pair.private_pem + pair.certificate_pem).decode("ascii")


def _once(path: Path, make: Callable[[], str]) -> None:
    if not path.is_file():
        _private(path, make() + "\n")


def _private(path: Path, text: str) -> None:
    """Whole or not at all, and never readable by others, not even for a moment."""
    new = path.with_suffix(".new")
    new.unlink(missing_ok=True)
    with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    new.replace(path)
