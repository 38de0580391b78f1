"""Faults as people make them, each planted into the sound trust policy of one role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.awsside.story import DEVELOPMENT, EXTERNAL_ID, FEDGATE, ISSUER, PARTNER, PRODUCTION

HOST = ISSUER.removeprefix("https://")
GITHUB = f"arn:aws:iam::{PRODUCTION}:oidc-provider/token.actions.githubusercontent.com"
Change = Callable[[dict[str, Any]], object]  # of the document


@dataclass(frozen=True)
class Fault:
    """`code`: what the doctor must find. `lets_in`: what AWS does with our call all the same."""

    name: str
    role: str
    code: str
    change: Change
    lets_in: bool = False


def first(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["Statement"][0]
    return found


def without(action: str) -> Change:
    return lambda document: first(document)["Action"].remove(action)


def put(**changed: Any) -> Change:
    return lambda document: first(document).update(changed)


def asks(operator: str, key: str, value: object) -> Change:
    return lambda document: first(document).setdefault("Condition", {}).setdefault(operator, {}).update({key: value})


def forgets(operator: str, key: str = "") -> Change:
    def change(document: dict[str, Any]) -> None:
        conditions = first(document)["Condition"]
        if key:
            del conditions[operator][key]
        if not key or not conditions[operator]:
            del conditions[operator]

    return change


def also(**statement: Any) -> Change:
    return lambda document: document["Statement"].append(statement)


def both(*changes: Change) -> Change:
    return lambda document: [change(document) for change in changes]


_DENY_WITHOUT_MFA = also(
    Effect="Deny",
    Principal={"AWS": "*"},
    Action="sts:AssumeRole",
    Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
)
_DENY_OTHER_AUDIENCES = also(
    Effect="Deny",
    Principal={"Federated": f"arn:aws:iam::{PRODUCTION}:saml-provider/fedgate"},
    Action="sts:AssumeRoleWithSAML",
    Condition={"StringNotEquals": {"saml:aud": "https://example.com/saml"}},
)
_AUD = f"{HOST}:aud"

FAULTS = (
    Fault("tags without sts:TagSession", "team/SamlTags", "tag-session", without("sts:TagSession")),
    Fault("tags of a token without sts:TagSession", "TokenTags", "tag-session", without("sts:TagSession")),
    Fault("no sts:SetSourceIdentity", "Saml", "source-identity", without("sts:SetSourceIdentity")),
    Fault("no sts:SetSourceIdentity for the key", "Assume", "source-identity", without("sts:SetSourceIdentity")),
    Fault("another SAML audience", "Saml", "wrong-audience", asks("StringEquals", "saml:aud", "urn:amazon")),
    Fault("another OIDC audience", "Token", "wrong-audience", asks("StringEquals", _AUD, "fedgate")),
    Fault(
        "another SAML provider",
        "Saml",
        "wrong-provider",
        put(Principal={"Federated": f"arn:aws:iam::{PRODUCTION}:saml-provider/old-idp"}),
    ),
    Fault(
        "a provider of another account",
        "Token",
        "wrong-provider",
        put(Principal={"Federated": f"arn:aws:iam::{DEVELOPMENT}:oidc-provider/{HOST}"}),
    ),
    Fault(
        "a provider under AWS",
        "Saml",
        "wrong-provider",
        put(Principal={"AWS": f"arn:aws:iam::{PRODUCTION}:root"}, Action="sts:AssumeRole"),
    ),
    Fault(
        "somebody else's user",
        "Assume",
        "wrong-principal",
        put(Principal={"AWS": f"arn:aws:iam::{PARTNER}:root"}),
    ),
    Fault("AssumeRole where it is SAML", "Saml", "wrong-action", put(Action=["sts:AssumeRole", "sts:SetS*"])),
    Fault("SAML where it is a token", "Token", "wrong-action", put(Action=["sts:AssumeRoleWithSAML", "sts:SetS*"])),
    Fault("a Deny for whoever has no MFA", "Assume", "denied", _DENY_WITHOUT_MFA),
    Fault("a Deny for other audiences", "Saml", "denied", _DENY_OTHER_AUDIENCES),
    Fault("MFA asked of SAML", "Saml", "mfa", asks("Bool", "aws:MultiFactorAuthPresent", "true")),
    Fault("MFA asked of a key", "Assume", "mfa", asks("Bool", "aws:MultiFactorAuthPresent", "true")),
    Fault("names of a domain", "Saml", "session-name", asks("StringLike", "sts:SourceIdentity", "*@example.com")),
    Fault("another issuer's key", "Token", "other-issuer", asks("StringEquals", "id.other.test:sub", "alice")),
    Fault("another tag", "AssumeTags", "tags", asks("StringEquals", "aws:RequestTag/Team", "platform")),
    Fault("another entity id", "Saml", "condition", asks("StringEquals", "saml:iss", "https://idp.example.com")),
    Fault("an external id in our own account", "Assume", "external-id", asks("StringEquals", "sts:ExternalId", "x-1")),
    Fault("the wrong external id", "Partner", "external-id", asks("StringEquals", "sts:ExternalId", "customer-1")),
    Fault("an expired date", "Saml", "condition", asks("DateLessThan", "aws:CurrentTime", "2020-01-01T00:00:00Z")),
    Fault("everybody", "Assume", "everybody", put(Principal={"AWS": "*"}), True),
    Fault("everybody, too", "Saml", "everybody", also(Effect="Allow", Principal="*", Action="sts:AssumeRole"), True),
    Fault(
        "a whole account",
        "Assume",
        "whole-account",
        put(Principal={"AWS": f"arn:aws:iam::{DEVELOPMENT}:root"}),
        True,
    ),
    Fault(
        "a whole account by its own number",
        "Assume",
        "whole-account",
        both(
            put(Principal={"AWS": f"arn:aws:iam::{DEVELOPMENT}:root"}),
            asks("StringEquals", "aws:PrincipalAccount", DEVELOPMENT),
        ),
        True,
    ),
    Fault(
        "a whole account by a wildcard",
        "Assume",
        "whole-account",
        both(
            put(Principal={"AWS": DEVELOPMENT}),
            asks("ArnLike", "aws:PrincipalArn", f"arn:aws:iam::{DEVELOPMENT}:user/*"),
        ),
        True,
    ),
    Fault(
        "everybody of every account",
        "Assume",
        "everybody",
        both(put(Principal={"AWS": "*"}), asks("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:user/*")),
        True,
    ),
    Fault(
        "GitHub without a subject",
        "Token",
        "shared-issuer",
        also(
            Effect="Allow",
            Principal={"Federated": GITHUB},
            Action="sts:AssumeRoleWithWebIdentity",
            Condition={"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}},
        ),
        True,
    ),
    Fault("no external id", "Partner", "external-id-not-enforced", forgets("StringEquals", "sts:ExternalId"), True),
    Fault(
        "an external id that may be absent",
        "Partner",
        "external-id-not-enforced",
        both(forgets("StringEquals", "sts:ExternalId"), asks("StringEqualsIfExists", "sts:ExternalId", EXTERNAL_ID)),
        True,
    ),
    Fault(
        "any external id",
        "Partner",
        "external-id-not-enforced",
        both(forgets("StringEquals", "sts:ExternalId"), asks("StringLike", "sts:ExternalId", "*")),
        True,
    ),
    Fault(
        "whatever looks like an external id",
        "Partner",
        "external-id-not-enforced",
        both(forgets("StringEquals", "sts:ExternalId"), asks("StringLike", "sts:ExternalId", "*-*-*-*-*")),
        True,
    ),
    Fault(
        "only without an external id",
        "Partner",
        "external-id",
        both(forgets("StringEquals", "sts:ExternalId"), asks("Null", "sts:ExternalId", "true")),
    ),
    Fault(
        "a plain way in beside the tagged one",
        "Partner",
        "external-id-not-enforced",
        also(Effect="Allow", Principal={"AWS": str(FEDGATE)}, Action="sts:AssumeRole"),
        True,
    ),
    Fault("no audience", "Token", "no-audience", forgets("StringEquals", _AUD), True),
    Fault("no SAML audience", "Saml", "no-audience", forgets("StringEquals", "saml:aud"), True),
    Fault(
        "any audience that is an address",
        "Saml",
        "no-audience",
        both(forgets("StringEquals", "saml:aud"), asks("StringLike", "saml:aud", "https://*")),
        True,
    ),
    Fault("an audience like itself", "Saml", "no-audience", asks("StringEquals", "saml:aud", "${saml:aud}"), True),
    Fault("either pin", "Token", "no-pin", asks("Bool", "sts:RoleAuthorizedByIdp", ["true", "false"]), True),
    Fault("no pin to the role", "Token", "no-pin", forgets("Bool", "sts:RoleAuthorizedByIdp"), True),
    Fault("nobody's name", "Assume", "nameless", forgets("StringLike", "sts:SourceIdentity"), True),
    Fault(
        "tags that may be absent",
        "AssumeTags",
        "for-all-values",
        asks("ForAllValues:StringEquals", "aws:TagKeys", ["Team"]),
        True,
    ),
    Fault(
        "a tag that may be absent",
        "AssumeTags",
        "if-exists",
        asks("StringEqualsIfExists", "aws:RequestTag/Team", "payments"),
        True,
    ),
    Fault(
        "a key that nobody knows",
        "Saml",
        "cannot-tell",
        asks("StringEquals", "aws:VpceAccount", PRODUCTION),
    ),
    Fault(
        "an address",
        "Assume",
        "cannot-tell",
        asks("IpAddress", "aws:SourceIp", "203.0.113.0/24"),
    ),
)  # fmt: skip
