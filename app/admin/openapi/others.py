"""Everything else: one's own roles and credentials; for administrators "why?", the trust doctor, what AWS must know,
and the identity providers."""

from __future__ import annotations

from app.admin.openapi.pieces import (
    INSTANT,
    NUMBER,
    TEXT,
    TEXTS,
    YES_NO,
    Operation,
    Schema,
    many,
    operation,
    or_null,
    place,
    query,
    ref,
    thing,
)
from app.awsside.formats import FORMATS

_ARN = {**TEXT, "description": "Such as arn:aws:iam::111122223333:role/Developer"}
_ADMIN = "/api/v1/admin"
_ROLE = (place("account", "Twelve digits"), place("name", "The role's name"))
_ACCOUNT = (place("account", "Twelve digits"), query("role", "Only what this one adds"))
_WHOSE = (("provider", "Of the person"), ("subject", "Of the person"), ("role_arn", "The role"))

SCHEMAS: dict[str, Schema] = {
    "Role": thing(
        arn=TEXT,
        account_id=TEXT,
        account_name=TEXT,
        name=TEXT,
        label=TEXT,
        method=TEXT,
        region=TEXT,
        max_minutes=NUMBER,
        works=YES_NO,
        reasons=TEXTS,
        console=YES_NO,
        cli=YES_NO,
        profile=TEXT,
        step_up={"type": "object"},
    ),
    "Credentials": thing(
        Version={"const": 1},
        AccessKeyId=TEXT,
        SecretAccessKey=TEXT,
        SessionToken=TEXT,
        Expiration=INSTANT,
        AccountId=TEXT,
    ),
    "Certificate": thing(owner=TEXT, thumbprint=TEXT, ends_at=INSTANT),
    "Provider": thing(
        id=TEXT,
        label=TEXT,
        kind={"type": "string", "enum": ["saml", "oidc"]},
        enabled=YES_NO,
        trouble=TEXT,
        name=TEXT,
        source=TEXT,
        copies=many(thing(what=TEXT, fetched_at=or_null(INSTANT), failed_at=or_null(INSTANT), failure=TEXT)),
        keys=many(thing(kid=TEXT, kind=TEXT, thumbprint=TEXT)),
        certificates=many(ref("Certificate")),
        addresses=many(thing(what=TEXT, address=TEXT)),
        does=TEXTS,
    ),
    "Diagnosis": thing(
        arn=TEXT, account_id=TEXT, name=TEXT, state=TEXT, why_not=TEXT, findings=many({"type": "object"})
    ),
}

PATHS: dict[str, dict[str, Operation]] = {
    "/api/v1/openapi.json": {
        "get": {**operation("readDescription", "This document", {"type": "object"}), "security": []}
    },
    "/api/v1/me": {
        "get": operation(
            "readMe",
            "Who is signed in",
            thing(name=TEXT, email=TEXT, provider=thing(id=TEXT, label=TEXT), groups=TEXTS, session={"type": "object"}),
        )
    },
    "/api/v1/roles": {"get": operation("listRoles", "The roles of whoever asks", thing(roles=many(ref("Role"))))},
    "/api/v1/credentials": {
        "post": operation(
            "issueCredentials",
            "Credentials of a role",
            ref("Credentials"),
            sends={
                **thing(role_arn=_ARN),
                "properties": {"role_arn": _ARN, "duration_minutes": or_null(NUMBER), "mfa_code": TEXT},
            },
        )
    },
    "/api/v1/console": {
        "post": operation(
            "linkToConsole",
            "A link of ours that opens the console in somebody's browser",
            thing(url=TEXT),
            sends={**thing(role_arn=_ARN), "properties": {"role_arn": _ARN, "destination": TEXT}},
        )
    },
    "/api/v1/why": {
        "get": operation(
            "explainMine",
            "Why whoever asks has a role or has it not",
            thing(answer=TEXT, account_id=TEXT, name=TEXT, because=TEXTS, limits=TEXTS),
            {**query("role_arn", "The role"), "required": True},
        )
    },
    f"{_ADMIN}/why": {
        "get": operation(
            "explain",
            "Why somebody has a role or has it not: every rule that was looked at",
            thing(answer=TEXT, person={"type": "object"}, role_arn=TEXT, exists=YES_NO, sentence=TEXT),
            *({**query(name, said), "required": True} for name, said in _WHOSE),
        )
    },
    f"{_ADMIN}/providers": {
        "get": operation(
            "listProviders",
            "How each identity provider stands now: copies of what it says, keys, certificates",
            thing(
                providers=many(ref("Provider")),
                own=many(ref("Certificate")),
                problems=TEXTS,
                waits_for_restart=TEXTS,
            ),
        )
    },
    f"{_ADMIN}/aws": {
        "get": operation(
            "listAccounts",
            "The accounts of the catalog, and the gateway's own",
            thing(accounts=many(thing(id=TEXT, name=TEXT, partition=TEXT, roles=NUMBER))),
        )
    },
    f"{_ADMIN}/aws/{{account}}": {
        "get": operation(
            "readAccount",
            "What AWS must know in this account: providers, trust policies, what signs the gateway's own calls",
            thing(
                account_id=TEXT,
                name=TEXT,
                saml_providers=many(thing(arn=TEXT, name=TEXT)),
                oidc_providers=many(thing(arn=TEXT, url=TEXT, client_ids=TEXTS)),
                roles=many(thing(arn=TEXT, max_seconds=NUMBER, trust_policy={"type": "object"}, notes=TEXTS)),
                policies=many(thing(arn=TEXT, name=TEXT, document={"type": "object"})),
                notes=TEXTS,
                problems=TEXTS,
            ),
            *_ACCOUNT,
        )
    },
    f"{_ADMIN}/aws/{{account}}/{{form}}": {
        "get": operation(
            "exportAccount",
            "The same as a file for JSON's readers, CloudFormation or Terraform",
            {"type": "object"},
            *_ACCOUNT,
            place("form", "Which", {"type": "string", "enum": list(FORMATS)}),
        )
    },
    f"{_ADMIN}/doctor": {
        "get": operation(
            "listDiagnoses",
            "How each role of the catalog stands in AWS",
            thing(roles=many({"type": "object"}), found=NUMBER, page=NUMBER, pages=NUMBER, counts={"type": "object"}),
            query("q", "A part of the name"),
            query("standing", "One mark"),
            query("page", "From 1", {"type": "integer", "minimum": 1, "maximum": 999_999}),
        )
    },
    f"{_ADMIN}/doctor/{{account}}/{{name}}": {"get": operation("readDiagnosis", "One role", ref("Diagnosis"), *_ROLE)},
    f"{_ADMIN}/doctor/{{account}}/{{name}}/look": {
        "post": operation("lookAtRole", "Read its trust policy in AWS now", ref("Diagnosis"), *_ROLE)
    },
    f"{_ADMIN}/doctor/{{account}}/{{name}}/examine": {
        "post": operation(
            "examineDocument", "Judge a trust policy that is sent", ref("Diagnosis"), *_ROLE, sends=thing(document=TEXT)
        )
    },
}
