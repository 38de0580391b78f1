"""Whatever goes wrong, the person who typed `aws` reads our sentence, and the tool does what fits."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from app import errors
from app.errors import GatewayError
from app.native.refusals import renderings
from app.sessions.session import Session
from app.web import errors as web_errors
from app.web import visit
from app.web.visit import visit as this_visit
from tests.core.people import person

ALICE = person("alice", "Developers")
BASE = "https://aws.example.com"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def answered(path: str, error: Exception) -> tuple[int, str, str, dict[str, str]]:
    """Status, AWS's name of it, the sentence, and the headers."""
    app = Flask("refusals")
    visit.install(app)
    web_errors.install(app, {}, renderings(BASE))

    @app.get(path)
    def fail() -> str:
        this_visit().session = Session(ALICE, NOW, NOW, "handle")
        raise error

    answer = app.test_client().get(path)
    body = answer.get_json()
    return answer.status_code, answer.headers["x-amzn-ErrorType"], body["message"], dict(answer.headers)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (errors.SignInRequired("Run: fedgate login"), 401, "UnauthorizedException"),
        (errors.SignInRequired("Again.", reason="passthrough.expired"), 403, "ForbiddenException"),
        (errors.StepUpRequired("Stronger.", mfa=True), 403, "ForbiddenException"),
        (errors.RoleDenied("No."), 403, "ForbiddenException"),
        (errors.MfaCodeRequired("A code."), 403, "ForbiddenException"),
        (errors.AwsRefused("AWS says no."), 403, "ForbiddenException"),
        (errors.InvalidRequest("Wrong."), 400, "InvalidRequestException"),
        (errors.NotFound("Nothing."), 404, "ResourceNotFoundException"),
        (errors.TooManyRequests("Slowly.", retry_after=60), 429, "TooManyRequestsException"),
        (errors.AwsUnavailable("Later."), 503, "ServiceUnavailableException"),
        (errors.StoreUnavailable("Later."), 503, "ServiceUnavailableException"),
        (errors.AuditUnavailable("Later."), 503, "ServiceUnavailableException"),
        (errors.DatabaseUnavailable("Later."), 503, "ServiceUnavailableException"),
        (ValueError("secret"), 500, "ServiceUnavailableException"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_the_portal_says_it_in_awss_shape(error: Exception, status: int, kind: str) -> None:
    found_status, found_kind, said, headers = answered("/federation/credentials", error)
    assert (found_status, found_kind) == (status, kind)
    assert f"(reference {headers['x-amzn-RequestId']})" in said
    assert "fedgate login" not in said
    assert "secret" not in said
    assert headers.get("Retry-After") == ("60" if status == 429 else None)
    assert "WWW-Authenticate" not in headers
    if isinstance(error, GatewayError) and "fedgate" not in error.sentence:
        assert said.startswith(error.sentence)


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (errors.TooManyRequests("Slowly.", retry_after=60), 429, "TooManyRequestsException"),
        (errors.InvalidRequest("Wrong."), 400, "InvalidRequestException"),
        (errors.SignInRequired("Ended."), 401, "InvalidGrantException"),
        (errors.StoreUnavailable("Later."), 503, "InternalServerException"),
        (ValueError("secret"), 500, "InternalServerException"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_the_token_endpoint_says_it_in_awss_shape(error: Exception, status: int, kind: str) -> None:
    found_status, found_kind, said, _ = answered("/token", error)
    assert (found_status, found_kind, "secret" in said) == (status, kind, False)


def test_a_link_leads_to_the_persons_own_provider_and_to_what_is_missing() -> None:
    missing = errors.StepUpRequired("Stronger.", mfa=True, max_age=900)
    said = answered("/federation/credentials", missing)[2]
    assert f"{BASE}/signin/{ALICE.provider}?to=%2F&mfa=1&max_age=900" in said
    again = errors.SignInRequired("Run: fedgate login --force", reason="passthrough.none")
    assert f"{BASE}/signin/{ALICE.provider}?to=%2F and" in answered("/federation/credentials", again)[2]


def test_elsewhere_failures_are_said_as_before() -> None:
    app = Flask("elsewhere")
    visit.install(app)
    web_errors.install(app, {}, renderings(BASE))

    @app.get("/api/v1/me")
    def fail() -> str:
        raise errors.RoleDenied("No.")

    answer = app.test_client().get("/api/v1/me")
    assert answer.mimetype == "application/problem+json"
    assert "x-amzn-ErrorType" not in answer.headers
