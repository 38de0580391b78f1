"""An office whose administrators are the group Admins, and roles in its catalog that AWS does not have yet."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.awsside.story import Administrator
from tests.office import Office, open_office
from tests.world import DEVELOPMENT, ISSUER, PRODUCTION, World

HOST = ISSUER.removeprefix("https://")
NEW = ("NewSaml", "NewToken", "NewAssumed")
_TOP = f"""
admins = [{{ provider = "corp-oidc", groups = ["Admins"] }}]
aws_principal = "arn:aws:iam::{DEVELOPMENT}:user/fedgate"
"""
_ROLES = f"""
[[role]]
arn = "arn:aws:iam::{PRODUCTION}:role/NewSaml"
label = "By assertion"
method = "saml"
provider_arn = "arn:aws:iam::{PRODUCTION}:saml-provider/fedgate"
tags = {{ Department = "{{attribute.department}}" }}
[[role]]
arn = "arn:aws:iam::{PRODUCTION}:role/NewToken"
label = "By token"
method = "web_identity"
provider_arn = "arn:aws:iam::{PRODUCTION}:oidc-provider/{HOST}"
max_minutes = 120
[[role]]
arn = "arn:aws:iam::{PRODUCTION}:role/NewAssumed"
label = "By the gateway's own key"
method = "assume_role"
tags = {{ Department = "{{attribute.department}}" }}
[[rule]]
id = "developers"
provider = "corp-oidc"
groups = ["Developers"]
roles = [{", ".join(f'"arn:aws:iam::{PRODUCTION}:role/{name}"' for name in NEW)}]
"""


@pytest.fixture(scope="module")
def office(world: World) -> Iterator[Office]:
    with open_office(world, rules=_ROLES, top=_TOP) as office:
        yield office


@pytest.fixture(scope="module")
def operator(world: World) -> Administrator:
    """Somebody with AWS's own keys of both accounts."""
    keys = json.loads((world.stack / "aws-keys.json").read_text("utf-8"))
    found = {
        key["id"]: {
            "aws_access_key_id": key["access_key_id"],
            "aws_secret_access_key": key["secret_access_key"],
        }
        for key in keys
    }
    return Administrator(world.aws, found)
