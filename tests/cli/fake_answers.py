"""What the small gateway has to say: its roles, and the refusals of the contract."""

from __future__ import annotations

UPDATE_APP = "arn:aws:iam::999999999999:role/UpdateApp"
READ_ONLY = "arn:aws:iam::111111111111:role/team/ReadOnly"
CONSOLE_ONLY = "arn:aws:iam::999999999999:role/Billing"

PROBLEMS = {
    "sign_in_required": 401,
    "step_up_required": 401,
    "role_denied": 403,
    "mfa_code_required": 403,
    "aws_refused": 502,
    "aws_unavailable": 503,
    "store_unavailable": 503,
    "audit_unavailable": 503,
    "provider_unavailable": 424,
    "invalid_request": 400,
    "not_found": 404,
    "too_many_requests": 429,
    "unexpected": 500,
}


def role(arn: str, account_name: str, profile: str, **more: object) -> dict[str, object]:
    name = arn.rsplit("/", 1)[-1]
    account = arn.split(":")[4]
    return {
        "arn": arn,
        "account_id": account,
        "account_name": account_name,
        "name": name,
        "label": name,
        "method": "saml",
        "region": "eu-west-1",
        "max_minutes": 60,
        "console": True,
        "cli": True,
        "profile": profile,
    } | more


def usual_roles() -> list[dict[str, object]]:
    return [
        role(UPDATE_APP, "Production", "production.UpdateApp"),
        role(READ_ONLY, "Development", "development.ReadOnly", region="us-east-1"),
        role(CONSOLE_ONLY, "Production", "production.Billing", cli=False),
    ]
